import { InvariantError, LabwireError } from '../error/index.ts';
import { type EventHandler, EventQueue, EventRing } from './events/index.ts';
import { RandomStream } from './random.ts';
import { describeStorm } from './storm.ts';
import { TaskScheduler } from './tasks.ts';
import { type Nanos, SEC } from './time.ts';

/** How a simulation is set up. */
export interface SimulatorOptions {
  /** Seeds every random stream. Default 1. */
  readonly seed?: number;
  /** Events that one simulated second may hold before the run is ended as a storm. Default 20 million. */
  readonly eventsPerSecond?: number;
  /** Events that may wait at the same time before the run is ended as a storm. Default 500,000. */
  readonly pendingEvents?: number;
}

/** How many events are run between two looks at how many wait, less one: a power of two less one. */
const LOOK_EVERY = 0xff;

/** Simulated time: the clock, the events to come, and the programs that wait for them. */
export class Simulator {
  /** Seeds every random stream. */
  readonly seed: number;
  /** The programs of all machines. */
  readonly tasks: TaskScheduler = new TaskScheduler();
  readonly #queue = new EventQueue();
  readonly #ring = new EventRing();
  readonly #perSecond: number;
  readonly #pending: number;
  readonly #streams = new Map<string, RandomStream>();
  #windowEnd: Nanos = SEC;
  #inWindow = 0;

  constructor(options: SimulatorOptions = {}) {
    this.seed = options.seed ?? 1;
    this.#perSecond = options.eventsPerSecond ?? 20_000_000;
    this.#pending = options.pendingEvents ?? 500_000;
  }

  /** Nanoseconds since the simulation began. */
  get now(): Nanos {
    return this.#queue.now;
  }

  /**
   * Calls `handler.onEvent(kind, arg)` after `delay`; with 0, later in this instant. `kind` is a 32-bit integer.
   * @throws {@link InvariantError} if `delay` is no whole number of nanoseconds, is negative, or exceeds 104 days
   */
  schedule(delay: Nanos, handler: EventHandler, kind: number, arg: unknown): void {
    if (delay === 0) this.#ring.push(handler, kind, arg);
    else this.scheduleCancellable(delay, handler, kind, arg);
  }

  /**
   * As {@link schedule}, with a delay of at least 1.
   * @returns what {@link cancel} takes, until the event has happened
   */
  scheduleCancellable(delay: Nanos, handler: EventHandler, kind: number, arg: unknown): number {
    const exact = Math.floor(delay) === delay && this.now + delay <= Number.MAX_SAFE_INTEGER;
    if (!exact || delay < 1) throw new InvariantError(`an event ${delay} ns ahead`);
    return this.#queue.push(delay, handler, kind, arg);
  }

  /** Takes back an event that has not happened yet. */
  cancel(event: number): void {
    this.#queue.cancel(event);
  }

  /** The random stream of a name; made when first asked for. */
  random(name: string): RandomStream {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new RandomStream(this.seed, name);
      this.#streams.set(name, stream);
    }
    return stream;
  }

  /** How many events wait. */
  get pendingEvents(): number {
    return this.#ring.size + this.#queue.size;
  }

  /** Whether no events wait. */
  get idle(): boolean {
    return this.pendingEvents === 0;
  }

  /** When the next event is due, if that is not later than `until`; else Infinity. For who paces a simulation. */
  nextEventBy(until: Nanos): Nanos {
    if (this.#ring.size > 0) return this.now;
    return this.#queue.dueBy(until) ? this.#queue.firstTime : Infinity;
  }

  /**
   * Runs events up to and including those at `until`, where the clock then stands; or until nothing is left; or to the
   * end of the first instant in which a program is runnable. For packets alone; {@link run} also runs programs.
   * @throws {@link LabwireError} on a storm of events
   */
  runEvents(until: Nanos = Infinity): void {
    const queue = this.#queue;
    const ring = this.#ring;
    for (;;) {
      // What was scheduled for this instant before it came goes before what it brought.
      if (queue.dueNow()) {
        this.#count();
        queue.runFirst();
      } else if (ring.size > 0) {
        this.#count();
        ring.popAndRun();
      } else if (this.tasks.runnable > 0) return;
      else if (queue.dueBy(until)) {
        this.#count();
        queue.runFirst();
      } else break;
    }
    if (until !== Infinity && until > this.now) queue.now = until;
  }

  /**
   * Runs programs and events until `done` holds, nothing is left, or the next event is later than `until`;
   * in the last case the clock stands at `until`. {@link describeWaits} then tells which programs still wait.
   * @throws {@link LabwireError} on a storm of events
   * @throws what a program has thrown
   */
  async run(until: Nanos = Infinity, done: () => boolean = () => false): Promise<void> {
    for (;;) {
      if (this.tasks.runnable > 0) await this.tasks.settle();
      if (done()) return;
      this.runEvents(until);
      if (this.tasks.runnable === 0) return;
    }
  }

  /** The programs that wait and what for, a line each, oldest first: what to say when a run makes no progress. */
  describeWaits(): string[] {
    return this.tasks.parked().map((task) => `${task.name} waits for ${task.waitsFor}`);
  }

  #count(): void {
    if (this.now >= this.#windowEnd) {
      this.#windowEnd = (Math.floor(this.now / SEC) + 1) * SEC;
      this.#inWindow = 0;
    }
    const n = ++this.#inWindow;
    if (n > this.#perSecond)
      this.#storm(`more than ${this.#perSecond} events in a simulated second`);
    if ((n & LOOK_EVERY) === 0 && this.pendingEvents > this.#pending)
      this.#storm(`more than ${this.#pending} events wait`);
  }

  #storm(what: string): never {
    this.#inWindow = 0;
    const pending = [...this.#ring.pendingHandlers(), ...this.#queue.pendingHandlers()];
    throw new LabwireError(describeStorm(what, this.now, pending));
  }
}
