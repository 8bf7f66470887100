import { freeSkb, type SkBuff } from '@labwire/core/skb';
import type { TunBackend, TunFile } from '@labwire/devices/link';
import { NetBackend } from './net-backend.ts';

/** A NIC on a tap of the host. The tap's file belongs to the process, and goes with it. QEMU net/tap.c */
export class TapBackend extends NetBackend implements TunBackend {
  readonly #tun: TunFile;

  constructor(tun: TunFile) {
    super();
    this.#tun = tun;
    tun.backend = this;
  }

  /** The tap's name; undefined once it is gone. */
  get ifname(): string | undefined {
    return this.#tun.device?.name;
  }

  transmit(skb: SkBuff): void {
    if (this.guest === null) freeSkb(skb);
    else this.guest.deliver(skb);
  }

  override receive(skb: SkBuff): void {
    this.#tun.send(skb);
  }

  gone(): void {}

  override close(): void {
    this.#tun.backend = null;
    this.#tun.close();
  }
}
