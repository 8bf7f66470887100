/** Shared by the queues that nobody waits at. */
const NOBODY: readonly (() => void)[] = [];

/** Callbacks that want to know of a change: the counterpart of Linux `wait_queue_head_t`. */
export class WaitQueue {
  /** Replaced, never changed in place: wakes are many, and each goes by the list that it found. */
  #waiters: readonly (() => void)[] = NOBODY;

  /** Calls `fn` at every later {@link wake} until {@link remove}. */
  add(fn: () => void): void {
    this.#waiters = [...this.#waiters, fn];
  }

  /** Stops calling `fn`. */
  remove(fn: () => void): void {
    const i = this.#waiters.indexOf(fn);
    if (i >= 0) this.#waiters = this.#waiters.filter((_, at) => at !== i);
  }

  /** Calls everyone who waits, in the order in which they came. */
  wake(): void {
    const waiters = this.#waiters;
    for (let i = 0; i < waiters.length; i++) (waiters[i] as () => void)();
  }
}

/** Readiness, as poll(2) names it. */
export const POLLIN = 1;
export const POLLOUT = 4;
export const POLLERR = 8;
export const POLLHUP = 16;

/** Something that poll(2) can wait for: a socket, a pipe, a terminal, a child's end. */
export interface Pollable {
  /** What is true now: an or of POLLIN, POLLOUT, POLLERR, POLLHUP. */
  poll(): number;
  /** Woken whenever {@link poll} may have changed. */
  readonly wq: WaitQueue;
}
