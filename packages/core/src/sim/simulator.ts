import { InvariantError, LabwireError } from '../error/index.ts';
import { type EventHandler, EventHeap } from './event-queue.ts';
import { EventRing } from './event-ring.ts';
import { RandomStream } from './random.ts';
import { TaskScheduler } from './tasks.ts';
import { type Nanos, SEC } from './time.ts';

/** How a simulation is set up. */
export interface SimulatorOptions {
  /** Seeds every random stream. Default 1. */
  readonly seed?: number;
  /** Events that one simulated second may hold before the run is ended as a storm. Default 20 million. */
  readonly eventsPerSecond?: number;
}

/** Simulated time: the clock, the events to come, and the programs that wait for them. */
export class Simulator {
  /** Nanoseconds since the simulation began. */
  now: Nanos = 0;
  /** Seeds every random stream. */
  readonly seed: number;
  /** The programs of all machines. */
  readonly tasks: TaskScheduler = new TaskScheduler();
  readonly #heap = new EventHeap();
  readonly #ring = new EventRing();
  readonly #budget: number;
  #streams = new Map<string, RandomStream>();
  #windowEnd: Nanos = SEC;
  #inWindow = 0;

  constructor(options: SimulatorOptions = {}) {
    this.seed = options.seed ?? 1;
    this.#budget = options.eventsPerSecond ?? 20_000_000;
  }

  /** Calls `handler.onEvent(kind, arg)` after `delay`; with 0, later in this instant. */
  schedule(delay: Nanos, handler: EventHandler, kind: number, arg: unknown): void {
    if (delay === 0) this.#ring.push(handler, kind, arg);
    else if (delay > 0) this.#heap.push(this.now + delay, handler, kind, arg);
    else throw new InvariantError(`an event ${delay} ns ahead`);
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

  /** Whether events wait. */
  get idle(): boolean {
    return this.#ring.size === 0 && this.#heap.size === 0;
  }

  /**
   * Runs events up to and including those at `until`, or until a program is runnable or nothing is left.
   * For packets alone; {@link run} also runs programs.
   */
  runEvents(until: Nanos = Infinity): void {
    while (this.tasks.runnable === 0) {
      if (this.#ring.size > 0) {
        this.#count();
        this.#ring.popAndRun();
      } else if (this.#heap.firstTime <= until && this.#heap.size > 0) {
        this.now = this.#heap.firstTime;
        this.#count();
        this.#heap.popAndRun();
      } else break;
    }
  }

  /**
   * Runs programs and events until `done` holds, nothing is left, or the next event is later than `until`;
   * in the last case the clock stands at `until`.
   * @throws {@link LabwireError} on a storm of events
   */
  async run(until: Nanos = Infinity, done: () => boolean = () => false): Promise<void> {
    for (;;) {
      if (this.tasks.runnable > 0) await this.tasks.settle();
      if (done()) return;
      if (this.#ring.size === 0 && (this.#heap.size === 0 || this.#heap.firstTime > until)) break;
      this.runEvents(until);
    }
    if (until !== Infinity && until > this.now) this.now = until;
  }

  #count(): void {
    if (this.now >= this.#windowEnd) {
      this.#windowEnd = (Math.floor(this.now / SEC) + 1) * SEC;
      this.#inWindow = 0;
    }
    if (++this.#inWindow > this.#budget) this.#storm();
  }

  #storm(): never {
    const counts = new Map<string, number>();
    for (const h of [...this.#ring.pendingHandlers(), ...this.#heap.pendingHandlers()]) {
      const name = h.describe?.();
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const busiest = [...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 4)
      .map(([name]) => name);
    this.#inWindow = 0;
    throw new LabwireError(
      `a storm: more than ${this.#budget} events in one simulated second, at ${(this.now / SEC).toFixed(3)} s; ` +
        `frames circle through ${busiest.join(', ') || 'unnamed handlers'}: break the loop or turn on STP`,
    );
  }
}
