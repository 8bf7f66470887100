import { POLLERR, POLLIN, POLLOUT, WaitQueue } from '@labwire/core/sim';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import { ETH_HLEN } from '../net-device.ts';
import { SkbQueue } from '../skb-queue.ts';
import type { TapQueue } from '../tap-queue.ts';
import type { TunBackend } from '../tun/index.ts';
import type { Macvtap } from './macvtap.ts';

/** A program's end of a {@link Macvtap}: what opening /dev/tapN gives. Linux drivers/net/tap.c, `struct tap_queue` */
export class MacvtapFile implements TapQueue {
  readonly wq: WaitQueue = new WaitQueue();
  backend: TunBackend | null = null;
  #device: Macvtap | null;
  readonly #queue = new SkbQueue();

  constructor(device: Macvtap) {
    this.#device = device;
  }

  /** The device; null once it is gone. */
  get device(): Macvtap | null {
    return this.#device;
  }

  /** @internal The device has received a frame. Takes ownership. */
  enqueue(skb: SkBuff): void {
    const device = this.#device as Macvtap;
    const most = device.txQueueLen;
    if (this.#queue.length >= most || this.backend?.full?.(most) === true) {
      device.stats.rxDropped++;
      device.drop(skb, 'full_ring');
    } else if (this.backend !== null) this.backend.transmit(skb);
    else {
      this.#queue.push(skb);
      this.wq.wake();
    }
  }

  recv(): SkBuff | null {
    return this.#queue.shift();
  }

  /** Sends a frame out of the device. `tap_get_user()` */
  send(skb: SkBuff): boolean {
    const device = this.#device;
    if (device === null || skb.len < ETH_HLEN) {
      freeSkb(skb);
      return false;
    }
    device.xmit(skb);
    return true;
  }

  poll(): number {
    if (this.#device === null) return POLLERR;
    return POLLOUT | (this.#queue.length === 0 ? 0 : POLLIN);
  }

  /** @internal The device has been deleted. */
  deviceGone(): void {
    this.#device = null;
    this.#queue.purge();
    this.backend?.gone();
    this.wq.wake();
  }

  close(): void {
    const files = this.#device?.files ?? [];
    const at = files.indexOf(this);
    if (at >= 0) files.splice(at, 1);
    this.#device = null;
    this.#queue.purge();
  }
}
