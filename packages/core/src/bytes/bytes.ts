/**
 * Big-endian access to bytes: the one place that indexes packet buffers.
 * Reading past the end gives 0, writing past it does nothing; callers check bounds once per layer.
 */

/** Reads 8 bits. */
export function get8(buf: Uint8Array, off: number): number {
  return (buf[off] as number) | 0;
}

/** Reads 16 bits. */
export function get16(buf: Uint8Array, off: number): number {
  return ((buf[off] as number) << 8) | (buf[off + 1] as number);
}

/** Reads 32 bits as a signed integer: the form in which IPv4 addresses travel. */
export function get32(buf: Uint8Array, off: number): number {
  return (
    ((buf[off] as number) << 24) |
    ((buf[off + 1] as number) << 16) |
    ((buf[off + 2] as number) << 8) |
    (buf[off + 3] as number)
  );
}

/** Reads 32 bits as an unsigned integer: sequence numbers, lengths, time stamps. */
export function getU32(buf: Uint8Array, off: number): number {
  return get32(buf, off) >>> 0;
}

/** Reads 48 bits as an unsigned integer: the form in which MAC addresses travel. */
export function get48(buf: Uint8Array, off: number): number {
  return get16(buf, off) * 0x1_0000_0000 + getU32(buf, off + 2);
}

/** Writes the low 8 bits of a value. */
export function put8(buf: Uint8Array, off: number, v: number): void {
  buf[off] = v;
}

/** Writes the low 16 bits of a value. */
export function put16(buf: Uint8Array, off: number, v: number): void {
  buf[off] = v >>> 8;
  buf[off + 1] = v;
}

/** Writes the low 32 bits of a value, signed or unsigned. */
export function put32(buf: Uint8Array, off: number, v: number): void {
  buf[off] = v >>> 24;
  buf[off + 1] = v >>> 16;
  buf[off + 2] = v >>> 8;
  buf[off + 3] = v;
}

/** Writes 48 bits of an unsigned integer. */
export function put48(buf: Uint8Array, off: number, v: number): void {
  put16(buf, off, Math.floor(v / 0x1_0000_0000));
  put32(buf, off + 2, v % 0x1_0000_0000);
}
