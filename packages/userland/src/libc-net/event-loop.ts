import type { Nanos, Pollable } from '@labwire/core/sim';
import type { PollItem, Process } from '../machine/index.ts';

/** What a strand waits for: `events` on `on`, or the point of time `until`. */
export interface Wait {
  readonly on?: Pollable;
  readonly events?: number;
  /** Nanos since the start; absent: for ever. */
  readonly until?: Nanos;
}

/** One of many things that a program does side by side: it hands out what it waits for, and gets whether that became ready before the time was over. */
export type Strand<T = void> = Generator<Wait, T, boolean>;

interface Running {
  readonly strand: Strand;
  wait: Wait;
}

/** POLLERR and POLLHUP, which always end a wait. */
const POLL_ALWAYS = 8 | 16;

/** Runs strands of one process over one poll: what a program with an event loop does. */
export class EventLoop {
  readonly #proc: Process;
  #strands: Running[] = [];

  constructor(proc: Process) {
    this.#proc = proc;
  }

  /** How many strands have not ended. */
  get size(): number {
    return this.#strands.length;
  }

  /** Starts a strand and runs it up to its first wait. */
  add(strand: Strand): void {
    const first = strand.next();
    if (first.done !== true) this.#strands.push({ strand, wait: first.value });
  }

  /** Ends a strand where it waits. */
  remove(strand: Strand): void {
    strand.return();
    this.#strands = this.#strands.filter((each) => each.strand !== strand);
  }

  /** Waits for something to become ready, and lets those strands go on. */
  async turn(): Promise<void> {
    const items: PollItem[] = [];
    let until = Infinity;
    for (const { wait } of this.#strands) {
      if (wait.on !== undefined) items.push({ on: wait.on, events: wait.events ?? 0 });
      if (wait.until !== undefined && wait.until < until) until = wait.until;
    }
    const timeout = until === Infinity ? undefined : Math.max(0, until - this.#proc.now);
    await this.#proc.poll(items, timeout, 'a connection or a request');
    for (const running of [...this.#strands])
      if (this.#strands.includes(running)) this.#step(running);
  }

  #step(running: Running): void {
    const { on, events = 0, until = Infinity } = running.wait;
    const ready = on !== undefined && (on.poll() & (events | POLL_ALWAYS)) !== 0;
    if (!ready && this.#proc.now < until) return;
    const next = running.strand.next(ready);
    if (next.done === true) this.#strands = this.#strands.filter((each) => each !== running);
    else running.wait = next.value;
  }
}
