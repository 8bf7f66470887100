/** fast-check arbitraries for what NAT scenarios are made of. Each shrinks towards the plainest of its kind. */
import { type Ipv4Addr, parseIpv4 } from '@labwire/core/addr';
import fc from 'fast-check';
import type { End, Packet, Proto } from './packet.ts';
import type { Step } from './steps.ts';
import type { RuleTraits } from './subject.ts';
import type { Topology } from './topology.ts';

const ip = (text: string): Ipv4Addr => parseIpv4(text) as Ipv4Addr;

/** Networks that a router's inside may have, by their first address. */
const INSIDES = ['192.168.0.0', '10.20.30.0', '172.16.5.0'].map(ip);
const OUTSIDE = ip('203.0.113.0');
const FAR = ip('198.51.100.0');
const plus = (base: Ipv4Addr, n: number): Ipv4Addr => ((base + n) | 0) as Ipv4Addr;

/** Any unicast address that is not of this host, link-local, multicast or reserved. */
export const address: fc.Arbitrary<Ipv4Addr> = fc
  .integer({ min: 0x01_00_00_00, max: 0xdf_ff_ff_ff })
  .filter((a) => a >>> 24 !== 127 && a >>> 16 !== 0xa9fe)
  .map((a) => (a | 0) as Ipv4Addr);

/** Source ports: few, so that hosts want the same ones, some of each of the kernel's classes. */
export const sourcePort: fc.Arbitrary<number> = fc.constantFrom(
  40_000,
  40_001,
  50_123,
  700,
  701,
  300,
  301,
  1024,
);

/** Ports that servers listen at: none that a packet dissector knows. */
export const serverPort: fc.Arbitrary<number> = fc.constantFrom(9000, 9001, 17_000);

/** An end with any address and port. */
export const end: fc.Arbitrary<End> = fc.record({
  addr: address,
  port: fc.integer({ min: 1, max: 65_535 }),
});

/** A transport. */
export const proto: fc.Arbitrary<Proto> = fc.constantFrom<Proto>('udp', 'tcp', 'icmp');

/** A whole packet, well formed but for what `badSum` spoils. */
export const packet: fc.Arbitrary<Packet> = fc.record(
  {
    proto,
    src: end,
    dst: end,
    payload: fc.uint8Array({ maxLength: 64 }),
    ttl: fc.integer({ min: 1, max: 255 }),
    tos: fc.nat(255),
    df: fc.boolean(),
    id: fc.integer({ min: 1, max: 65_535 }),
    badSum: fc.boolean(),
  },
  { requiredKeys: ['proto', 'src', 'dst'] },
);

/** A router with hosts inside, one or more outer addresses, and servers near and far. */
export const topology: fc.Arbitrary<Topology> = fc
  .record({
    inside: fc.constantFrom(...INSIDES),
    hosts: fc.integer({ min: 2, max: 4 }),
    outer: fc.integer({ min: 10, max: 99 }),
    pool: fc.integer({ min: 2, max: 4 }),
    near: fc.integer({ min: 1, max: 2 }),
    far: fc.integer({ min: 1, max: 2 }),
  })
  .map((c) => ({
    hosts: Array.from({ length: c.hosts }, (_, i) => plus(c.inside, 2 + i)),
    gateway: plus(c.inside, 1),
    insidePlen: 24,
    outer: Array.from({ length: c.pool }, (_, i) => plus(OUTSIDE, c.outer + i)),
    outerPlen: 24,
    servers: [
      ...Array.from({ length: c.near }, (_, i) => plus(OUTSIDE, 1 + i)),
      ...Array.from({ length: c.far }, (_, i) => plus(FAR, 8 + i)),
    ],
    wanMtu: 1500,
  }));

/** Where a guest of QEMU's user mode stands in place of `topology`'s hosts. */
export function behindQemu(t: Topology): Topology {
  const net = ip('10.0.2.0');
  return {
    ...t,
    hosts: t.hosts.map((_, i) => plus(net, 15 + i)),
    gateway: plus(net, 2),
    insidePlen: 24,
    outer: t.outer.slice(0, 1),
  };
}

/** Traits of a rule set. */
export const ruleTraits: fc.Arbitrary<RuleTraits> = fc.record({
  strangers: fc.nat(3),
  narrow: fc.boolean(),
  pool: fc.boolean(),
  persistent: fc.boolean(),
  randomFully: fc.constant(false),
  dropInput: fc.boolean(),
  dropInvalid: fc.boolean(),
  hairpin: fc.boolean(),
  onePort: fc.constant(false),
});

/** What a flow would like its ends to be: the number of a host and of a server, and their ports. */
export interface FlowWish {
  readonly host: number;
  readonly port: number;
  readonly server: number;
  readonly dport: number;
}

/** A flow's wishes. */
export const flow: fc.Arbitrary<FlowWish> = fc.record({
  host: fc.nat(3),
  port: sourcePort,
  server: fc.nat(3),
  dport: serverPort,
});

/** A fault of the router or of the cables: what may happen between two packets. */
export const fault: fc.Arbitrary<Step> = fc.oneof(
  fc.integer({ min: 1, max: 40 }).map((seconds): Step => ({ do: 'wait', seconds })),
  fc
    .constantFrom(
      'ip link set wan down; ip link set wan up',
      'conntrack -F',
      'sysctl -w net.netfilter.nf_conntrack_udp_timeout=10',
    )
    .map((command): Step => ({ do: 'command', command })),
);
