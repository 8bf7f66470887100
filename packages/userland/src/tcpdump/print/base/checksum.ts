import { get16 } from '@labwire/core/bytes';

/** The Internet checksum over a range, added to a pseudo-header's sum; 0 if it is right. */
export function internetSum(buf: Uint8Array, off: number, n: number, initial = 0): number {
  let sum = initial;
  for (let i = 0; i + 1 < n; i += 2) sum += get16(buf, off + i);
  if ((n & 1) === 1) sum += (buf[off + n - 1] as number) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** What a checksum field should hold, from what it holds and the sum over everything. in_cksum_shouldbe() */
export function shouldBe(field: number, sum: number): number {
  let shift = field + sum;
  shift = (shift & 0xffff) + (shift >> 16);
  return (shift + (shift >> 16)) & 0xffff;
}
