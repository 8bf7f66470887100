import { InvariantError } from '../error/index.ts';

/** Spins without any progress after which a program must be waiting for something that is not simulated. */
const MAX_IDLE_SPINS = 10_000;

/**
 * The programs that run on simulated machines, as coroutines. Keeps an exact count of the runnable ones:
 * every wait goes through {@link Task.park}, so once the count is zero nothing can happen before the next event.
 */
export class TaskScheduler {
  /** How many tasks are between two waits. */
  runnable = 0;
  /** Grows whenever a task gets somewhere. */
  #progress = 0;
  readonly #living = new Set<Task>();
  readonly #parked = new Set<Task>();
  /** What a program's body threw: a bug, for {@link settle} to report. */
  #failure: { readonly reason: unknown } | undefined;

  /** Notes that a program did something, so that {@link settle} does not take it for stuck. */
  noteProgress(): void {
    this.#progress++;
  }

  /** Starts a program. It first runs when its starter waits, or when the simulator next settles. */
  spawn(name: string, body: (task: Task) => Promise<void>): Task {
    const task = new Task(this, name);
    this.#living.add(task);
    this.runnable++;
    this.#progress++;
    void this.#live(task, body);
    return task;
  }

  async #live(task: Task, body: (task: Task) => Promise<void>): Promise<void> {
    try {
      await null;
      await body(task);
    } catch (e) {
      this.#failure ??= { reason: e };
    } finally {
      task.ended = true;
      this.#living.delete(task);
      this.#progress++;
      this.runnable--;
    }
  }

  /** Lets every runnable program run up to its next wait; by microtasks only. @throws what a program threw */
  async settle(): Promise<void> {
    let mark = -1;
    for (let spins = 0; this.runnable > 0; ) {
      await null;
      if (this.#progress !== mark) {
        mark = this.#progress;
        spins = 0;
      } else if (++spins > MAX_IDLE_SPINS) {
        throw new InvariantError(`${this.#stuck()} awaits something outside the simulation`);
      }
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.reason;
  }

  /** The names of the programs that run without getting anywhere. */
  #stuck(): string {
    const running = [...this.#living].filter((task) => task.waitsFor === undefined);
    return running.map((task) => task.name).join(', ');
  }

  /** The programs that wait, and what for, oldest first. */
  parked(): readonly Task[] {
    return [...this.#parked];
  }

  /** @internal */
  enter(task: Task): void {
    this.#parked.add(task);
    this.#progress++;
    this.runnable--;
  }

  /** @internal */
  leave(task: Task): void {
    this.#parked.delete(task);
    this.runnable++;
  }
}

/** One program's thread of control. */
export class Task {
  readonly name: string;
  /** What the task waits for, in words; undefined while it runs. */
  waitsFor: string | undefined;
  /** Its body has returned or thrown. */
  ended = false;
  readonly #scheduler: TaskScheduler;
  #cut: ((reason: unknown) => void) | undefined;

  constructor(scheduler: TaskScheduler, name: string) {
    this.#scheduler = scheduler;
    this.name = name;
  }

  /**
   * Waits until `wake` is called: the only way in which a program may wait.
   * @param what named when a run can make no progress: `a reply to ICMP echo`
   * @param register arranges for `wake`; returns what undoes that, called if the wait is interrupted
   * @throws the reason given to {@link interrupt}
   */
  park<T>(
    what: string,
    register: (wake: (value: T) => void) => (() => void) | undefined,
  ): Promise<T> {
    let done = false;
    return new Promise<T>((resolve, reject) => {
      this.#scheduler.enter(this);
      this.waitsFor = what;
      const finish = (): boolean => {
        if (done) return false;
        done = true;
        this.#cut = undefined;
        this.waitsFor = undefined;
        this.#scheduler.leave(this);
        return true;
      };
      let undo: (() => void) | undefined;
      this.#cut = (reason) => {
        if (!finish()) return;
        undo?.();
        reject(reason);
      };
      undo = register((value) => {
        if (finish()) resolve(value);
      });
    });
  }

  /** Ends the present wait by throwing `reason` from it. @returns false if the task does not wait. */
  interrupt(reason: unknown): boolean {
    if (this.#cut === undefined) return false;
    this.#cut(reason);
    return true;
  }
}
