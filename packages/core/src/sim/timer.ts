import type { EventHandler } from './event-queue.ts';
import type { Simulator } from './simulator.ts';
import type { Nanos } from './time.ts';

/** What a {@link Timer} calls. */
export interface TimerOwner {
  /** The timer with this `kind` has expired. */
  onTimer(kind: number): void;
}

/**
 * A cancellable timer that is cheap to move: a later deadline only changes a field, and the event already
 * queued looks again when it comes. At most one event per earlier deadline is ever queued.
 */
export class Timer implements EventHandler {
  readonly #sim: Simulator;
  readonly #owner: TimerOwner;
  readonly #kind: number;
  #deadline: Nanos = -1;
  #queued: Nanos = -1;
  #generation = 0;

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

  /** (Re)starts it to expire `delay` from now. */
  arm(delay: Nanos): void {
    this.#deadline = this.#sim.now + delay;
    if (this.#queued >= this.#sim.now && this.#queued <= this.#deadline) return;
    this.#enqueue(delay);
  }

  /** Stops it; harmless if it is not armed. */
  cancel(): void {
    this.#deadline = -1;
  }

  onEvent(generation: number): void {
    if (generation !== this.#generation) return;
    this.#queued = -1;
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
    this.#sim.schedule(delay, this, ++this.#generation, undefined);
  }
}
