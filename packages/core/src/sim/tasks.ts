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
  /** The programs that wait, linked in the order in which they began to. */
  #oldest: Task | null = null;
  #newest: Task | null = null;
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
      this.fail(e);
    } finally {
      task.end();
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
    if (failure === undefined) return;
    this.#failure = undefined;
    throw failure.reason;
  }

  /** The names of the programs that run without getting anywhere. */
  #stuck(): string {
    const running = [...this.#living].filter((task) => task.waitsFor === undefined);
    return running.map((task) => task.name).join(', ');
  }

  /** The programs that wait, and what for, oldest first. */
  parked(): readonly Task[] {
    const tasks: Task[] = [];
    for (let task = this.#oldest; task !== null; task = task.newer) tasks.push(task);
    return tasks;
  }

  /** Notes what {@link settle} is to throw. @internal */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
  }

  /** @internal */
  enter(task: Task): void {
    task.older = this.#newest;
    if (this.#newest === null) this.#oldest = task;
    else this.#newest.newer = task;
    this.#newest = task;
    this.#progress++;
    this.runnable--;
  }

  /** @internal */
  leave(task: Task): void {
    if (task.older === null) this.#oldest = task.newer;
    else task.older.newer = task.newer;
    if (task.newer === null) this.#newest = task.older;
    else task.newer.older = task.older;
    task.older = null;
    task.newer = null;
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
  /** Neighbours among the programs that wait. @internal */
  older: Task | null = null;
  newer: Task | null = null;
  readonly #scheduler: TaskScheduler;
  /** How many waits there have been: a wake for an earlier one does nothing. */
  #waits = 0;
  #resolve: ((value: never) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;
  #undo: (() => void) | undefined;

  constructor(scheduler: TaskScheduler, name: string) {
    this.#scheduler = scheduler;
    this.name = name;
  }

  /**
   * Waits until `wake` is called: the only way in which a program may wait.
   * @param what named when a run can make no progress: `a reply to ICMP echo`
   * @param register arranges for `wake`; returns what undoes that, called if the wait is interrupted
   * @throws the reason given to {@link interrupt}, or what `register` throws
   */
  park<T>(
    what: string,
    register: (wake: (value: T) => void) => (() => void) | undefined,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const wait = this.#begin(what);
      this.#resolve = resolve;
      this.#reject = reject;
      try {
        const undo = register((value) => this.#wake(wait, value));
        if (this.#isAt(wait)) this.#undo = undo;
      } catch (e) {
        if (this.#isAt(wait)) this.#endWait();
        throw e;
      }
    });
  }

  /** Ends the present wait by throwing `reason` from it. @returns false if the task does not wait. */
  interrupt(reason: unknown): boolean {
    if (this.waitsFor === undefined) return false;
    const reject = this.#reject;
    const undo = this.#undo;
    this.#endWait();
    undo?.();
    reject?.(reason);
    return true;
  }

  /** Its body is over; it may have left a wait behind. @internal */
  end(): void {
    this.ended = true;
    if (this.waitsFor !== undefined) this.#endWait();
  }

  #begin(what: string): number {
    if (this.waitsFor !== undefined) {
      const bug = `${this.name} waits for ${what} while it waits for ${this.waitsFor}`;
      this.#scheduler.fail(new InvariantError(bug));
      throw new InvariantError(bug);
    }
    this.#scheduler.enter(this);
    this.waitsFor = what;
    return ++this.#waits;
  }

  #isAt(wait: number): boolean {
    return this.#waits === wait && this.waitsFor !== undefined;
  }

  #wake<T>(wait: number, value: T): void {
    if (!this.#isAt(wait)) return;
    const resolve = this.#resolve as (value: T) => void;
    this.#endWait();
    resolve(value);
  }

  #endWait(): void {
    this.waitsFor = undefined;
    this.#resolve = undefined;
    this.#reject = undefined;
    this.#undo = undefined;
    this.#scheduler.leave(this);
  }
}
