import { expect, it } from 'vitest';
import { parseIpv4, parseIpv6, parseMac } from '../addr/index.ts';
import { get16 } from '../bytes/index.ts';
import {
  ArpHeader,
  checkArp,
  checkIpv4,
  checkIpv6,
  checkTcp,
  checkUdp,
  decreaseTtl,
  fillIcmpv6Checksum,
  findIpv6Option,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  Ipv4Header,
  Ipv6Chain,
  Ipv6Header,
  icmpv6ChecksumOk,
  ipv4ChecksumOk,
  pseudoSum4,
  readIpv4,
  readMld2Report,
  readNdMessage,
  readTcpOptions,
  TcpHeader,
  TcpOptions,
  tcpOptionsLength,
  walkIpv6,
  writeIpv4,
  writeNdMessage,
  writeRouterAlert,
  writeTcpOptions,
} from './index.ts';

const bytes = (hex: string) =>
  Uint8Array.from(hex.replace(/\s/g, '').match(/../g) ?? [], (h) => Number.parseInt(h, 16));

// A SYN over a veth pair, as Linux 6.18 sent it; the TCP checksum is left to the device.
const SYN = bytes(`4500 003c 6617 4000 4006 bea0 0a01 0102 0a01 0101
  d192 0050 7881 5805 0000 0000 a002 faf0 1633 0000
  0204 05b4 0402 080a a05e befa 0000 0000 0103 030a`);

it('reads a SYN and its options', () => {
  expect(checkIpv4(SYN, 0, SYN.length)).toBeUndefined();
  const ip = new Ipv4Header(SYN, 0);
  expect([ip.ttl, ip.protocol, ip.df, ip.isFragment]).toEqual([64, IPPROTO_TCP, true, false]);
  expect(ip.daddr).toBe(parseIpv4('10.1.1.1'));
  expect(ipv4ChecksumOk(SYN, 0)).toBe(true);
  expect(checkTcp(SYN, 20, SYN.length)).toBeUndefined();
  const tcp = new TcpHeader(SYN, 20);
  expect(tcp.check).toBe(pseudoSum4(ip.saddr, ip.daddr, IPPROTO_TCP, 40));
  expect([tcp.dport, tcp.hlen, tcp.flags, tcp.window]).toEqual([80, 40, 2, 64_240]);
  const o = new TcpOptions();
  readTcpOptions(SYN, 40, 60, o);
  expect(o).toMatchObject({
    mss: 1460,
    wscale: 10,
    sackPermitted: true,
    tsVal: 0xa05ebefa,
    tsEcr: 0,
  });
});

it('writes the options of a SYN as Linux lays them out', () => {
  const o = new TcpOptions();
  readTcpOptions(SYN, 40, 60, o);
  const out = new Uint8Array(40).fill(0xa5);
  expect(writeTcpOptions(out, 0, o)).toBe(20);
  expect(out.subarray(0, 20)).toEqual(SYN.subarray(40));
});

it.each([
  [
    'without timestamps',
    { mss: 1460, sackPermitted: true, wscale: 7 },
    '0204 05b4 0101 0402 0103 0307',
  ],
  [
    'with nothing but timestamps',
    { timestamps: true, tsVal: 1, tsEcr: 2 },
    '0101 080a 0000 0001 0000 0002',
  ],
])('lays out options %s', (_what, fields, hex) => {
  const o = Object.assign(new TcpOptions(), fields);
  const out = new Uint8Array(40);
  expect(writeTcpOptions(out, 0, o)).toBe(tcpOptionsLength(o));
  expect(out.subarray(0, tcpOptionsLength(o))).toEqual(bytes(hex));
});

it('carries SACK blocks beside timestamps', () => {
  const o = Object.assign(new TcpOptions(), { timestamps: true, tsVal: 9, tsEcr: 8, sackCount: 3 });
  o.sacks.set([1, 2, 0xffff_fff0, 5, 7, 8]);
  const out = new Uint8Array(40);
  expect(writeTcpOptions(out, 0, o)).toBe(40);
  const back = new TcpOptions();
  readTcpOptions(out, 0, 40, back);
  expect(back).toEqual(o);
});

it.each([
  ['a length of 0', '0200 05b4'],
  ['a length of 1', '0201 05b4'],
  ['a length beyond the end', '0204 05'],
  ['a kind without a length', '01 01 01 02'],
  ['the wrong length for its kind', '0203 0500'],
  ['an end of options before it', '0002 0405'],
])('ignores an MSS with %s', (_what, hex) => {
  const o = new TcpOptions();
  const b = bytes(hex);
  readTcpOptions(b, 0, b.length, o);
  expect(o.mss).toBe(0);
});

it.each([
  ['shorter than a header', bytes('45'), 'ip_inhdr'],
  ['of version 6', bytes(`6500 0014${'00'.repeat(16)}`), 'ip_inhdr'],
  ['with a header length of 16', bytes(`4400 0014${'00'.repeat(16)}`), 'ip_inhdr'],
  ['with options beyond the end', bytes(`4f00 003c${'00'.repeat(16)}`), 'ip_inhdr'],
  ['that claims more than there is', bytes(`4500 0015${'00'.repeat(16)}`), 'pkt_too_small'],
  ['that claims less than its header', bytes(`4500 0013${'00'.repeat(16)}`), 'ip_inhdr'],
])('drops an IPv4 packet %s', (_what, b, reason) => {
  expect(checkIpv4(b, 0, b.length)).toBe(reason);
});

it.each([
  ['shorter than a header', '00'.repeat(19), 'pkt_too_small'],
  ['with a header length of 16', `${'00'.repeat(12)}40${'00'.repeat(7)}`, 'pkt_too_small'],
  ['with options beyond the end', `${'00'.repeat(12)}60${'00'.repeat(7)}`, 'pkt_too_small'],
])('drops a TCP segment %s', (_what, hex, reason) => {
  const b = bytes(hex);
  expect(checkTcp(b, 0, b.length)).toBe(reason);
});

it('pads IPv4 options with zeros', () => {
  const out = new Uint8Array(28).fill(0xa5);
  writeIpv4(out, 0, { ...readIpv4(SYN, 0), totLen: 28, options: bytes('9404 0000 01') });
  expect(out.subarray(20)).toEqual(bytes('9404 0000 0100 0000'));
  expect([checkIpv4(out, 0, 28), ipv4ChecksumOk(out, 0)]).toEqual([undefined, true]);
});

it('does not take Ethernet padding for payload', () => {
  const padded = new Uint8Array(80);
  padded.set(SYN);
  expect(checkIpv4(padded, 0, padded.length)).toBeUndefined();
  expect(new Ipv4Header(padded, 0).totLen).toBe(60);
});

it('takes one off the TTL and keeps the checksum right', () => {
  const b = SYN.slice();
  for (let ttl = 63; ttl >= 0; ttl--) {
    decreaseTtl(b, 0);
    expect([new Ipv4Header(b, 0).ttl, ipv4ChecksumOk(b, 0)]).toEqual([ttl, true]);
  }
});

it('reads an ARP request and drops one for another protocol', () => {
  const request = bytes(`0001 0800 06 04 0001 0a0000000001 c0a80001 000000000000 c0a80002`);
  expect(checkArp(request, 0, 28)).toBeUndefined();
  const arp = new ArpHeader(request, 0);
  expect([arp.op, arp.sha, arp.tpa]).toEqual([
    1,
    parseMac('0a:00:00:00:00:01'),
    parseIpv4('192.168.0.2'),
  ]);
  request[3] = 6;
  expect(checkArp(request, 0, 28)).toBe('not_specified');
  expect(checkArp(request, 0, 27)).toBe('hdr_trunc');
});

it.each([
  ['less than a header', '0035 0035 0007 0000'],
  ['more than there is', '0035 0035 0009 0000'],
])('drops a UDP datagram that claims %s', (_what, hex) => {
  expect(checkUdp(bytes(hex), 0, 8)).toBe('pkt_too_small');
});

// What Linux 6.18 sends when a link comes up: a report for the solicited-node group, then a probe with a nonce.
const REPORT = bytes(`6000 0000 0024 0001 ${'0000'.repeat(8)} ff02 ${'0000'.repeat(6)} 0016
  3a00 0502 0000 0100 8f00 6f80 0000 0001 0400 0000 ff02 0000 0000 0000 0000 0001 ff00 000a`);
const PROBE = bytes(`6000 0000 0020 3aff ${'0000'.repeat(8)} ff02 0000 0000 0000 0000 0001 ff00 000b
  8700 ab75 0000 0000 fe80 0000 0000 0000 0000 00ff fe00 000b 0e01 066e 4799 758b`);

it('reads a multicast listener report behind a router alert', () => {
  const chain = new Ipv6Chain();
  expect(walkIpv6(REPORT, 0, REPORT.length, chain)).toBeUndefined();
  expect(findIpv6Option(REPORT, chain.hopByHop, 5)).toBe(42);
  const { saddr, daddr } = new Ipv6Header(REPORT, 0);
  expect(icmpv6ChecksumOk(REPORT, chain.off, REPORT.length, saddr, daddr)).toBe(true);
  expect(readMld2Report(REPORT, chain.off, REPORT.length)).toEqual([
    { type: 4, group: parseIpv6('ff02::1:ff00:a'), sources: [] },
  ]);
  const alert = new Uint8Array(8).fill(0xa5);
  writeRouterAlert(alert, 0, IPPROTO_ICMPV6);
  expect(alert).toEqual(REPORT.slice(40, 48));
});

it('reads a duplicate address probe and writes the same bytes', () => {
  const m = readNdMessage(PROBE, 40, PROBE.length)!;
  expect(m).toEqual({
    type: 135,
    target: parseIpv6('fe80::ff:fe00:b'),
    options: { nonce: bytes('066e 4799 758b') },
  });
  const { saddr, daddr } = new Ipv6Header(PROBE, 0);
  const out = new Uint8Array(32).fill(0xa5);
  expect(writeNdMessage(out, 0, m)).toBe(32);
  fillIcmpv6Checksum(out, 0, 32, saddr, daddr);
  expect(out).toEqual(PROBE.slice(40));
});

it('rejects a neighbour message with an option of no length', () => {
  const b = bytes(`8500 0000 0000 0000 0100 0a00 0000 0001`);
  expect(readNdMessage(b, 0, b.length)).toBeUndefined();
});

it('walks hop-by-hop, routing, fragment and destination options to the transport header', () => {
  const b = new Uint8Array(40 + 8 + 8 + 8 + 8 + 8);
  b.set([0x60, 0, 0, 0, 0, 40, 0, 255]);
  writeRouterAlert(b, 40, 43);
  b.set([44, 0], 48);
  b.set([60, 0, 0, 1], 56); // the first fragment
  b.set([IPPROTO_ICMPV6, 0], 64);
  const chain = new Ipv6Chain();
  expect(checkIpv6(b, 0, b.length)).toBeUndefined();
  expect(new Ipv6Header(b, 0).hopLimit).toBe(255);
  expect(walkIpv6(b, 0, b.length, chain)).toBeUndefined();
  expect(chain).toMatchObject({ protocol: IPPROTO_ICMPV6, off: 72, nextHeaderOff: 64 });
  expect(chain).toMatchObject({ hopByHop: 40, routing: 48, fragment: 56, laterFragment: false });
  expect(findIpv6Option(b, 40, 5)).toBe(42);
  expect(get16(b, 44)).toBe(0);
  b.set([0, 8], 58); // a later one: what follows is payload
  expect(walkIpv6(b, 0, b.length, chain)).toBeUndefined();
  expect(chain).toMatchObject({ protocol: 60, off: 64, laterFragment: true });
});

it('rejects a chain whose header claims more than there is', () => {
  const b = new Uint8Array(48);
  b.set([0x60, 0, 0, 0, 0, 8, 0, 255]);
  b.set([58, 1], 40);
  expect(walkIpv6(b, 0, b.length, new Ipv6Chain())).toBe('ip_inhdr');
});
