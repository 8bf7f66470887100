import type { EventHandler } from './events/index.ts';
import type { Simulator } from './simulator.ts';
import { MS, type Nanos } from './time.ts';

/** What a {@link Timer} calls. */
export interface TimerOwner {
  /** The timer with this `kind` has expired. */
  onTimer(kind: number): void;
}

/** The tick of a kernel with a CONFIG_HZ of 250. */
const TICK: Nanos = 4 * MS;

/** In place of an event: there is none, or it is one of this instant, which cannot be cancelled. */
const NO_EVENT = -1;
const IN_RING = -2;

/**
 * A cancellable timer that is cheap to move: a later deadline only changes a field, and the event already
 * queued looks again when it comes. It never has more than one event in the queue.
 */
export class Timer implements EventHandler {
  readonly #sim: Simulator;
  readonly #owner: TimerOwner;
  readonly #kind: number;
  #deadline: Nanos = -1;
  /** When the event in the queue comes; means nothing without one. */
  #queued: Nanos = -1;
  #event = NO_EVENT;

  constructor(sim: Simulator, owner: TimerOwner, kind: number) {
    this.#sim = sim;
    this.#owner = owner;
    this.#kind = kind;
  }

  /** Whether it will expire. */
  get armed(): boolean {
    return this.#deadline >= 0;
  }

  /** When it will expire, in Nanos since the start; -1 if it is not armed. */
  get deadline(): Nanos {
    return this.#deadline;
  }

  /**
   * (Re)starts it to expire `delay` from now. A negative one is a time that has passed, which a kernel's timer takes for
   * its next tick; what is too far ahead for the clock is as good as never.
   */
  arm(delay: Nanos): void {
    const farthest = Number.MAX_SAFE_INTEGER - this.#sim.now;
    if (delay < 0 || delay > farthest) {
      this.arm(delay < 0 ? TICK : farthest);
      return;
    }
    this.#deadline = this.#sim.now + delay;
    if (this.#event !== NO_EVENT) {
      if (this.#queued <= this.#deadline) return;
      this.#sim.cancel(this.#event);
    }
    this.#enqueue(delay);
  }

  /** Stops it; harmless if it is not armed. */
  cancel(): void {
    this.#deadline = -1;
  }

  onEvent(): void {
    this.#event = NO_EVENT;
    if (this.#deadline < 0) return;
    if (this.#deadline > this.#sim.now) {
      this.#enqueue(this.#deadline - this.#sim.now);
      return;
    }
    this.#deadline = -1;
    this.#owner.onTimer(this.#kind);
  }

  #enqueue(delay: Nanos): void {
    this.#queued = this.#sim.now + delay;
    if (delay === 0) {
      this.#event = IN_RING;
      this.#sim.schedule(0, this, 0, undefined);
    } else this.#event = this.#sim.scheduleCancellable(delay, this, 0, undefined);
  }
}
