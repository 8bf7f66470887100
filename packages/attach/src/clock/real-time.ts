import { MS, type Nanos, SEC, type Simulator, US } from '@labwire/core/sim';

/** Simulated time between two looks at the clock while packets alone are under way. */
const SLICE: Nanos = MS;
/** How long the host's input and output may wait for their turn, in milliseconds. */
const BUDGET = 10;
/** How far simulated time may fall behind before it is let go, in milliseconds. */
const PATIENCE = 250;
/**
 * How far simulated time may be ahead of the time of day, so that an answer that takes a few simulated microseconds leaves in the turn
 * that brought the question. No host sleeps for so short a time anyway.
 */
const AHEAD: Nanos = 100 * US;
/** Longest sleep; somebody may have changed what is due. */
const LONGEST_SLEEP: Nanos = SEC;

/** What belongs to each turn of a {@link RealTime}: the ends of real wires. */
export interface Turn {
  /** Brings in what has come from outside. */
  deliver(): void;
  /** Hands out what has been sent. */
  flush(): void;
}

/** The time of day, as the host keeps it. */
export interface HostClock {
  /** Milliseconds since some moment, with their fraction. */
  now(): number;
  /** After the host's input and output have had their turn. */
  immediately(): Promise<void>;
  /** Ends after `ms`, or when what it has given to `wake` is called. */
  nap(ms: number, wake: (end: () => void) => void): Promise<void>;
}

const HOST: HostClock = {
  now: () => performance.now(),
  immediately: () => new Promise((done) => setImmediate(done)),
  nap: (ms, wake) =>
    new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      wake(() => {
        clearTimeout(timer);
        done();
      });
    }),
};

/**
 * Makes simulated time go as fast as the time of day. When the work takes longer than there is time for, simulated time
 * falls behind and from then on keeps that distance: nothing is skipped and nothing is hurried.
 */
export class RealTime {
  readonly #sim: Simulator;
  #turns: readonly Turn[] = [];
  readonly #onLate: (seconds: number) => void;
  readonly #host: HostClock;
  /** The host's time when simulated time was 0. */
  #origin = 0;
  #late = 0;
  /** Seconds to be lost in all before that is told again. */
  #tellAt = 1;
  #woken = false;
  #endSleep: (() => void) | undefined;

  /** @param onLate is told by how many seconds simulated time is behind in all: when that is one, and each time it has doubled */
  constructor(sim: Simulator, onLate: (seconds: number) => void, host: HostClock = HOST) {
    this.#host = host;
    this.#sim = sim;
    this.#onLate = onLate;
  }

  /** Adds what belongs to each turn. */
  add(turn: Turn): void {
    this.#turns = [...this.#turns, turn];
  }

  /** Takes away what is of no turn any more. */
  remove(turn: Turn): void {
    this.#turns = this.#turns.filter((t) => t !== turn);
  }

  /** Something has come from outside: the next turn is at once. */
  wake(): void {
    this.#woken = true;
    this.#endSleep?.();
  }

  /** Runs until `done`. @throws what a program or the simulator throws */
  async run(done: () => boolean): Promise<void> {
    this.#origin = this.#host.now() - this.#sim.now / MS;
    while (!done()) {
      const behind = await this.#turn(done);
      if (!done()) await (behind ? this.#host.immediately() : this.#sleep());
    }
  }

  /** @returns whether it has not come up with the time of day */
  async #turn(done: () => boolean): Promise<boolean> {
    const sim = this.#sim;
    const began = this.#host.now();
    const target = Math.max(this.#timeOfDay(), sim.now);
    const stop = (): boolean => this.#host.now() - began >= BUDGET || done();
    while (sim.now < target && !stop()) {
      const next = Math.max(sim.now, sim.nextEventBy(target));
      await sim.run(Math.min(target, next + SLICE), stop);
    }
    for (const turn of this.#turns) turn.deliver();
    await sim.run(sim.now >= target ? this.#ahead() : sim.now, stop);
    for (const turn of this.#turns) turn.flush();
    if (sim.now >= target) return false;
    this.#letGo();
    return true;
  }

  #ahead(): Nanos {
    return Math.max(this.#sim.now, this.#timeOfDay() + AHEAD);
  }

  #timeOfDay(): Nanos {
    return Math.floor((this.#host.now() - this.#origin) * MS);
  }

  #letGo(): void {
    const behind = this.#host.now() - this.#origin - this.#sim.now / MS;
    if (behind <= PATIENCE) return;
    this.#origin += behind;
    this.#late += behind / 1000;
    if (this.#late < this.#tellAt) return;
    this.#tellAt = 2 * this.#late;
    this.#onLate(this.#late);
  }

  /** Until the next event is due, or something comes from outside. */
  async #sleep(): Promise<void> {
    const now = this.#timeOfDay();
    const next = Math.min(this.#sim.nextEventBy(now + LONGEST_SLEEP), now + LONGEST_SLEEP);
    if (this.#woken || next - now < MS) await this.#host.immediately();
    else
      await this.#host.nap(Math.floor((next - now) / MS), (end) => {
        this.#endSleep = end;
      });
    this.#woken = false;
  }
}
