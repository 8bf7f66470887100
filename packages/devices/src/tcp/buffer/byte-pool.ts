/** Bytes that are allocated at once. */
const SLAB = 65_536;
/** Larger pieces get an array of their own. */
const MOST = SLAB >> 2;

let slab = new Uint8Array(0);
let used = 0;

/**
 * An array of `n` zero bytes that nobody else has, for data that is handed out. Small ones are cut one after the other
 * from a common slab, which is many times cheaper than an allocation each, and is let go of with the last of them.
 */
export function newBytes(n: number): Uint8Array {
  if (n > MOST) return new Uint8Array(n);
  if (used + n > slab.length) {
    slab = new Uint8Array(SLAB);
    used = 0;
  }
  const bytes = slab.subarray(used, used + n);
  used += n;
  return bytes;
}
