import { POLLIN, type Pollable, WaitQueue } from '@labwire/core/sim';
import type { Process } from '../../machine/index.ts';

/** What a caller has the daemon do. */
interface Request {
  /** Runs in the daemon's process. */
  readonly run: () => Promise<void>;
  /** Tells the caller that nobody will run it. */
  readonly abandon: () => void;
}

/** How a request ended. */
type Outcome<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'gone' };

/** Thrown at a caller whose daemon ended before it answered. */
export class DaemonGone extends Error {}

/** Requests of many processes that one process serves, in order: the calls over a daemon's socket. */
export class RequestQueue implements Pollable {
  readonly wq: WaitQueue = new WaitQueue();
  readonly #waiting: Request[] = [];
  #closed = false;

  poll(): number {
    return this.#waiting.length > 0 ? POLLIN : 0;
  }

  /** Has the serving process do something and waits for it. @throws DaemonGone; what `work` throws */
  async call<T>(caller: Process, work: () => Promise<T>): Promise<T> {
    const answered = new WaitQueue();
    const reply: { outcome?: Outcome<T> } = {};
    const settle = (outcome: Outcome<T>) => {
      reply.outcome = outcome;
      answered.wake();
    };
    if (this.#closed) throw new DaemonGone();
    this.#waiting.push({
      run: () => attempt(work, settle),
      abandon: () => settle({ kind: 'gone' }),
    });
    this.wq.wake();
    while (reply.outcome === undefined) await untilWoken(caller, answered);
    const { outcome } = reply;
    if (outcome.kind === 'error') throw outcome.error;
    if (outcome.kind === 'gone') throw new DaemonGone();
    return outcome.value;
  }

  /** Serves what is waiting. */
  async serve(): Promise<void> {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined) return;
      await next.run();
      this.#waiting.shift();
    }
  }

  /** Serves nothing any more. */
  close(): void {
    this.#closed = true;
    for (const { abandon } of this.#waiting.splice(0)) abandon();
  }
}

async function attempt<T>(work: () => Promise<T>, settle: (o: Outcome<T>) => void): Promise<void> {
  try {
    settle({ kind: 'value', value: await work() });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    settle({ kind: 'error', error });
  }
}

function untilWoken(caller: Process, wq: WaitQueue): Promise<void> {
  return caller.park<void>('the answer of libvirtd', (wake) => {
    const fire = () => wake();
    wq.add(fire);
    return () => wq.remove(fire);
  });
}
