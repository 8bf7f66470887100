import type { Ipv6Addr } from '@labwire/core/addr';

/** Whether the first `plen` bits of two addresses agree. */
export function samePrefix6(a: Ipv6Addr, b: Ipv6Addr, plen: number): boolean {
  if (plen >= 32 && a.w0 !== b.w0) return false;
  if (plen >= 64 && a.w1 !== b.w1) return false;
  if (plen >= 96 && a.w2 !== b.w2) return false;
  if (plen === 128) return a.w3 === b.w3;
  const rest = plen & 31;
  if (rest === 0) return true;
  const diff =
    plen < 32 ? a.w0 ^ b.w0 : plen < 64 ? a.w1 ^ b.w1 : plen < 96 ? a.w2 ^ b.w2 : a.w3 ^ b.w3;
  return diff >>> (32 - rest) === 0;
}

/** The address with all bits behind the first `plen` cleared. */
export function maskPrefix6(a: Ipv6Addr, plen: number): Ipv6Addr {
  const word = (w: number, i: number): number => {
    const bits = Math.min(32, Math.max(0, plen - 32 * i));
    return bits === 0 ? 0 : w & (-1 << (32 - bits));
  };
  return { w0: word(a.w0, 0), w1: word(a.w1, 1), w2: word(a.w2, 2), w3: word(a.w3, 3) };
}
