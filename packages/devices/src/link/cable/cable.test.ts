import type { MacAddr } from '@labwire/core/addr';
import { get32, put16, put32, put48 } from '@labwire/core/bytes';
import { MS, type Nanos, SEC, Simulator, US } from '@labwire/core/sim';
import { allocSkb, type DropReason, type SkBuff } from '@labwire/core/skb';
import { expect, it } from 'vitest';
import { Kernel } from '../../netns/index.ts';
import {
  type CableOptions,
  connect,
  devClose,
  devOpen,
  Nic,
  registerNetdevice,
  shownOperState,
} from '../index.ts';

/** An EtherType that no layer sends or takes. */
const OURS = 0xffff;

const macOf = (n: number) => (0x020000000001 + n) as MacAddr;

/** Machines on one link, who notes which frame came when. */
function link(ends: number, options: CableOptions = {}) {
  const sim = new Simulator();
  const drops: DropReason[] = [];
  const arrivals: [nic: number, id: number, at: Nanos][] = [];
  const nics = Array.from({ length: ends }, (_, n) => {
    const kernel = new Kernel(sim, `pc${n}`);
    kernel.setHopCost(0, 0);
    for (const dir of ['all', 'default'])
      kernel.initNetns.sysctl.write(`net/ipv6/conf/${dir}/disable_ipv6`, '1');
    kernel.trace.drop.listen((reason) => drops.push(reason));
    kernel.trace.receive.listen((skb) => {
      if (skb.protocol === OURS) arrivals.push([n, get32(skb.buf, skb.mac + 14), sim.now]);
    });
    const nic = new Nic('eth0', macOf(n));
    registerNetdevice(kernel.initNetns, nic);
    return nic;
  });
  connect(sim, 'lan', nics, options);
  for (const nic of nics) devOpen(nic);
  return { sim, nics, drops, arrivals };
}

function frame(to: MacAddr, id: number, bytes = 60): SkBuff {
  const skb = allocSkb(bytes);
  const at = skb.put(bytes);
  skb.buf.fill(0, at, skb.tail);
  put48(skb.buf, at, to);
  put48(skb.buf, at + 6, macOf(0));
  put16(skb.buf, at + 12, OURS);
  put32(skb.buf, at + 14, id);
  return skb;
}

it('has a carrier while both ends of a cable are up', () => {
  const { nics } = link(2);
  const [a, b] = nics as [Nic, Nic];
  expect([shownOperState(a), shownOperState(b)]).toEqual(['UP', 'UP']);
  devClose(a);
  expect([shownOperState(a), shownOperState(b), b.carrier]).toEqual(['DOWN', 'DOWN', false]);
  devOpen(a);
  expect(shownOperState(b)).toBe('UP');
});

it('has a carrier at a switch, whoever else is there', () => {
  const { nics } = link(3);
  for (const nic of nics.slice(1)) devClose(nic);
  expect(nics.map(shownOperState)).toEqual(['UP', 'DOWN', 'DOWN']);
});

it('delays every frame, and keeps their order', () => {
  const { sim, nics, arrivals } = link(2, { delay: 5 * MS });
  for (let id = 0; id < 3; id++) nics[0]?.xmit(frame(macOf(1), id));
  sim.runEvents(SEC);
  expect(arrivals).toEqual([0, 1, 2].map((id) => [1, id, 5 * MS]));
});

it('sends one frame after the other at its rate', () => {
  const { sim, nics, arrivals } = link(2, { rate: 8_000_000 }); // a byte takes a microsecond
  for (let id = 0; id < 3; id++) nics[0]?.xmit(frame(macOf(1), id, 1000));
  sim.runEvents(SEC);
  expect(arrivals.map(([, , at]) => at)).toEqual([1000 * US, 2000 * US, 3000 * US]);
});

it('drops what finds no room in the queue for the line', () => {
  const { sim, nics, arrivals, drops } = link(2, { rate: 8_000_000, queue: 2000 });
  for (let id = 0; id < 5; id++) nics[0]?.xmit(frame(macOf(1), id, 1000));
  sim.runEvents(SEC);
  expect(arrivals.map(([, id]) => id)).toEqual([0, 1, 2]);
  expect(drops.filter((reason) => reason === 'qdisc_drop').length).toBe(2);
});

it.each([2, 3])(
  'loses the given share of frames on a link of %d ends, the same ones each time',
  (ends) => {
    const run = () => {
      const { sim, nics, arrivals } = link(ends, { loss: 0.25, delay: US });
      const [a, b] = nics as [Nic, Nic];
      b.xmit(frame(macOf(9), 10_000));
      sim.runEvents(sim.now + MS);
      for (let id = 0; id < 2000; id++) {
        a.xmit(frame(macOf(1), id));
        sim.runEvents(sim.now + 100 * US);
      }
      return arrivals.filter(([nic, id]) => nic === 1 && id < 2000).map(([, id]) => id);
    };
    const first = run();
    expect(first.length / 2000).toBeGreaterThan(0.7);
    expect(first.length / 2000).toBeLessThan(0.8);
    expect(run()).toEqual(first);
  },
);

it('sends frames at a switch only where they belong, once it knows', () => {
  const { sim, nics, arrivals } = link(3);
  const send = (from: number, to: number, id: number) => {
    const skb = frame(macOf(to), id);
    put48(skb.buf, skb.data + 6, macOf(from));
    nics[from]?.xmit(skb);
    sim.runEvents(sim.now + MS);
    return arrivals.filter(([, got]) => got === id).map(([nic]) => nic);
  };
  expect([send(0, 1, 1), send(1, 0, 2), send(0, 1, 3)]).toEqual([[1, 2], [0], [1]]);
});
