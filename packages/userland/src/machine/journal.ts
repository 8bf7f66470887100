import type { Nanos } from '@labwire/core/sim';

/** One message that a program has given to syslog(3). */
export interface JournalEntry {
  /** When, in Nanos since the simulation began. */
  readonly at: Nanos;
  /** LOG_* of syslog(3), as numbers. */
  readonly facility: number;
  readonly priority: number;
  /** The program's name. */
  readonly identifier: string;
  readonly pid: number;
  readonly text: string;
}

/** Messages that are kept. */
const KEPT = 10_000;

/** What programs have logged on a machine: systemd's journal without the kernel's messages. */
export class Journal {
  #entries: JournalEntry[] = [];

  /** Adds a message. */
  add(entry: JournalEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > 2 * KEPT) this.#entries = this.#entries.slice(-KEPT);
  }

  /** The messages that are kept, oldest first. */
  entries(): readonly JournalEntry[] {
    return this.#entries.slice(-KEPT);
  }
}
