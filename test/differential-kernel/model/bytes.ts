/** Bytes to hexadecimal. */
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Hexadecimal to bytes. */
export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

export const get16 = (b: Uint8Array, at: number): number => ((b[at] ?? 0) << 8) | (b[at + 1] ?? 0);

export const get32 = (b: Uint8Array, at: number): number =>
  (get16(b, at) * 0x1_0000 + get16(b, at + 2)) >>> 0;

export function put16(b: Uint8Array, at: number, value: number): void {
  b[at] = value >>> 8;
  b[at + 1] = value;
}

export function put32(b: Uint8Array, at: number, value: number): void {
  put16(b, at, value >>> 16);
  put16(b, at + 2, value & 0xffff);
}

export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The sum of RFC 1071, folded, not inverted. */
export function sum(b: Uint8Array, from = 0, to: number = b.length, start = 0): number {
  let total = start;
  for (let i = from; i < to; i += 2)
    total += ((b[i] ?? 0) << 8) | (i + 1 < to ? (b[i + 1] ?? 0) : 0);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

/** The sum of the pseudo header of a packet whose addresses are at `at`. RFC 9293 section 3.1, RFC 8200 section 8.1 */
export function pseudoSum(addresses: Uint8Array, protocol: number, length: number): number {
  return sum(addresses, 0, addresses.length, protocol + length);
}
