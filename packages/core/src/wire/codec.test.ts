import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ipv4Addr, ipv6, type MacAddr } from '../addr/index.ts';
import {
  ArpHeader,
  checkArp,
  checkEthernet,
  checkIcmp,
  checkIcmpv6,
  checkIpv4,
  checkIpv6,
  checkTcp,
  checkUdp,
  checkVlan,
  EthernetHeader,
  findIpv6Option,
  IcmpHeader,
  Ipv4Header,
  Ipv6Chain,
  Ipv6Header,
  icmpChecksumOk,
  icmpv6ChecksumOk,
  igmp3ReportLength,
  igmpLength,
  ipv4ChecksumOk,
  ipv4Length,
  mld2ReportLength,
  mldLength,
  ndMessageLength,
  readArp,
  readEthernet,
  readIcmp,
  readIcmpv6,
  readIgmp,
  readIgmp3Report,
  readIpv4,
  readIpv6,
  readIpv6Fragment,
  readMld,
  readMld2Report,
  readNdMessage,
  readStun,
  readStunAddress,
  readTcp,
  readTcpOptions,
  readUdp,
  readVlan,
  STUN_ATTR_XOR_MAPPED_ADDRESS,
  stunAddressAttribute,
  stunLength,
  TcpHeader,
  TcpOptions,
  UdpHeader,
  walkIpv6,
  writeArp,
  writeEthernet,
  writeIcmp,
  writeIcmpv6,
  writeIgmp,
  writeIgmp3Report,
  writeIpv4,
  writeIpv6,
  writeIpv6Fragment,
  writeMld,
  writeMld2Report,
  writeNdMessage,
  writeStun,
  writeTcp,
  writeUdp,
  writeVlan,
} from './index.ts';

/** How a protocol is written and read, for the properties that hold for all of them. */
interface Codec<F> {
  readonly fields: fc.Arbitrary<F>;
  /** Bytes that `write` writes. */
  length(f: F): number;
  /** Bytes of payload that the header claims and that are therefore put behind it. */
  claimed?(f: F): number;
  write(buf: Uint8Array, off: number, f: F): unknown;
  /** What one layer does with unknown bytes: undefined if they are rejected. */
  read(buf: Uint8Array, off: number, end: number): F | undefined;
}

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const mac = fc.integer({ min: 0, max: 0xffff_ffff_ffff }) as fc.Arbitrary<MacAddr>;
const addr4 = fc.integer() as fc.Arbitrary<Ipv4Addr>;
const addr6 = fc.tuple(u32, u32, u32, u32).map(([a, b, c, d]) => ipv6(a, b, c, d));
const addrs6 = fc.array(addr6, { maxLength: 3 });

/** Reads if the layer's check passes. */
const checked =
  <F>(
    check: (buf: Uint8Array, off: number, end: number) => string | undefined,
    read: (buf: Uint8Array, off: number) => F,
  ) =>
  (buf: Uint8Array, off: number, end: number): F | undefined =>
    check(buf, off, end) === undefined ? read(buf, off) : undefined;

const fixed = (n: number) => () => n;

const ndPrefix = fc.record({
  prefix: addr6,
  plen: u8,
  onLink: fc.boolean(),
  autonomous: fc.boolean(),
  validLifetime: u32,
  preferredLifetime: u32,
});
const ndOptions = fc.record(
  {
    sourceLladdr: mac,
    targetLladdr: mac,
    mtu: u32,
    nonce: fc.constantFrom(6, 14).chain((n) => fc.uint8Array({ minLength: n, maxLength: n })),
    prefixes: fc.array(ndPrefix, { minLength: 1, maxLength: 2 }),
    rdnss: fc.record({ lifetime: u32, servers: fc.array(addr6, { minLength: 1, maxLength: 2 }) }),
  },
  { requiredKeys: [] },
);

const codec = <F>(c: Codec<F>): Codec<unknown> => c as Codec<unknown>;

const CODECS: Record<string, Codec<unknown>> = {
  Ethernet: codec({
    fields: fc.record({ dst: mac, src: mac, type: u16 }),
    length: fixed(14),
    write: writeEthernet,
    read: checked(checkEthernet, readEthernet),
  }),
  VLAN: codec({
    fields: fc.record({
      pcp: fc.integer({ min: 0, max: 7 }),
      dei: fc.boolean(),
      vid: fc.integer({ min: 0, max: 4095 }),
      type: u16,
    }),
    length: fixed(4),
    write: writeVlan,
    read: checked(checkVlan, readVlan),
  }),
  ARP: codec({
    fields: fc.record({ op: u16, sha: mac, spa: addr4, tha: mac, tpa: addr4 }),
    length: fixed(28),
    write: writeArp,
    read: checked(checkArp, readArp),
  }),
  IPv4: codec({
    fields: fc
      .record({
        tos: u8,
        payload: fc.integer({ min: 0, max: 40 }),
        id: u16,
        fragOff: u16,
        ttl: u8,
        protocol: u8,
        saddr: addr4,
        daddr: addr4,
        optionWords: fc.option(fc.uint8Array({ minLength: 4, maxLength: 40 }), { nil: undefined }),
      })
      .map(({ payload, optionWords, ...f }) => {
        const options = optionWords?.slice(0, optionWords.length & ~3);
        return { ...f, options, totLen: ipv4Length(options) + payload };
      }),
    length: (f) => ipv4Length(f.options),
    claimed: (f) => f.totLen - ipv4Length(f.options),
    write: writeIpv4,
    read: checked(checkIpv4, readIpv4),
  }),
  UDP: codec({
    fields: fc.record({
      sport: u16,
      dport: u16,
      len: fc.integer({ min: 8, max: 60 }),
      check: u16,
    }),
    length: fixed(8),
    claimed: (f) => f.len - 8,
    write: writeUdp,
    read: checked(checkUdp, readUdp),
  }),
  ICMP: codec({
    fields: fc.record({ type: u8, code: u8, rest: u32 }),
    length: fixed(8),
    write: (buf, off, f) => writeIcmp(buf, off, f, off + 8),
    read: checked(checkIcmp, readIcmp),
  }),
  TCP: codec({
    fields: fc.record({
      sport: u16,
      dport: u16,
      seq: u32,
      ack: u32,
      hlen: fc.integer({ min: 5, max: 15 }).map((n) => 4 * n),
      flags: u8,
      window: u16,
      check: u16,
      urgPtr: u16,
    }),
    length: fixed(20),
    claimed: (f) => f.hlen - 20,
    write: writeTcp,
    read: checked(checkTcp, readTcp),
  }),
  IPv6: codec({
    fields: fc.record({
      trafficClass: u8,
      flowLabel: fc.integer({ min: 0, max: 0xfffff }),
      payloadLen: fc.integer({ min: 0, max: 64 }),
      nextHeader: u8,
      hopLimit: u8,
      saddr: addr6,
      daddr: addr6,
    }),
    length: fixed(40),
    claimed: (f) => f.payloadLen,
    write: writeIpv6,
    read: checked(checkIpv6, readIpv6),
  }),
  'IPv6 fragment': codec({
    fields: fc.record({
      nextHeader: u8,
      offset: fc.integer({ min: 0, max: 8191 }).map((n) => 8 * n),
      more: fc.boolean(),
      id: u32,
    }),
    length: fixed(8),
    write: writeIpv6Fragment,
    read: (buf, off, end) => (end - off < 8 ? undefined : readIpv6Fragment(buf, off)),
  }),
  ICMPv6: codec({
    fields: fc.record({ type: u8, code: u8, rest: u32 }),
    length: fixed(8),
    write: writeIcmpv6,
    read: checked(checkIcmpv6, readIcmpv6),
  }),
  'neighbour discovery': codec({
    fields: fc.oneof(
      fc.record({ type: fc.constant(133 as const), options: ndOptions }),
      fc.record({
        type: fc.constant(134 as const),
        curHopLimit: u8,
        managed: fc.boolean(),
        other: fc.boolean(),
        routerLifetime: u16,
        reachableTime: u32,
        retransTimer: u32,
        options: ndOptions,
      }),
      fc.record({ type: fc.constant(135 as const), target: addr6, options: ndOptions }),
      fc.record({
        type: fc.constant(136 as const),
        target: addr6,
        router: fc.boolean(),
        solicited: fc.boolean(),
        override: fc.boolean(),
        options: ndOptions,
      }),
    ),
    length: ndMessageLength,
    write: writeNdMessage,
    read: readNdMessage,
  }),
  'MLD query, report, done': codec({
    fields: fc.oneof(
      fc.record({
        type: fc.constantFrom(130, 131, 132),
        maxDelay: u16,
        group: addr6,
        v2: fc.constant(undefined),
      }),
      fc.record({
        type: fc.constant(130),
        maxDelay: u16,
        group: addr6,
        v2: fc.record({ flags: u8, qqic: u8, sources: addrs6 }),
      }),
    ),
    length: mldLength,
    write: writeMld,
    read: readMld,
  }),
  'MLDv2 report': codec({
    fields: fc.array(fc.record({ type: u8, group: addr6, sources: addrs6 }), { maxLength: 3 }),
    length: mld2ReportLength,
    write: writeMld2Report,
    read: readMld2Report,
  }),
  'IGMP query, report, leave': codec({
    fields: fc.oneof(
      fc.record({
        type: fc.constantFrom(0x11, 0x12, 0x16, 0x17),
        code: u8,
        group: addr4,
        v3: fc.constant(undefined),
      }),
      fc.record({
        type: fc.constant(0x11),
        code: u8,
        group: addr4,
        v3: fc.record({ flags: u8, qqic: u8, sources: fc.array(addr4, { maxLength: 3 }) }),
      }),
    ),
    length: igmpLength,
    write: writeIgmp,
    read: readIgmp,
  }),
  'IGMPv3 report': codec({
    fields: fc.array(
      fc.record({ type: u8, group: addr4, sources: fc.array(addr4, { maxLength: 3 }) }),
      { maxLength: 3 },
    ),
    length: igmp3ReportLength,
    write: writeIgmp3Report,
    read: readIgmp3Report,
  }),
  STUN: codec({
    fields: fc.record({
      type: fc.integer({ min: 0, max: 0x3fff }),
      id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      attributes: fc.array(fc.record({ type: u16, value: fc.uint8Array({ maxLength: 21 }) }), {
        maxLength: 4,
      }),
    }),
    length: stunLength,
    write: writeStun,
    read: readStun,
  }),
};

const DIRT = 0xa5;

/** Writes at an odd offset into dirty bytes, with the payload that the header claims behind it. */
function written<F>(c: Codec<F>, f: F): { buf: Uint8Array; off: number; end: number } {
  const off = 7;
  const end = off + c.length(f) + (c.claimed?.(f) ?? 0);
  const buf = new Uint8Array(end + 9).fill(DIRT);
  c.write(buf, off, f);
  return { buf, off, end };
}

describe.each(Object.entries(CODECS))('%s', (_name, c) => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(c.fields, (f) => {
        const { buf, off, end } = written(c, f);
        expect(c.read(buf, off, end)).toEqual(f);
      }),
    );
  });

  it('writes every byte it owns and no other', () => {
    fc.assert(
      fc.property(c.fields, (f) => {
        const { buf, off } = written(c, f);
        const clean = new Uint8Array(buf.length);
        c.write(clean, off, f);
        const last = off + c.length(f);
        expect(buf.subarray(off, last)).toEqual(clean.subarray(off, last));
        const outside = [...buf.subarray(0, off), ...buf.subarray(last)];
        expect(outside.every((b) => b === DIRT)).toBe(true);
      }),
    );
  });

  it('rejects or reads within its end, however it is cut', () => {
    fc.assert(
      fc.property(c.fields, (f) => {
        const { buf, off, end } = written(c, f);
        for (let cut = off; cut < end; cut++) {
          // whatever lies behind the cut must make no difference
          const a = buf.slice(0, cut);
          const b = new Uint8Array(buf.length + 64).fill(0xff);
          b.set(a);
          expect(c.read(a, off, cut)).toEqual(c.read(b, off, cut));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), u8, (bytes, first) => {
        if (bytes.length > 0) bytes[0] = first;
        c.read(bytes, 0, bytes.length);
      }),
      { numRuns: 300 },
    );
  });
});

/** Every getter of a view, in the prototype's order. */
function getters(view: object): unknown[] {
  return Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(view)))
    .filter(([, d]) => d.get !== undefined)
    .map(([, d]) => d.get?.call(view));
}

it('a checked header has no getter that reaches beyond its end', () => {
  const views = [
    [checkEthernet, EthernetHeader],
    [checkArp, ArpHeader],
    [checkIpv4, Ipv4Header],
    [checkIpv6, Ipv6Header],
    [checkIcmp, IcmpHeader],
    [checkUdp, UdpHeader],
    [checkTcp, TcpHeader],
  ] as const;
  const start = fc.constantFrom([], [0x45], [0x46, 0, 0, 24], [0x60], [0, 1, 8, 0, 6, 4]);
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 64 }), (head, tail) => {
      const bytes = Uint8Array.from([...head, ...tail]);
      const more = new Uint8Array(bytes.length + 64).fill(0xff);
      more.set(bytes);
      for (const [check, View] of views) {
        if (check(bytes, 0, bytes.length) !== undefined) continue;
        expect(getters(new View(bytes, 0))).toEqual(getters(new View(more, 0)));
      }
    }),
  );
});

it('an address of STUN is the same after its XOR, of either family', () => {
  const id = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(fc.oneof(addr4, addr6), u16, id, (addr, port, bits) => {
      const attribute = stunAddressAttribute(STUN_ATTR_XOR_MAPPED_ADDRESS, { addr, port }, bits);
      expect(readStunAddress(attribute, bits)).toEqual({ addr, port });
      const plain = stunAddressAttribute(STUN_ATTR_XOR_MAPPED_ADDRESS, { addr, port });
      expect(readStunAddress(plain)).toEqual({ addr, port });
    }),
  );
});

it('checksums, options and header chains survive any bytes', () => {
  const options = new TcpOptions();
  const chain = new Ipv6Chain();
  const lead = fc.constantFrom(0, 0x45, 0x4f, 0x60, 2, 5, 8);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 40, maxLength: 120 }), lead, u8, (b, first, next) => {
      b[0] = first;
      b[6] = next;
      if (checkIpv4(b, 0, b.length) === undefined) ipv4ChecksumOk(b, 0);
      icmpChecksumOk(b, 0, b.length);
      icmpv6ChecksumOk(b, 0, b.length, ipv6(0, 0, 0, 1), ipv6(0, 0, 0, 2));
      readTcpOptions(b, 0, b.length, options);
      expect(options.sackCount).toBeLessThanOrEqual(4);
      if (walkIpv6(b, 0, b.length, chain) !== undefined) return;
      expect(chain.off).toBeLessThanOrEqual(b.length);
      if (chain.hopByHop >= 0) findIpv6Option(b, chain.hopByHop, 5);
    }),
    { numRuns: 1000 },
  );
});

it('XORs a port with the cookie’s first half, as the test vector of RFC 5769 section 2.2', () => {
  const id = Uint8Array.from([
    0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae,
  ]);
  const value = Uint8Array.from([0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
  const at = readStunAddress({ type: STUN_ATTR_XOR_MAPPED_ADDRESS, value }, id);
  expect(at).toEqual({ addr: 0xc0000201 | 0, port: 32853 });
});
