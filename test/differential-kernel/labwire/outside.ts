import { allocSkb, freeSkb, type SkBuff } from '@labwire/core/skb';
import { IFF_NO_PI, IFF_TAP, type TunBackend, TunFile } from '@labwire/devices/link';
import type { Netns } from '@labwire/devices/netns';
import { fromHex, toHex } from '../model/bytes.ts';

const ROOT = { uid: 0, gid: 0 };

/** What stands behind one of the router's TAP devices: hands on what it gets, sends what it is told to. */
export class Outside implements TunBackend {
  readonly #file: TunFile;
  readonly #got: (hex: string) => void;

  constructor(netns: Netns, name: string, got: (hex: string) => void) {
    this.#file = new TunFile(netns);
    this.#file.setIff(name, IFF_TAP | IFF_NO_PI, ROOT);
    this.#file.backend = this;
    this.#got = got;
  }

  send(hex: string): void {
    const bytes = fromHex(hex);
    const skb = allocSkb(bytes.length);
    skb.buf.set(bytes, skb.put(bytes.length));
    this.#file.send(skb);
  }

  transmit(skb: SkBuff): void {
    this.#got(toHex(skb.buf.subarray(skb.data, skb.tail)));
    freeSkb(skb);
  }

  gone(): void {}
}
