/** What expressions become: functions that read a packet. Linux net/netfilter/nf_tables_core.c, `struct nft_regs` */
import { get8 } from '@labwire/core/bytes';
import type { NftPacket } from '../eval/packet.ts';

/** What a number is where the packet has none: the rule ends. NFT_BREAK */
export const BREAK = -1;

/** The widest values that are kept as numbers. */
export const NUMBER_BITS = 48;

/** Reads a value of up to 48 bits. @returns {@link BREAK} where there is none */
export type ReadNumber = (p: NftPacket) => number;

/** Writes a value's bytes, as on the wire. @returns false where there is none */
export type ReadBytes = (p: NftPacket, to: Uint8Array, at: number) => boolean;

/** A compiled expression. */
export interface Loader {
  readonly bits: number;
  /** Bytes that {@link bytes} writes. */
  readonly size: number;
  /** undefined: wider than {@link NUMBER_BITS}. */
  readonly number: ReadNumber | undefined;
  readonly bytes: ReadBytes;
}

/** Writes a number's bytes. */
export function writeNumber(v: number, to: Uint8Array, at: number, size: number): void {
  let rest = v;
  for (let i = size - 1; i >= 0; i--) {
    to[at + i] = rest & 0xff;
    rest = Math.floor(rest / 256);
  }
}

/** A loader of a value that fits a number. */
export function numberLoader(bits: number, number: ReadNumber): Loader {
  const size = Math.ceil(bits / 8);
  return {
    bits,
    size,
    number,
    bytes: (p, to, at) => {
      const v = number(p);
      if (v < 0) return false;
      writeNumber(v, to, at, size);
      return true;
    },
  };
}

/** A loader of a wide value. */
export function bytesLoader(bits: number, bytes: ReadBytes): Loader {
  return { bits, size: Math.ceil(bits / 8), number: undefined, bytes };
}

/** A value's bytes, as on the wire. */
export function bytesOf(value: bigint, bits: number): Uint8Array {
  const size = Math.ceil(bits / 8);
  const out = new Uint8Array(size);
  let v = value;
  for (let i = size - 1; i >= 0; i--) {
    out[i] = Number(v & 0xffn);
    v >>= 8n;
  }
  return out;
}

/** A constant. */
export function constantLoader(value: bigint, bits: number): Loader {
  const own = bytesOf(value, bits);
  const bytes: ReadBytes = (_p, to, at) => {
    to.set(own, at);
    return true;
  };
  const size = own.length;
  if (bits > NUMBER_BITS) return { bits, size, number: undefined, bytes };
  const n = Number(value);
  return { bits, size, number: () => n, bytes };
}

/** Reads bits from bytes. @param offset in bits from `base` */
export function readBits(buf: Uint8Array, base: number, offset: number, bits: number): number {
  const first = base + (offset >>> 3);
  const last = base + ((offset + bits - 1) >>> 3);
  let v = 0;
  for (let i = first; i <= last; i++) v = v * 256 + get8(buf, i);
  const behind = (8 - ((offset + bits) & 7)) & 7;
  return Math.floor(v / 2 ** behind) % 2 ** bits;
}
