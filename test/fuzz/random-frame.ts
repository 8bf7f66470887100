import { put16, put32, put48 } from '@labwire/core/bytes';
import type { RandomStream } from '@labwire/core/sim';
import { checksum } from '@labwire/core/wire';

/** What frames are made out for. */
export interface Targets {
  readonly macs: readonly number[];
  readonly addrs4: readonly number[];
  /** 16 bytes each. */
  readonly addrs6: readonly Uint8Array[];
}

const MAX = 300;
const PROTOCOLS = [1, 2, 4, 6, 17, 41, 47, 58, 89, 103, 132, 0, 43, 44, 51, 59, 60, 255];
const TYPES = [0x0800, 0x0800, 0x0806, 0x86dd, 0x86dd, 0x8100, 0x88a8, 0x8809, 0x88cc, 0x0026];

/** Makes frames that get far: headers mostly right, the rest anything. */
export class RandomFrames {
  readonly #random: RandomStream;
  readonly #to: Targets;

  constructor(random: RandomStream, to: Targets) {
    this.#random = random;
    this.#to = to;
  }

  below(n: number): number {
    return this.#random.u32() % n;
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  #often(): boolean {
    return this.below(8) !== 0;
  }

  /** One Ethernet frame, from 14 bytes on. */
  next(): Uint8Array {
    const buf = new Uint8Array(MAX);
    for (let i = 0; i < MAX; i += 4) put32(buf, i, this.#random.u32());
    if (this.below(20) === 0) return buf.subarray(0, 14 + this.below(MAX - 14));
    put48(buf, 0, this.#mac());
    if (this.#often()) buf[6] = 2;
    const [at, type] = this.#types(buf);
    const end = this.#payload(buf, at, type);
    const cut = this.below(10) === 0 ? this.below(end + 1) : end;
    return buf.subarray(0, Math.max(14, cut));
  }

  #mac(): number {
    const groups = [0xffff_ffff_ffff, 0x0180_c200_0000, 0x0100_5e00_0001, 0x3333_0000_0001];
    return this.below(3) === 0 ? this.#pick(groups) : this.#pick(this.#to.macs);
  }

  /** Writes tags and the type. @returns where the payload is, and its type */
  #types(buf: Uint8Array): readonly [at: number, type: number] {
    let at = 12;
    for (;;) {
      const type = this.#pick(TYPES);
      put16(buf, at, type);
      at += 2;
      if ((type !== 0x8100 && type !== 0x88a8) || at > 40) return [at, type];
      put16(buf, at, this.below(4) === 0 ? this.#random.u32() : this.below(8));
      at += 2;
    }
  }

  /** @returns where it ends */
  #payload(buf: Uint8Array, at: number, type: number): number {
    if (type === 0x0800) return this.#ip4(buf, at);
    if (type === 0x86dd) return this.#ip6(buf, at);
    if (type === 0x0806) return this.#arp(buf, at);
    if (type === 0x0026) return this.#bpdu(buf, at);
    return at + this.below(MAX - at);
  }

  #arp(buf: Uint8Array, at: number): number {
    put32(buf, at, 0x0001_0800);
    put16(buf, at + 4, 0x0604);
    put16(buf, at + 6, this.below(5));
    if (this.#often()) put32(buf, at + 14, this.#pick(this.#to.addrs4));
    if (this.#often()) put32(buf, at + 24, this.#pick(this.#to.addrs4));
    return at + 28 + this.below(20);
  }

  #bpdu(buf: Uint8Array, at: number): number {
    put16(buf, at, 0x4242);
    buf[at + 2] = 3;
    put16(buf, at + 3, 0);
    buf[at + 5] = this.#pick([0, 0, 2]);
    buf[at + 6] = this.#pick([0, 0, 2, 0x80]);
    return at + 38;
  }

  #ip4(buf: Uint8Array, at: number): number {
    const hlen = this.#often() ? 20 : 20 + 4 * this.below(11);
    const length = hlen + this.below(MAX - at - hlen);
    buf[at] = 0x40 | (hlen / 4);
    put16(buf, at + 2, this.#often() ? length : this.#random.u32());
    put16(buf, at + 4, this.below(4));
    put16(buf, at + 6, this.#often() ? 0 : this.#pick([0x2000, 1, 2, 0x2001, 0x4000, 0x1fff]));
    buf[at + 8] = this.#pick([0, 1, 2, 64, 255]);
    buf[at + 9] = this.#pick(PROTOCOLS);
    put32(buf, at + 12, this.#pick(this.#to.addrs4));
    put32(buf, at + 16, this.#pick(this.#to.addrs4));
    put16(buf, at + 10, 0);
    if (this.#often()) put16(buf, at + 10, checksum(buf, at, hlen));
    this.#message(buf, at + hlen, buf[at + 9] as number, length - hlen);
    return at + length;
  }

  #ip6(buf: Uint8Array, at: number): number {
    const length = this.below(MAX - at - 40);
    put32(buf, at, 0x6000_0000);
    put16(buf, at + 4, this.#often() ? length : this.#random.u32());
    buf[at + 6] = this.#pick(PROTOCOLS);
    buf[at + 7] = this.#pick([0, 1, 64, 255]);
    buf.set(this.#pick(this.#to.addrs6), at + 8);
    buf.set(this.#pick(this.#to.addrs6), at + 24);
    let [next, from] = [buf[at + 6] as number, at + 40];
    for (let i = 0; i < 3 && [0, 43, 44, 60].includes(next) && from + 48 < at + 40 + length; i++) {
      next = buf[from] = this.#pick(PROTOCOLS);
      if (this.#often()) buf[from + 1] = this.below(3);
      from += ((buf[from + 1] as number) + 1) * 8;
    }
    this.#message(buf, from, next, at + 40 + length - from);
    return at + 40 + length;
  }

  /** Makes what IP carries look like something now and then. */
  #message(buf: Uint8Array, at: number, proto: number, length: number): void {
    if (length < 8) return;
    if (proto === 1) {
      buf[at] = this.#pick([0, 3, 5, 8, 11, 12, 13]);
      buf[at + 1] = this.below(16);
      put16(buf, at + 2, 0);
      if (this.#often()) put16(buf, at + 2, checksum(buf, at, length));
    } else if (proto === 58) {
      buf[at] = this.#pick([1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 143]);
      buf[at + 1] = 0;
    } else if (proto === 2) {
      buf[at] = this.#pick([0x11, 0x12, 0x16, 0x17, 0x22]);
      put16(buf, at + 2, 0);
      put16(buf, at + 2, checksum(buf, at, length));
    } else if (proto === 17) {
      put16(buf, at + 2, this.#pick([4789, 7, 53, 68]));
      put16(buf, at + 4, this.#often() ? length : this.#random.u32());
      put16(buf, at + 6, 0);
    } else if (proto === 6) {
      put16(buf, at + 2, 80);
      buf[at + 12] = 0x50;
    }
  }
}
