/** Jenkins' hash of bytes. Linux include/linux/jhash.h, jhash() */

const INITVAL = 0xdeadbeef;

function rol(x: number, n: number): number {
  return (x << n) | (x >>> (32 - n));
}

function word(k: Uint8Array, at: number, left: number): number {
  let v = 0;
  for (let i = 0; i < 4 && i < left; i++) v |= (k[at + i] as number) << (8 * i);
  return v;
}

/** Hashes the first `length` bytes of a key. */
export function jhashBytes(key: Uint8Array, length: number, seed: number): number {
  let a = (INITVAL + length + seed) | 0;
  let b = a;
  let c = a;
  let at = 0;
  let left = length;
  while (left > 12) {
    a = (a + word(key, at, 4)) | 0;
    b = (b + word(key, at + 4, 4)) | 0;
    c = (c + word(key, at + 8, 4)) | 0;
    a = ((a - c) ^ rol(c, 4)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rol(a, 6)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rol(b, 8)) | 0;
    b = (b + a) | 0;
    a = ((a - c) ^ rol(c, 16)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rol(a, 19)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rol(b, 4)) | 0;
    b = (b + a) | 0;
    at += 12;
    left -= 12;
  }
  if (left === 0) return c >>> 0;
  a = (a + word(key, at, left)) | 0;
  b = (b + word(key, at + 4, left - 4)) | 0;
  c = (c + word(key, at + 8, left - 8)) | 0;
  c = ((c ^ b) - rol(b, 14)) | 0;
  a = ((a ^ c) - rol(c, 11)) | 0;
  b = ((b ^ a) - rol(a, 25)) | 0;
  c = ((c ^ b) - rol(b, 16)) | 0;
  a = ((a ^ c) - rol(c, 4)) | 0;
  b = ((b ^ a) - rol(a, 14)) | 0;
  c = ((c ^ b) - rol(b, 24)) | 0;
  return c >>> 0;
}
