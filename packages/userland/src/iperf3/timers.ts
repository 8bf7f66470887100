/** Timers of a test, in microseconds. Those that are due at once run in the order in which they were set. Source: iperf src/timer.c. */
export class Timers {
  readonly #now: () => number;
  #list: Timer[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Runs `fn` once, or in a row, `micros` from now on. */
  add(micros: number, periodic: boolean, fn: () => Promise<void> | void): Timer {
    const timer: Timer = { at: this.#now() + micros, period: micros, periodic, fn };
    this.#insert(timer);
    return timer;
  }

  #insert(timer: Timer): void {
    const i = this.#list.findIndex((t) => t.at > timer.at);
    this.#list.splice(i < 0 ? this.#list.length : i, 0, timer);
  }

  /** Begins a timer's time anew. */
  reset(timer: Timer): void {
    this.#list = this.#list.filter((t) => t !== timer);
    timer.at = this.#now() + timer.period;
    this.#insert(timer);
  }

  /** Forgets all. */
  clear(): void {
    this.#list = [];
  }

  /** Microseconds until the next one; undefined without any. */
  left(): number | undefined {
    const first = this.#list[0];
    return first === undefined ? undefined : Math.max(0, first.at - this.#now());
  }

  /** Runs those that are due. */
  async run(): Promise<void> {
    const now = this.#now();
    for (let t = this.#list[0]; t !== undefined && t.at <= now; t = this.#list[0]) {
      this.#list.shift();
      if (t.periodic) {
        t.at += t.period;
        this.#insert(t);
      }
      await t.fn();
    }
  }
}

/** One of {@link Timers}. */
export interface Timer {
  at: number;
  readonly period: number;
  readonly periodic: boolean;
  readonly fn: () => Promise<void> | void;
}
