/**
 * Sequence numbers as signed 32-bit integers: equal bits are equal numbers, and order is the sign of the
 * difference, which wraps. RFC 9293 section 3.4.
 */

/** Whether `a` comes before `b`. Linux include/net/tcp.h, `before()` */
export function before(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** Whether `a` comes after `b`. */
export function after(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** The later of two. */
export function maxSeq(a: number, b: number): number {
  return ((a - b) | 0) >= 0 ? a : b;
}

/** The earlier of two. */
export function minSeq(a: number, b: number): number {
  return ((a - b) | 0) <= 0 ? a : b;
}

/** Bytes from `a` to `b`; negative if `b` comes first. */
export function distance(a: number, b: number): number {
  return (b - a) | 0;
}
