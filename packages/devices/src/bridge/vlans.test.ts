import type { MacAddr } from '@labwire/core/addr';
import { get16, put16, put48 } from '@labwire/core/bytes';
import { MS, Simulator } from '@labwire/core/sim';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IFF_UP } from '../link/index.ts';
import { Kernel } from '../netns/index.ts';
import { bridgeVlanAdd, bridgeVlanDel, linkAdd, linkSet } from '../rtnetlink/index.ts';
import { Bridge } from './index.ts';

/** An EtherType that no layer sends or takes. */
const OURS = 0xffff;
const macOf = (n: number) => (0x020000000000 + n) as MacAddr;
const BROADCAST = 0xffffffffffff as MacAddr;
const PORTS = 3;

function frame(src: MacAddr, dst: MacAddr, n: number, tag: number): SkBuff {
  const skb = allocSkb(64);
  const at = skb.put(64);
  skb.buf.fill(0, at, skb.tail);
  put48(skb.buf, at, dst);
  put48(skb.buf, at + 6, src);
  put16(skb.buf, at + 12, OURS);
  put16(skb.buf, at + 14, n);
  if (tag > 0) {
    skb.vlanProto = 0x8100;
    skb.vlanTci = tag;
  }
  return skb;
}

/** What a port is in: VLANs 1 to 4, each not, tagged or untagged, and one of them (0: none) as its own. */
interface Membership {
  readonly vids: readonly (undefined | 'tagged' | 'untagged')[];
  readonly pvid: number;
}

/** A bridge with ports p0, …, whose other ends are e0, …; its own device is the last member. */
function host(members: readonly Membership[]) {
  const sim = new Simulator();
  const { initNetns: netns } = new Kernel(sim, 'host');
  for (const dir of ['all', 'default'])
    netns.sysctl.write(`net/ipv6/conf/${dir}/disable_ipv6`, '1');
  const index = linkAdd(netns, {
    kind: 'bridge',
    name: 'br0',
    addr: macOf(99),
    infoData: { vlan_filtering: 1 },
    setFlags: IFF_UP,
  });
  const bridge = netns.devices.byIndex(index);
  if (!(bridge instanceof Bridge)) throw new Error('no bridge');
  const dev = (name: string) => {
    const found = netns.devices.byName(name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  for (let i = 0; i < PORTS; i++) {
    linkAdd(netns, { kind: 'veth', name: `p${i}`, peer: { name: `e${i}`, addr: macOf(i) } });
    linkSet(netns, dev(`p${i}`).ifindex, { master: index, setFlags: IFF_UP });
    linkSet(netns, dev(`e${i}`).ifindex, { setFlags: IFF_UP });
  }
  members.forEach(({ vids, pvid }, i) => {
    const self = i === PORTS;
    const { ifindex } = dev(self ? 'br0' : `p${i}`);
    const request = { ifindex, self, master: false };
    bridgeVlanDel(netns, { ...request, first: 1, last: 1, pvid: false, untagged: false });
    vids.forEach((how, n) => {
      if (how === undefined) return;
      const flags = { pvid: pvid === n + 1, untagged: how === 'untagged' };
      bridgeVlanAdd(netns, { ...request, first: n + 1, last: n + 1, ...flags });
    });
  });
  sim.runEvents(sim.now + MS);
  return { sim, bridge, dev, netns };
}

const member: fc.Arbitrary<Membership> = fc.record({
  vids: fc.array(fc.constantFrom(undefined, 'tagged' as const, 'untagged' as const), {
    minLength: 4,
    maxLength: 4,
  }),
  pvid: fc.nat(4),
});

const sent = fc.record({
  from: fc.nat(PORTS),
  to: fc.oneof(fc.nat(PORTS - 1).map(macOf), fc.constantFrom(macOf(99), BROADCAST)),
  tag: fc.nat(5),
});

it('never lets a frame out of its VLAN, nor with the wrong tag', () => {
  let delivered = 0;
  fc.assert(
    fc.property(
      fc.array(member, { minLength: PORTS + 1, maxLength: PORTS + 1 }),
      fc.array(sent, { minLength: 1, maxLength: 20 }),
      (members, frames) => {
        const { sim, dev, netns } = host(members);
        const howAt = (i: number, vid: number) => members[i]?.vids[vid - 1];
        const vidOf = (n: number) => {
          const { from, tag } = frames[n] as (typeof frames)[number];
          const { pvid } = members[from] as Membership;
          const vid = tag !== 0 ? tag : pvid;
          return vid !== 0 && howAt(from, vid) !== undefined ? vid : 0;
        };
        netns.kernel.trace.receive.listen((skb, at) => {
          if (skb.protocol !== OURS || at.name.startsWith('p')) return;
          const i = at.name === 'br0' ? PORTS : Number(at.name.slice(1));
          const vid = vidOf(get16(skb.buf, skb.data));
          const how = howAt(i, vid);
          expect(how).toBeDefined();
          expect(skb.vlanTci).toBe(how === 'tagged' ? vid : -1);
          delivered++;
        });
        frames.forEach(({ from, to, tag }, n) => {
          const sender = dev(from === PORTS ? 'br0' : `e${from}`);
          sender.xmit(frame(sender.addr, to, n, tag));
          sim.runEvents(sim.now + MS);
        });
      },
    ),
    { numRuns: 150 },
  );
  expect(delivered).toBeGreaterThan(100);
});

it('learns addresses by VLAN', () => {
  const both = { vids: ['tagged', 'tagged', undefined, undefined], pvid: 0 } as const;
  const { sim, bridge, dev } = host([both, both, both, both]);
  dev('e0').xmit(frame(macOf(7), BROADCAST, 0, 1));
  dev('e1').xmit(frame(macOf(7), BROADCAST, 1, 2));
  sim.runEvents(sim.now + MS);
  const at = (vid: number) => bridge.fdb.findMac(macOf(7), vid)?.dst?.dev.name;
  expect([at(1), at(2), at(0)]).toEqual(['p0', 'p1', undefined]);
});
