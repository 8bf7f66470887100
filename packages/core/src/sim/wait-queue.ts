/** Callbacks that want to know of a change: the counterpart of Linux `wait_queue_head_t`. */
export class WaitQueue {
  #waiters: (() => void)[] = [];

  /** Calls `fn` at every later {@link wake} until {@link remove}. */
  add(fn: () => void): void {
    this.#waiters.push(fn);
  }

  /** Stops calling `fn`. */
  remove(fn: () => void): void {
    const i = this.#waiters.indexOf(fn);
    if (i >= 0) this.#waiters.splice(i, 1);
  }

  /** Calls everyone who waits, in the order in which they came. */
  wake(): void {
    if (this.#waiters.length === 0) return;
    for (const fn of this.#waiters.slice()) fn();
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
