import type { Ipv4Addr, MacAddr } from '@labwire/core/addr';
import { get32, put16, put32, put48 } from '@labwire/core/bytes';
import { MS, SEC, Simulator } from '@labwire/core/sim';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Kernel } from '../../netns/index.ts';
import { addrAdd, fdbAdd, fdbDump, linkAdd, linkSet } from '../../rtnetlink/index.ts';
import { connect, devOpen, IFF_UP, Nic, registerNetdevice } from '../index.ts';
import type { Vxlan } from './index.ts';

/** An EtherType that no layer sends or takes. */
const OURS = 0xffff;
const BROADCAST = 0xffffffffffff as MacAddr;
const ipv4 = (a: number, b: number, c: number, d: number) =>
  ((a << 24) | (b << 16) | (c << 8) | d) as Ipv4Addr;
const macOf = (n: number) => (0x020000000000 + n) as MacAddr;

function frame(src: MacAddr, dst: MacAddr, id: number): SkBuff {
  const skb = allocSkb(60);
  const at = skb.put(60);
  skb.buf.fill(0, at, skb.tail);
  put48(skb.buf, at, dst);
  put48(skb.buf, at + 6, src);
  put16(skb.buf, at + 12, OURS);
  put32(skb.buf, at + 14, id);
  return skb;
}

/** Machines 10.0.0.1, 10.0.0.2, … on one link, each with a VXLAN device of network `vni`. */
function net(vnis: readonly number[], data: Readonly<Record<string, unknown>> = {}) {
  const sim = new Simulator();
  const got: string[] = [];
  const nics: Nic[] = [];
  const devices = vnis.map((_, i) => {
    const kernel = new Kernel(sim, `pc${i}`);
    const { initNetns: netns } = kernel;
    for (const dir of ['all', 'default'])
      netns.sysctl.write(`net/ipv6/conf/${dir}/disable_ipv6`, '1');
    const nic = new Nic('eth0', macOf(100 + i));
    registerNetdevice(netns, nic);
    nics.push(nic);
    kernel.trace.receive.listen((skb, at) => {
      if (at.linkType === 'vxlan' && skb.protocol === OURS)
        got.push(`${i}:${get32(skb.buf, skb.nh)}`);
    });
    return netns;
  });
  connect(sim, 'lan', nics);
  const vxlans = devices.map((netns, i) => {
    const nic = nics[i] as Nic;
    devOpen(nic);
    addrAdd(
      netns,
      { family: 'inet', ifindex: nic.ifindex, local: ipv4(10, 0, 0, i + 1), prefixLen: 24 },
      { create: true },
    );
    linkAdd(netns, {
      kind: 'vxlan',
      name: 'vx',
      addr: macOf(i),
      infoData: { id: vnis[i], port: 4789, link: nic.ifindex, ...data },
      setFlags: IFF_UP,
    });
    return netns.devices.byName('vx') as Vxlan;
  });
  const send = (from: number, dst: MacAddr, id: number) => {
    got.length = 0;
    vxlans[from]?.xmit(frame(macOf(from), dst, id));
    sim.schedule(3 * SEC, { onEvent: () => {} }, 0, undefined);
    sim.runEvents(sim.now + 3 * SEC);
    return [...got].sort();
  };
  return { sim, vxlans, send };
}

const toAll = (vxlans: readonly Vxlan[]) => {
  for (const [i, dev] of vxlans.entries())
    for (const [j] of vxlans.entries())
      if (i !== j)
        fdbAdd(
          dev.netns!,
          { ifindex: dev.ifindex, lladdr: 0 as MacAddr, self: true, dst: ipv4(10, 0, 0, j + 1) },
          { create: true, append: true },
        );
};

it('sends what it knows nobody for to all ends, and to one once it has learnt', () => {
  const { vxlans, send } = net([42, 42, 42]);
  toAll(vxlans);
  expect(send(0, BROADCAST, 1)).toEqual(['1:1', '2:1']);
  expect(send(1, macOf(0), 2)).toEqual(['0:2']);
  expect(send(0, macOf(1), 3)).toEqual(['1:3']);
});

it('reaches a group by multicast', () => {
  const { send } = net([7, 7, 7], { group: ipv4(239, 1, 1, 1) });
  expect(send(2, BROADCAST, 1)).toEqual(['0:1', '1:1']);
});

it('keeps networks of different numbers apart', () => {
  const { vxlans, send } = net([1, 2, 1]);
  toAll(vxlans);
  expect(send(0, BROADCAST, 1)).toEqual(['2:1']);
});

it('forgets what it learnt once nobody has used it for the ageing time', () => {
  const { vxlans, send, sim } = net([42, 42], { ageing: 10 });
  toAll(vxlans);
  send(0, BROADCAST, 1);
  const learnt = () => fdbDump(vxlans[1]!.netns!).filter((e) => e.lladdr === macOf(0)).length;
  expect(learnt()).toBe(1);
  sim.schedule(11 * SEC, { onEvent: () => {} }, 0, undefined);
  sim.runEvents(sim.now + 11 * SEC);
  expect(learnt()).toBe(0);
});

it('frees its port when it goes down', () => {
  const { vxlans } = net([42]);
  const [dev] = vxlans;
  const { netns } = dev!;
  const ports = () => netns!.udp.dump().map((s) => s.local.port);
  expect(ports()).toEqual([4789]);
  linkSet(netns!, dev!.ifindex, { clearFlags: IFF_UP });
  expect(ports()).toEqual([]);
});

it('never throws at any datagram to its port', () => {
  const { vxlans, sim } = net([42, 42]);
  const sender = vxlans[1]!.netns!.udp.open('inet');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      sender.send(bytes, { addr: ipv4(10, 0, 0, 1), port: 4789 });
      sim.runEvents(sim.now + MS);
    }),
    { numRuns: 100 },
  );
});
