import type { Ipv4Addr, Ipv6Addr } from '../addr/index.ts';
import { get8, put16 } from '../bytes/index.ts';

/**
 * The Internet checksum: the one's complement of the one's complement sum of 16-bit words. RFC 1071.
 * A *sum* here is such a sum, folded to 16 bits and not complemented; a *check* is what a header carries.
 */

/** From this many bytes on, reading whole words pays for finding the word view of a buffer. */
const WORDS_PAY = 96;
/** 32-bit words whose upper halves can be added before the sum may overflow. */
const CHUNK = 32_768;

/** The sum is the same in either byte order, but for the order of its own two bytes. RFC 1071 section 2(B). */
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const wordViews = new WeakMap<ArrayBufferLike, Int32Array>();

function wordsOf(buf: Uint8Array): Int32Array {
  let words = wordViews.get(buf.buffer);
  if (words === undefined) {
    words = new Int32Array(buf.buffer, 0, buf.buffer.byteLength >> 2);
    wordViews.set(buf.buffer, words);
  }
  return words;
}

function fold(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

function swap(sum: number): number {
  return ((sum & 0xff) << 8) | (sum >>> 8);
}

/**
 * Adds the 16-bit halves of 32-bit words `[from, to)` of a view, in the platform's byte order; folded. Only the upper
 * halves are cut out: what they leave of the sum of whole words, which may wrap, is the sum of the lower ones.
 */
function sumWords(w: Int32Array, from: number, to: number): number {
  let total = 0;
  let i = from;
  while (i < to) {
    const stop = Math.min(to, i + CHUNK);
    let whole = 0;
    let upper = 0;
    for (const last = stop - 7; i < last; i += 8) {
      const a = w[i] as number;
      const b = w[i + 1] as number;
      const c = w[i + 2] as number;
      const d = w[i + 3] as number;
      const e = w[i + 4] as number;
      const f = w[i + 5] as number;
      const g = w[i + 6] as number;
      const h = w[i + 7] as number;
      whole = (whole + a + b + c + d + e + f + g + h) | 0;
      upper +=
        (a >>> 16) +
        (b >>> 16) +
        (c >>> 16) +
        (d >>> 16) +
        (e >>> 16) +
        (f >>> 16) +
        (g >>> 16) +
        (h >>> 16);
    }
    for (; i < stop; i++) {
      whole = (whole + (w[i] as number)) | 0;
      upper += (w[i] as number) >>> 16;
    }
    total += fold((whole - (upper << 16)) >>> 0) + fold(upper);
  }
  return fold(total);
}

/** Sums by words what lies at any alignment: an odd first byte shifts every pair, which swaps the sum's bytes. */
function sumLong(buf: Uint8Array, words: Int32Array, off: number, len: number): number {
  const odd = (buf.byteOffset + off) & 1;
  const sum = sumEven(buf, words, off + odd, len - odd);
  return odd === 0 ? sum : fold(swap(sum) + (get8(buf, off) << 8));
}

/** The sum of what begins at an even address: of the words in it, and of what is before and behind them. */
function sumEven(buf: Uint8Array, words: Int32Array, off: number, len: number): number {
  const before = (buf.byteOffset + off) & 2;
  const first = (buf.byteOffset + off + before) >> 2;
  const n = (len - before) >> 2;
  const sum = sumWords(words, first, first + n);
  const behind = before + 4 * n;
  const rest = sumShort(buf, off, before) + sumShort(buf, off + behind, len - behind);
  return fold((LITTLE_ENDIAN ? swap(sum) : sum) + rest);
}

function sumShort(buf: Uint8Array, off: number, len: number): number {
  let upper = 0;
  let lower = 0;
  const last = off + len - 1;
  let i = off;
  for (; i < last; i += 2) {
    upper += buf[i] as number;
    lower += buf[i + 1] as number;
  }
  if (i === last) upper += buf[i] as number;
  return fold((upper << 8) + lower);
}

/**
 * The sum of `len` bytes at any alignment, an odd last byte being padded with zero, added to the sum `initial`.
 * The bytes must lie within `buf`.
 * @param words the whole of the memory that `buf` is in, where the caller has them at hand
 */
export function sum16(
  buf: Uint8Array,
  off: number,
  len: number,
  initial = 0,
  words?: Int32Array,
): number {
  const sum =
    len < WORDS_PAY ? sumShort(buf, off, len) : sumLong(buf, words ?? wordsOf(buf), off, len);
  return fold(sum + initial);
}

/** The check of `len` bytes whose own check field holds zero. */
export function checksum(
  buf: Uint8Array,
  off: number,
  len: number,
  initial = 0,
  words?: Int32Array,
): number {
  return ~sum16(buf, off, len, initial, words) & 0xffff;
}

/** Whether `len` bytes that include their check field are intact. */
export function checksumOk(buf: Uint8Array, off: number, len: number, initial = 0): boolean {
  return sum16(buf, off, len, initial) === 0xffff;
}

/** The sum of the IPv4 pseudo-header; `len` is that of the transport header and payload. RFC 9293 section 3.1. */
export function pseudoSum4(
  saddr: Ipv4Addr,
  daddr: Ipv4Addr,
  protocol: number,
  len: number,
): number {
  return fold(
    (saddr >>> 16) + (saddr & 0xffff) + (daddr >>> 16) + (daddr & 0xffff) + protocol + len,
  );
}

function sumAddr6(a: Ipv6Addr): number {
  return (
    (a.w0 >>> 16) +
    (a.w0 & 0xffff) +
    (a.w1 >>> 16) +
    (a.w1 & 0xffff) +
    (a.w2 >>> 16) +
    (a.w2 & 0xffff) +
    (a.w3 >>> 16) +
    (a.w3 & 0xffff)
  );
}

/** The sum of the IPv6 pseudo-header. RFC 8200 section 8.1. */
export function pseudoSum6(
  saddr: Ipv6Addr,
  daddr: Ipv6Addr,
  protocol: number,
  len: number,
): number {
  return fold(sumAddr6(saddr) + sumAddr6(daddr) + (len >>> 16) + (len & 0xffff) + protocol);
}

/** The check after one 16-bit word it covers has changed. RFC 1624 section 3, equation 3. */
export function updateCheck16(check: number, from: number, to: number): number {
  return ~fold((~check & 0xffff) + (~from & 0xffff) + (to & 0xffff)) & 0xffff;
}

/** The check after one 32-bit word it covers, at an even distance from its start, has changed. */
export function updateCheck32(check: number, from: number, to: number): number {
  const sum = (~check & 0xffff) + (~from >>> 16) + (~from & 0xffff) + (to >>> 16) + (to & 0xffff);
  return ~fold(sum) & 0xffff;
}

/**
 * Fills in a transport check of which only the pseudo-header's sum is there (CHECKSUM_PARTIAL): `start` is the
 * transport header, `checkOff` the check field's offset in `buf`. Zero becomes 0xffff, which UDP needs and the
 * others allow. Linux net/core/dev.c, skb_checksum_help().
 */
export function completeChecksum(
  buf: Uint8Array,
  start: number,
  checkOff: number,
  end: number,
): void {
  put16(buf, checkOff, checksum(buf, start, end - start) || 0xffff);
}
