import { POLLIN, type Pollable, WaitQueue } from '@labwire/core/sim';
import { type Process, SIGTERM } from '../../machine/index.ts';

/** Renew: SIGUSR1. */
export const SIGUSR1 = 10;
/** Release: SIGUSR2. */
export const SIGUSR2 = 12;

/** Signals in the order in which they came, for a program that looks for them when it polls. networking/udhcp/signalpipe.c */
export class SignalPipe implements Pollable {
  readonly wq: WaitQueue = new WaitQueue();
  readonly #waiting: number[] = [];

  /** Catches the client's signals in `proc` from now on. */
  attach(proc: Process): void {
    for (const signal of [SIGUSR1, SIGUSR2, SIGTERM])
      proc.handlers.set(signal, () => {
        this.#waiting.push(signal);
        this.wq.wake();
      });
  }

  /** Takes the oldest signal. */
  read(): number | undefined {
    return this.#waiting.shift();
  }

  poll(): number {
    return this.#waiting.length > 0 ? POLLIN : 0;
  }
}
