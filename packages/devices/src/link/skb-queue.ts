import { freeSkb, type SkBuff } from '@labwire/core/skb';

/** Packets in a row, first in, first out; it owns them. Linux `struct sk_buff_head` */
export class SkbQueue {
  #first: SkBuff | null = null;
  #last: SkBuff | null = null;
  #length = 0;
  #bytes = 0;

  /** How many packets wait. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes they have. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The packet that is next; stays the queue's. */
  get first(): SkBuff | null {
    return this.#first;
  }

  /** Puts a packet at the end. Takes ownership. */
  push(skb: SkBuff): void {
    skb.next = null;
    if (this.#last === null) this.#first = skb;
    else this.#last.next = skb;
    this.#last = skb;
    this.#length++;
    this.#bytes += skb.len;
  }

  /** Puts a packet before all others. Takes ownership. */
  unshift(skb: SkBuff): void {
    skb.next = this.#first;
    this.#first = skb;
    this.#last ??= skb;
    this.#length++;
    this.#bytes += skb.len;
  }

  /** Takes the next packet, which the caller then owns; null if there is none. */
  shift(): SkBuff | null {
    const skb = this.#first;
    if (skb === null) return null;
    this.#first = skb.next;
    if (this.#first === null) this.#last = null;
    skb.next = null;
    this.#length--;
    this.#bytes -= skb.len;
    return skb;
  }

  /** Frees all packets. */
  purge(): void {
    for (let skb = this.shift(); skb !== null; skb = this.shift()) freeSkb(skb);
  }
}
