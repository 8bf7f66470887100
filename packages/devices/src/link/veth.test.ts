import { get16 } from '@labwire/core/bytes';
import { MS, Simulator } from '@labwire/core/sim';
import { allocSkb, type DropReason, type SkBuff } from '@labwire/core/skb';
import { expect, it } from 'vitest';
import { Kernel } from '../netns/index.ts';
import {
  devClose,
  devOpen,
  effectiveFlags,
  IFF_LOWER_UP,
  IFF_RUNNING,
  shownOperState,
  unregisterNetdevice,
  Veth,
} from './index.ts';

/** An EtherType that no layer sends or takes. */
const OURS = 0xffff;

function pair() {
  const sim = new Simulator();
  const kernel = new Kernel(sim, 'host');
  const netns = kernel.initNetns;
  const [dev, peer] = Veth.createPair({ netns, name: 'v0' }, { netns, name: 'v1' });
  const drops: DropReason[] = [];
  kernel.trace.drop.listen((reason, skb) => {
    if (get16(skb.buf, skb.mac + 12) === OURS) drops.push(reason);
  });
  return { sim, kernel, netns, dev, peer, drops };
}

function frame(bytes: number): SkBuff {
  const skb = allocSkb(bytes);
  skb.buf.fill(0xff, skb.put(bytes), skb.tail);
  return skb;
}

it('gives the peer the lower index', () => {
  const { dev, peer } = pair();
  expect([peer.ifindex, dev.ifindex]).toEqual([2, 3]);
});

it('has a carrier while both ends are up', () => {
  const { dev, peer } = pair();
  expect([dev.carrierChanges, dev.operState]).toEqual([1, 'LOWERLAYERDOWN']);
  devOpen(dev);
  expect([shownOperState(dev), effectiveFlags(dev) & IFF_RUNNING]).toEqual(['LOWERLAYERDOWN', 0]);
  devOpen(peer);
  expect([shownOperState(dev), shownOperState(peer)]).toEqual(['UP', 'UP']);
  expect(effectiveFlags(dev) & IFF_LOWER_UP).toBe(IFF_LOWER_UP);
  devClose(peer);
  expect([shownOperState(dev), shownOperState(peer)]).toEqual(['LOWERLAYERDOWN', 'DOWN']);
  expect([dev.qdisc, peer.qdisc, dev.carrierChanges]).toEqual(['noqueue', 'noqueue', 3]);
});

it('hands frames to the peer later, in order, and counts them at both ends', () => {
  const { sim, kernel, dev, peer } = pair();
  devOpen(dev);
  devOpen(peer);
  const seen: [number, number][] = [];
  kernel.trace.receive.listen((skb) => {
    if (skb.protocol === OURS) seen.push([skb.tail - skb.mac, sim.now]);
  });
  const [tx, rx] = [{ ...dev.stats }, { ...peer.stats }];
  for (let n = 0; n < 50; n++) dev.xmit(frame(60 + n));
  expect([dev.stats.txPackets - tx.txPackets, dev.stats.txBytes - tx.txBytes]).toEqual([50, 4225]);
  expect([peer.stats.rxPackets - rx.rxPackets, peer.stats.rxBytes - rx.rxBytes]).toEqual([
    50, 4225,
  ]);
  expect(seen).toEqual([]);
  sim.runEvents(sim.now + MS);
  expect(seen.map(([bytes]) => bytes)).toEqual(Array.from({ length: 50 }, (_, n) => 60 + n));
  expect(new Set(seen.map(([, at]) => at)).size).toBeGreaterThan(1);
});

it('drops what is sent without a carrier, and what arrives at a device set down meanwhile', () => {
  const { sim, dev, peer, drops } = pair();
  devOpen(dev);
  dev.xmit(frame(60));
  expect(drops).toEqual(['dev_ready']);
  devOpen(peer);
  dev.xmit(frame(60));
  devClose(peer);
  sim.runEvents(sim.now + MS);
  expect(drops).toEqual(['dev_ready', 'dev_ready']);
});

it('never has more than a backlog of frames under way', () => {
  const { sim, dev, peer, drops } = pair();
  devOpen(dev);
  devOpen(peer);
  for (let n = 0; n < 1100; n++) dev.xmit(frame(60));
  sim.runEvents(sim.now + MS);
  const dropped = drops.filter((reason) => reason === 'cpu_backlog').length;
  expect(dropped).toBeGreaterThanOrEqual(100);
  expect(dropped).toBeLessThan(110);
});

it('drops what is too long for the peer, at both ends', () => {
  const { dev, peer, drops } = pair();
  devOpen(dev);
  devOpen(peer);
  peer.mtu = 1000;
  const [tx, rx] = [{ ...dev.stats }, { ...peer.stats }];
  dev.xmit(frame(1018));
  expect(drops).toEqual([]);
  dev.xmit(frame(1019));
  expect(drops).toEqual(['pkt_too_big']);
  expect([dev.stats.txDropped - tx.txDropped, peer.stats.rxDropped - rx.rxDropped]).toEqual([1, 1]);
});

it('goes when its peer goes', () => {
  const { netns, dev } = pair();
  unregisterNetdevice(dev);
  expect(netns.devices.list().map((d) => d.name)).toEqual(['lo']);
});
