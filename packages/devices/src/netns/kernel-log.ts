import type { Nanos } from '@labwire/core/sim';

/** One message of the kernel. */
export interface KernelLogEntry {
  /** When, in Nanos since the simulation began. */
  readonly at: Nanos;
  readonly text: string;
}

/** Messages that are kept; a real ring of 256 KiB holds about as many. */
const KEPT = 2000;

/** The kernel's message ring, which `dmesg` prints: the newest messages. */
export class KernelLog {
  #entries: KernelLogEntry[] = [];

  /** Adds a message. */
  add(at: Nanos, text: string): void {
    this.#entries.push({ at, text });
    if (this.#entries.length > 2 * KEPT) this.#entries = this.#entries.slice(-KEPT);
  }

  /** The messages that are kept, oldest first. */
  entries(): readonly KernelLogEntry[] {
    return this.#entries.slice(-KEPT);
  }

  /** Forgets all: `dmesg -C`. */
  clear(): void {
    this.#entries = [];
  }
}
