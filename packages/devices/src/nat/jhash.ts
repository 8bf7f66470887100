/** Bob Jenkins' hash as the kernel has it: what it picks must be picked here too. Linux include/linux/jhash.h. */

const INITVAL = 0xdeadbeef;

const rol = (x: number, n: number): number => (x << n) | (x >>> (32 - n));

/** Hashes 32-bit words. @returns unsigned. `jhash2()` */
export function jhash2(words: readonly number[], initval: number): number {
  let a = (INITVAL + (words.length << 2) + initval) | 0;
  let b = a;
  let c = a;
  let i = 0;
  for (; words.length - i > 3; i += 3) {
    a = (a + (words[i] as number)) | 0;
    b = (b + (words[i + 1] as number)) | 0;
    c = (c + (words[i + 2] as number)) | 0;
    a = (a - c) ^ rol(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rol(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rol(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rol(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rol(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rol(b, 4);
    b = (b + a) | 0;
  }
  const left = words.length - i;
  if (left === 0) return c >>> 0;
  if (left > 2) c = (c + (words[i + 2] as number)) | 0;
  if (left > 1) b = (b + (words[i + 1] as number)) | 0;
  a = (a + (words[i] as number)) | 0;
  c = ((c ^ b) - rol(b, 14)) | 0;
  a = ((a ^ c) - rol(c, 11)) | 0;
  b = ((b ^ a) - rol(a, 25)) | 0;
  c = ((c ^ b) - rol(b, 16)) | 0;
  a = ((a ^ c) - rol(c, 4)) | 0;
  b = ((b ^ a) - rol(a, 14)) | 0;
  c = ((c ^ b) - rol(b, 24)) | 0;
  return c >>> 0;
}

/** A 32-bit number scaled into `[0, n)`. `reciprocal_scale()` */
export function reciprocalScale(x: number, n: number): number {
  return Number((BigInt(x >>> 0) * BigInt(n >>> 0)) >> 32n);
}

/** The bytes of a 32-bit word in the other order: a network word as a little-endian CPU reads it. */
export function swab32(x: number): number {
  return (x << 24) | ((x & 0xff00) << 8) | ((x >>> 8) & 0xff00) | (x >>> 24) | 0;
}
