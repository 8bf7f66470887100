import { POLLIN, type Pollable, WaitQueue } from '@labwire/core/sim';
import type { Process } from '../machine/index.ts';

/** A flag that a signal handler sets and that a wait can be woken by: signalfd(2) for programs that go on after a signal. */
export class SignalFlag implements Pollable {
  readonly wq: WaitQueue = new WaitQueue();
  raised = false;

  /** Catches `signals` from now on, whatever they did before. */
  static catch(proc: Process, ...signals: readonly number[]): SignalFlag {
    const flag = new SignalFlag();
    for (const signal of signals) proc.handlers.set(signal, () => flag.raise());
    return flag;
  }

  /** Sets the flag and wakes whoever waits for it. */
  raise(): void {
    this.raised = true;
    this.wq.wake();
  }

  poll(): number {
    return this.raised ? POLLIN : 0;
  }
}
