import { type Ipv6Addr, parseIpv6, putIpv6 } from '@labwire/core/addr';
import { put8, put16, put32 } from '@labwire/core/bytes';
import { allocSkb } from '@labwire/core/skb';
import { checksum } from '@labwire/core/wire';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addAddr, Hosts, ip4 } from '../../../../../test/kit/hosts.ts';
import type { NetDevice } from '../../link/index.ts';
import type { Netns } from '../../netns/index.ts';
import { addrAdd } from '../../rtnetlink/index.ts';

const PORT = 5353;
const [FROM, TO] = ['fd00::2', 'fd00::1'].map((text) => parseIpv6(text) as Ipv6Addr) as [
  Ipv6Addr,
  Ipv6Addr,
];

/** One machine, where a socket waits for datagrams of either family. */
function machine() {
  const net = new Hosts();
  const [a, b] = [net.host(), net.host()];
  const [dev] = net.cable(a, 'v0', b, 'v1');
  addAddr(a, 'v0', '10.0.0.1/24');
  const local = parseIpv6('fd00::1');
  const request = { family: 'inet6', ifindex: dev.ifindex, local, prefixLen: 64, flags: 2 };
  addrAdd(a, request as never, { create: true, excl: true });
  const sock = a.udp.open('inet6');
  sock.bind({ addr: parseIpv6('::') as never, port: PORT });
  net.run(3);
  return { net, a, dev, sock };
}

/** A UDP datagram with anything in it; the checksum of IPv4's may be left out. */
function datagram(content: Uint8Array, family: 4 | 6): Uint8Array {
  const udp = new Uint8Array(8 + content.length);
  put16(udp, 0, 1000);
  put16(udp, 2, PORT);
  put16(udp, 4, udp.length);
  udp.set(content, 8);
  if (family === 6) {
    const pseudo = new Uint8Array(40 + udp.length);
    putIpv6(pseudo, 0, FROM);
    putIpv6(pseudo, 16, TO);
    put32(pseudo, 32, udp.length);
    put8(pseudo, 39, 17);
    pseudo.set(udp, 40);
    put16(udp, 6, checksum(pseudo, 0, pseudo.length) || 0xffff);
  }
  return udp;
}

interface Part {
  readonly start: number;
  readonly end: number;
}

/** Bytes `[start, end)` of a datagram as a packet. */
function packet(whole: Uint8Array, { start, end }: Part, family: 4 | 6, id: number): Uint8Array {
  const hlen = family === 4 ? 20 : 48;
  const bytes = new Uint8Array(hlen + end - start);
  const more = end < whole.length ? 1 : 0;
  bytes.set(whole.subarray(start, end), hlen);
  if (family === 4) {
    put16(bytes, 0, 0x4500);
    put16(bytes, 2, bytes.length);
    put16(bytes, 4, id);
    put16(bytes, 6, (more << 13) | (start / 8));
    put16(bytes, 8, 0x4011);
    put32(bytes, 12, ip4('10.0.0.2'));
    put32(bytes, 16, ip4('10.0.0.1'));
    put16(bytes, 10, checksum(bytes, 0, 20));
    return bytes;
  }
  put32(bytes, 0, 0x6000_0000);
  put16(bytes, 4, bytes.length - 40);
  put16(bytes, 6, 0x2c40);
  putIpv6(bytes, 8, FROM);
  putIpv6(bytes, 24, TO);
  put8(bytes, 40, 17);
  put16(bytes, 42, start | more);
  put32(bytes, 44, id);
  return bytes;
}

function deliver(a: Netns, dev: NetDevice, type: number, bytes: Uint8Array): void {
  const skb = allocSkb(bytes.length);
  skb.buf.set(bytes, skb.put(bytes.length));
  const at = skb.push(14);
  put16(skb.buf, at, Math.floor(dev.addr / 0x1_0000_0000));
  put32(skb.buf, at + 2, dev.addr % 0x1_0000_0000);
  put16(skb.buf, at + 12, type);
  skb.dev = dev;
  a.receive(skb);
}

/** A multiple of eight below `length`. */
function placeIn(length: number, draw: number): number {
  return (draw % Math.ceil(length / 8)) * 8;
}

/** The parts a datagram of `length` bytes falls into at multiples of eight. */
function cut(length: number, places: readonly number[]): Part[] {
  const at = places.map((p) => placeIn(length, p));
  const ends = [...new Set([...at, length])].filter((p) => p > 0).sort((a, b) => a - b);
  return ends.map((end, i) => ({ start: ends[i - 1] ?? 0, end }));
}

const cases = fc.record({
  content: fc.uint8Array({ minLength: 9, maxLength: 200, size: 'max' }),
  places: fc.array(fc.nat(26), { minLength: 1, maxLength: 8 }),
  /** Which part comes next; some never do, some twice. */
  order: fc.array(fc.nat(20), { maxLength: 24 }),
  /** Other cuts of the same datagram come between. */
  others: fc.array(fc.tuple(fc.nat(26), fc.integer({ min: 1, max: 6 })), { maxLength: 3 }),
  family: fc.constantFrom<4 | 6>(4, 6),
});

it('puts fragments in any order, doubled, overlapping or missing together to the datagram or to nothing', () => {
  const { net, a, dev, sock } = machine();
  let id = 0;
  let whole = 0;
  const property = fc.property(cases, ({ content, places, order, others, family }) => {
    id++;
    const sent = datagram(content, family);
    const parts = cut(sent.length, places);
    const list = order.map((n) => parts[n % parts.length] as Part);
    for (const [at, eights] of others) {
      const start = placeIn(sent.length, at);
      const end = Math.min(sent.length, start + eights * 8);
      list.splice(at % (list.length + 1), 0, { start, end: Math.max(end, start + 1) });
    }
    for (const part of list)
      deliver(a, dev, family === 4 ? 0x0800 : 0x86dd, packet(sent, part, family, id));
    const got: Uint8Array[] = [];
    for (let m = sock.recv(9000); m !== undefined; m = sock.recv(9000)) got.push(m.data);
    for (const data of got) expect(data).toEqual(content);
    whole += got.length;
    // all parts have come and nothing lay across them
    const complete = parts.every((p) => list.includes(p));
    if (complete && others.length === 0) expect(got.length).toBeGreaterThan(0);
    const covered = content.length + 8 === new Set(list.flatMap(bytesOf)).size;
    if (!covered) expect(got).toEqual([]);
  });
  fc.assert(property, { numRuns: 1000 });
  expect(whole).toBeGreaterThan(100);
  net.run(120);
  const { mib } = a.ipv4;
  expect(mib.ReasmReqds).toBeGreaterThan(0);
});

function bytesOf({ start, end }: Part): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}
