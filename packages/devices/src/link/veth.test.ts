import { Simulator } from '@labwire/core/sim';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import { expect, it } from 'vitest';
import { Kernel } from '../netns/index.ts';
import { effectiveFlags, IFF_LOWER_UP, IFF_RUNNING, shownOperState } from './index.ts';
import { devClose, devOpen, unregisterNetdevice } from './register.ts';
import { Veth } from './veth.ts';

function pair() {
  const sim = new Simulator();
  const kernel = new Kernel(sim, 'host');
  const netns = kernel.initNetns;
  const [dev, peer] = Veth.createPair({ netns, name: 'v0' }, { netns, name: 'v1' });
  return { sim, kernel, netns, dev, peer };
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
  kernel.trace.receive.listen((skb) => seen.push([skb.tail - skb.mac, sim.now]));
  for (let n = 0; n < 50; n++) dev.xmit(frame(60 + n));
  expect(seen).toEqual([]);
  sim.runEvents();
  expect(seen.map(([bytes]) => bytes)).toEqual(Array.from({ length: 50 }, (_, n) => 60 + n));
  expect(new Set(seen.map(([, at]) => at)).size).toBeGreaterThan(1);
  expect([dev.stats.txPackets, dev.stats.txBytes]).toEqual([50, 4225]);
  expect([peer.stats.rxPackets, peer.stats.rxBytes]).toEqual([50, 4225]);
});

it('drops what is sent without a carrier, and what arrives at a device set down meanwhile', () => {
  const { sim, kernel, dev, peer } = pair();
  devOpen(dev);
  dev.xmit(frame(60));
  expect(dev.stats.txDropped).toBe(1);
  devOpen(peer);
  dev.xmit(frame(60));
  devClose(peer);
  sim.runEvents();
  expect(kernel.dropCounts?.get('dev_ready')).toBe(2);
});

it('never has more than a backlog of frames under way', () => {
  const { sim, kernel, dev, peer } = pair();
  devOpen(dev);
  devOpen(peer);
  for (let n = 0; n < 1001; n++) dev.xmit(frame(60));
  sim.runEvents();
  expect(kernel.dropCounts?.get('cpu_backlog')).toBe(1);
  expect([dev.stats.txPackets, dev.stats.txDropped]).toEqual([1000, 1]);
});

it('goes when its peer goes', () => {
  const { netns, dev } = pair();
  unregisterNetdevice(dev);
  expect(netns.devices.list().map((d) => d.name)).toEqual(['lo']);
});
