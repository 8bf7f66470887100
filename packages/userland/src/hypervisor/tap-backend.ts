import { freeSkb, type SkBuff } from '@labwire/core/skb';
import type { TapQueue, TunBackend } from '@labwire/devices/link';
import { NetBackend } from './net-backend.ts';

/** A NIC on a tap or macvtap of the host. Its file belongs to the process, and goes with it. QEMU net/tap.c */
export class TapBackend extends NetBackend implements TunBackend {
  readonly #tun: TapQueue;

  constructor(tun: TapQueue) {
    super();
    this.#tun = tun;
    tun.backend = this;
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
