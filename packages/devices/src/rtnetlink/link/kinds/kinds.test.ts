import type { Ipv4Addr, MacAddr } from '@labwire/core/addr';
import { put16, put48 } from '@labwire/core/bytes';
import { MS, SEC, Simulator } from '@labwire/core/sim';
import { allocSkb, PACKET_OUTGOING } from '@labwire/core/skb';
import { writeIpv4 } from '@labwire/core/wire';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IFF_UP, type NetDevice } from '../../../link/index.ts';
import { Kernel } from '../../../netns/index.ts';
import { addrAdd, linkAdd, linkSet } from '../../index.ts';

const macOf = (n: number) => (0x020000000000 + n) as MacAddr;

/** Kinds of devices on a veth, and what they are made with. */
const KINDS: readonly (readonly [kind: string, infoData: Record<string, unknown>])[] = [
  ['macvlan', { mode: 4 }],
  ['macvtap', { mode: 2 }],
  ['vlan', { id: 5 }],
  ['vlan', { id: 6, protocol: 0x88a8 }],
  ['vxlan', { id: 7, port: 4789 }],
  ['bridge', { vlan_filtering: 1 }],
  ['ifb', {}],
  ['bond', { mode: 0 }],
  ['bond', { mode: 2, xmit_hash_policy: 1 }],
  ['vrf', { table: 5 }],
  ['ipvlan', { mode: 0 }],
  ['ipvlan', { mode: 1 }],
];

it.each(KINDS)('takes any frame at a %s made with %j', (kind, infoData) => {
  const bytes = fc.uint8Array({ minLength: 14, maxLength: 200 });
  const types = fc.constantFrom([], [0x81, 0], [0x88, 0xa8], [8, 0], [8, 6], [0x86, 0xdd]);
  const frames = fc.array(fc.tuple(bytes, types, fc.nat(4), fc.boolean()), { maxLength: 20 });
  fc.assert(
    fc.property(frames, (list) => {
      const sim = new Simulator();
      const { initNetns: netns } = new Kernel(sim, 'host');
      const stands = ['bridge', 'bond', 'ifb', 'vrf'].includes(kind);
      const up = { setFlags: IFF_UP };
      const top = stands ? linkAdd(netns, { kind, name: 'top', infoData, ...up }) : 0;
      const lower = linkAdd(netns, {
        kind: 'veth',
        name: 'd0',
        addr: macOf(1),
        peer: { name: 'd1', addr: macOf(2) },
      });
      if (stands && kind !== 'ifb') linkSet(netns, lower, { master: top });
      for (const name of ['d0', 'd1']) linkSet(netns, netns.devices.byName(name)?.ifindex ?? 0, up);
      if (!stands)
        linkAdd(netns, { kind, name: 'top', addr: macOf(3), link: lower, infoData, ...up });
      for (const [content, type, to, inwards] of list) {
        const skb = allocSkb(content.length);
        const at = skb.put(content.length);
        skb.buf.set(content, at);
        if (to < 4) put48(skb.buf, at, macOf(to));
        skb.buf.set(type, at + 12);
        netns.devices.byName(inwards ? 'd1' : 'top')?.xmit(skb);
        sim.runEvents(sim.now + MS);
      }
    }),
    { numRuns: 60 },
  );
});

/** Two machines of one kernel with a tunnel over a veth between them; `10.0.0.1` and `10.0.0.2` are its outer ends. */
function tunnelled(kind: string, infoData: Record<string, unknown>) {
  const sim = new Simulator();
  const kernel = new Kernel(sim, 'host');
  const here = kernel.initNetns;
  const there = kernel.newNetns();
  linkAdd(here, { kind: 'veth', name: 'e0', peer: { name: 'e0', netns: there } });
  const ends = [
    [here, 0x0a00_0001, 0x0a00_0002],
    [there, 0x0a00_0002, 0x0a00_0001],
  ] as const;
  const up = { setFlags: IFF_UP };
  for (const [netns, local] of ends) {
    const ifindex = netns.devices.byName('e0')?.ifindex ?? 0;
    linkSet(netns, ifindex, up);
    const request = { family: 'inet', ifindex, local: local as Ipv4Addr, prefixLen: 24 } as const;
    addrAdd(netns, request, { create: true, excl: true });
  }
  const [a, b] = ends.map(([netns, local, remote]) => {
    linkAdd(netns, { kind, name: 'top', infoData: { local, remote, ...infoData }, ...up });
    return netns.devices.byName('top') as NetDevice;
  });
  return { sim, kernel, here, a: a as NetDevice, b: b as NetDevice };
}

/** Kinds of tunnels, and what each carries. */
const TUNNELS: readonly (readonly [
  kind: string,
  infoData: Record<string, unknown>,
  types: number[],
])[] = [
  ['ipip', {}, [0x0800]],
  ['sit', {}, [0x86dd]],
  ['gre', {}, [0x0800, 0x86dd, 0xffff]],
  ['gre', { iflags: 0xb000, oflags: 0xb000, ikey: 7, okey: 7 }, [0x0800, 0x86dd, 0xffff]],
  ['gretap', { iflags: 0x2000, oflags: 0x2000, ikey: 7, okey: 7 }, [0x0800, 0x0806, 0xffff]],
];

it.each(TUNNELS)(
  'a %s made with %j gives out what was put in, byte for byte',
  (kind, data, types) => {
    const { sim, a, b } = tunnelled(kind, data);
    const came: string[] = [];
    b.openTap().listen((skb) => {
      if (skb.pktType === PACKET_OUTGOING) return;
      const from = kind === 'gretap' ? skb.mac : skb.mac + 12;
      came.push(skb.buf.slice(from, skb.tail).join());
    });
    sim.runEvents(SEC);
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 14 + 40, maxLength: 1200 }),
        fc.constantFrom(...types),
        (bytes, type) => {
          came.length = 0;
          const skb = allocSkb(bytes.length);
          const at = skb.put(bytes.length);
          put16(bytes, 12, type);
          bytes[0] = 2;
          skb.buf.set(bytes, at);
          a.xmit(skb);
          sim.runEvents(sim.now + MS);
          expect(came).toContain(bytes.slice(kind === 'gretap' ? 0 : 12).join());
        },
      ),
      { numRuns: 60 },
    );
  },
);

it('takes any packet for a tunnel', () => {
  const inside = fc.uint8Array({ maxLength: 80 });
  const kinds = fc.constantFrom(...TUNNELS);
  fc.assert(
    fc.property(
      kinds,
      inside,
      fc.constantFrom(4, 41, 47),
      fc.boolean(),
      ([kind, data], bytes, protocol, congested) => {
        const { sim, here } = tunnelled(kind, data);
        sim.runEvents(MS);
        const skb = allocSkb(34 + bytes.length);
        const at = skb.put(34 + bytes.length);
        const e0 = here.devices.byName('e0') as NetDevice;
        const header = {
          tos: congested ? 3 : 0,
          totLen: 20 + bytes.length,
          id: 1,
          fragOff: 0,
          ttl: 9,
          protocol,
          saddr: 0x0a00_0002 as Ipv4Addr,
          daddr: 0x0a00_0001 as Ipv4Addr,
          options: undefined,
        };
        put48(skb.buf, at, e0.addr);
        put48(skb.buf, at + 6, macOf(9));
        put16(skb.buf, at + 12, 0x0800);
        writeIpv4(skb.buf, at + 14, header);
        skb.buf.set(bytes, at + 34);
        e0.arrive(skb, 0);
        sim.runEvents(sim.now + MS);
      },
    ),
    { numRuns: 200 },
  );
});
