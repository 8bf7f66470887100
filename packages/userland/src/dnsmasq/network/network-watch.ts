import { POLLIN, type WaitQueue } from '@labwire/core/sim';
import { installFd } from '../../libc-net/index.ts';
import type { OpenFile, Process } from '../../machine/index.ts';

type Changes = Process['netns']['changes'];

/** The descriptor that tells of changed addresses and devices. dnsmasq src/netlink.c, netlink_init() */
export class NetworkWatch implements OpenFile {
  readonly isTty = false;
  readonly #changes: Changes;
  #seen: number;

  constructor(proc: Process) {
    this.#changes = proc.netns.changes;
    this.#seen = this.#changes.count;
    installFd(proc, this);
  }

  get wq(): WaitQueue {
    return this.#changes.wq;
  }

  poll(): number {
    return this.#changes.count === this.#seen ? 0 : POLLIN;
  }

  /** @returns whether something has changed since the last time */
  take(): boolean {
    const { count } = this.#changes;
    const changed = count !== this.#seen;
    this.#seen = count;
    return changed;
  }

  read(): Uint8Array {
    this.take();
    return new Uint8Array(0);
  }

  write(data: Uint8Array): number {
    return data.length;
  }

  ref(): void {}

  unref(): void {}
}
