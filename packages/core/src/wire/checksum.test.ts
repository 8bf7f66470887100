import fc from 'fast-check';
import { expect, it } from 'vitest';
import { getIpv6, type Ipv4Addr, ipv6, putIpv6 } from '../addr/index.ts';
import { get16, get32, put16, put32 } from '../bytes/index.ts';
import {
  checksum,
  checksumOk,
  completeChecksum,
  pseudoSum4,
  pseudoSum6,
  sum16,
  updateCheck16,
  updateCheck32,
} from './index.ts';

/** RFC 1071 section 4.1, as slowly as it can be said. */
function naiveSum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += (bytes[i] as number) * 256 + (bytes[i + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

/** Zero has two names in one's complement. */
const same = (a: number, b: number) => a % 0xffff === b % 0xffff;

it('sums the example of RFC 1071 section 3', () => {
  const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  expect(sum16(bytes, 0, 8)).toBe(0xddf2);
  expect(checksum(bytes, 0, 8)).toBe(0x220d);
});

it('sums as RFC 1071 says at any alignment and length', () => {
  const bytes = fc.uint8Array({ maxLength: 400 });
  const skip = fc.integer({ min: 0, max: 9 });
  fc.assert(
    fc.property(
      bytes,
      skip,
      skip,
      fc.integer({ min: 0, max: 0xffff }),
      (b, start, cut, initial) => {
        const whole = new Uint8Array(b.length + 20).fill(0xff);
        whole.set(b, start);
        const view = new Uint8Array(whole.buffer, start); // the view itself may start at an odd address
        const off = Math.min(cut, b.length);
        const len = b.length - off;
        const want = naiveSum([...b.subarray(off)]) + initial;
        expect(same(sum16(view, off, len, initial), want)).toBe(true);
        expect(same(sum16(whole, start + off, len, initial), want)).toBe(true);
        const words = new Int32Array(whole.buffer, 0, whole.length >> 2);
        expect(sum16(view, off, len, initial, words)).toBe(sum16(view, off, len, initial));
        expect(sum16(view, off, len, initial)).toBeLessThanOrEqual(0xffff);
      },
    ),
    { numRuns: 500 },
  );
});

it('does not overflow on many bytes', () => {
  const all = new Uint8Array(400_000).fill(0xff);
  expect(sum16(all, 0, all.length, 0xffff)).toBe(0xffff);
  expect(sum16(all, 1, all.length - 1, 0xffff)).toBe(naiveSum([...all.subarray(1)]));
});

it('finds a check that it made to be right, and any changed bit to be wrong', () => {
  const bytes = fc.uint8Array({ minLength: 4, maxLength: 300 });
  fc.assert(
    fc.property(bytes, fc.nat(), (b, bit) => {
      put16(b, 2, 0);
      put16(b, 2, checksum(b, 0, b.length));
      expect(checksumOk(b, 0, b.length)).toBe(true);
      const at = bit % (b.length * 8);
      b[at >> 3] = (b[at >> 3] as number) ^ (1 << (at & 7));
      expect(checksumOk(b, 0, b.length)).toBe(false);
    }),
  );
});

it('updates a check for a changed word as if it had been made afresh', () => {
  const bytes = fc.uint8Array({ minLength: 12, maxLength: 40 });
  fc.assert(
    fc.property(bytes, fc.integer(), fc.integer({ min: 0, max: 3 }), (b, v, word) => {
      put16(b, 0, 0);
      b[2] = 1; // bytes that are all zero have no check to speak of: RFC 1624 section 4
      const check = checksum(b, 0, b.length);
      const at = 4 + 2 * word;
      const before16 = get16(b, at);
      const before32 = get32(b, at);
      put16(b, at, v);
      expect(updateCheck16(check, before16, v)).toBe(checksum(b, 0, b.length));
      put16(b, at, before16);
      if (at + 4 > b.length) return;
      put32(b, at, v);
      expect(updateCheck32(check, before32, v)).toBe(checksum(b, 0, b.length));
    }),
  );
});

it('computes the pseudo-headers that it would from their bytes', () => {
  const len = fc.integer({ min: 0, max: 0xffff });
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(bytes, len, fc.integer({ min: 0, max: 255 }), (addrs, n, protocol) => {
      const saddr = get32(addrs, 0) as Ipv4Addr;
      const daddr = get32(addrs, 4) as Ipv4Addr;
      const four = [...addrs.subarray(0, 8), 0, protocol, n >> 8, n & 255];
      expect(same(pseudoSum4(saddr, daddr, protocol, n), naiveSum(four))).toBe(true);
      const six = [...addrs, 0, n >> 16, (n >> 8) & 255, n & 255, 0, 0, 0, protocol];
      const sum6 = pseudoSum6(getIpv6(addrs, 0), getIpv6(addrs, 16), protocol, n);
      expect(same(sum6, naiveSum(six))).toBe(true);
    }),
  );
});

it('completes a partial checksum, writing 0xffff for zero', () => {
  const buf = Uint8Array.of(0xff, 0xff, 0x12, 0x34, 0, 0, 0x56, 0x78);
  const pseudo = pseudoSum4(0x0a000001 as Ipv4Addr, 0x0a000002 as Ipv4Addr, 17, 6);
  put16(buf, 4, pseudo);
  completeChecksum(buf, 2, 4, 8);
  expect(checksumOk(buf, 2, 6, pseudo)).toBe(true);
  const zero = Uint8Array.of(0xff, 0xff, 0, 0);
  completeChecksum(zero, 0, 2, 4);
  expect(get16(zero, 2)).toBe(0xffff);
});

it('an IPv6 sum does not depend on which address is the source', () => {
  const a = ipv6(0xfe800000, 0, 0, 1);
  const buf = new Uint8Array(16);
  putIpv6(buf, 0, a);
  expect(pseudoSum6(a, ipv6(1, 2, 3, 4), 58, 70_000)).toBe(
    pseudoSum6(ipv6(1, 2, 3, 4), getIpv6(buf, 0), 58, 70_000),
  );
});
