import type { Ipv4Addr, Ipv6Addr } from '@labwire/core/addr';
import { put8, put16, put32 } from '@labwire/core/bytes';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import { checksum, checksumOk, ipv4ChecksumOk, pseudoSum4, pseudoSum6 } from '@labwire/core/wire';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Tuple } from '../conntrack/tuple.ts';
import { manglePacket } from './mangle.ts';

const TCP = 6;
const UDP = 17;
const ICMP = 1;
const ICMPV6 = 58;
/** Where each protocol has its checksum. */
const CHECK: Readonly<Record<number, number>> = { [TCP]: 16, [UDP]: 6, [ICMP]: 2, [ICMPV6]: 2 };

const addr4 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }) as fc.Arbitrary<Ipv4Addr>;
const word = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const addr6 = fc.record({ w0: word, w1: word, w2: word, w3: word }) as fc.Arbitrary<Ipv6Addr>;
const port = fc.integer({ min: 0, max: 65_535 });
const payload = fc.uint8Array({ minLength: 20, maxLength: 80 });

function pseudo(src: Ipv4Addr | Ipv6Addr, dst: Ipv4Addr | Ipv6Addr, proto: number, len: number) {
  if (proto === ICMP) return 0;
  return typeof src === 'number'
    ? pseudoSum4(src, dst as Ipv4Addr, proto, len)
    : pseudoSum6(src, dst as Ipv6Addr, proto, len);
}

/** Writes a transport header with a right checksum over whatever bytes are there. */
function transport(skb: SkBuff, th: number, t: Tuple): void {
  const { buf } = skb;
  const len = skb.tail - th;
  if (t.proto === ICMP) put16(buf, th, 0x0800);
  else if (t.proto === ICMPV6) put16(buf, th, 0x8000);
  else {
    put16(buf, th, t.sport);
    put16(buf, th + 2, t.dport);
  }
  const at = th + (CHECK[t.proto] as number);
  put16(buf, at, 0);
  const sum = checksum(buf, th, len, pseudo(t.src, t.dst, t.proto, len));
  put16(buf, at, sum === 0 && t.proto === UDP ? 0xffff : sum);
}

function packet(t: Tuple, data: Uint8Array): { readonly skb: SkBuff; readonly th: number } {
  const isV4 = typeof t.src === 'number';
  const hlen = isV4 ? 20 : 40;
  const skb = allocSkb(hlen + data.length);
  skb.nh = skb.put(hlen + data.length);
  const { buf, nh } = skb;
  buf.fill(0, nh, nh + hlen);
  buf.set(data, nh + hlen);
  if (isV4) header4(buf, nh, t, hlen + data.length);
  else header6(buf, nh, t, data.length);
  transport(skb, nh + hlen, t);
  return { skb, th: nh + hlen };
}

function header4(buf: Uint8Array, nh: number, t: Tuple, len: number): void {
  put8(buf, nh, 0x45);
  put16(buf, nh + 2, len);
  put8(buf, nh + 8, 64);
  put8(buf, nh + 9, t.proto);
  put32(buf, nh + 12, t.src as number);
  put32(buf, nh + 16, t.dst as number);
  put16(buf, nh + 10, checksum(buf, nh, 20));
}

function header6(buf: Uint8Array, nh: number, t: Tuple, len: number): void {
  put8(buf, nh, 0x60);
  put16(buf, nh + 4, len);
  put8(buf, nh + 6, t.proto);
  put8(buf, nh + 7, 64);
  for (const [at, a] of [
    [8, t.src],
    [24, t.dst],
  ] as const) {
    const { w0, w1, w2, w3 } = a as Ipv6Addr;
    for (const [i, w] of [w0, w1, w2, w3].entries()) put32(buf, nh + at + 4 * i, w);
  }
}

function check(t: Tuple, data: Uint8Array, to: Tuple, manip: 'src' | 'dst'): void {
  const { skb, th } = packet(t, data);
  manglePacket(skb, skb.nh, to, manip);
  const src = manip === 'src' ? to.src : t.src;
  const dst = manip === 'src' ? t.dst : to.dst;
  const len = skb.tail - th;
  expect(checksumOk(skb.buf, th, len, pseudo(src, dst, t.proto, len))).toBe(true);
  if (typeof src === 'number') expect(ipv4ChecksumOk(skb.buf, skb.nh)).toBe(true);
}

const manip = fc.constantFrom('src' as const, 'dst' as const);

it('mends IPv4 checksums to what computing them anew gives', () => {
  const tuple = fc.record({
    src: addr4,
    dst: addr4,
    sport: port,
    dport: port,
    proto: fc.constantFrom(TCP, UDP, ICMP),
  });
  fc.assert(
    fc.property(tuple, tuple, payload, manip, (t, to, data, m) =>
      check(t, data, { ...to, proto: t.proto }, m),
    ),
  );
});

it('mends IPv6 checksums to what computing them anew gives', () => {
  const tuple = fc.record({
    src: addr6,
    dst: addr6,
    sport: port,
    dport: port,
    proto: fc.constantFrom(TCP, UDP, ICMPV6),
  });
  fc.assert(
    fc.property(tuple, tuple, payload, manip, (t, to, data, m) =>
      check(t, data, { ...to, proto: t.proto }, m),
    ),
  );
});
