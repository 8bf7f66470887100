import { freeSkb, type SkBuff } from '@labwire/core/skb';
import { IFF_VNET_HDR, type TapQueue, type TunBackend, TunFile } from '@labwire/devices/link';
import { NetBackend } from './net-backend.ts';

/** A NIC on a tap or macvtap of the host. Its file belongs to the process, and goes with it. QEMU net/tap.c */
export class TapBackend extends NetBackend implements TunBackend {
  readonly #tun: TapQueue;

  constructor(tun: TapQueue) {
    super();
    this.#tun = tun;
    tun.backend = this;
  }

  override get superSegments(): boolean {
    const device = this.#tun instanceof TunFile ? this.#tun.device : null;
    return device !== null && (device.tunFlags & IFF_VNET_HDR) !== 0;
  }

  override setOffload(superSegments: boolean): void {
    if (this.#tun instanceof TunFile && this.#tun.device !== null)
      this.#tun.setOffload(superSegments);
  }

  full(most: number): boolean {
    return this.guest?.isBehind(most) === true;
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
