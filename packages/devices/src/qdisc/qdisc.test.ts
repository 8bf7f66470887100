import type { MacAddr } from '@labwire/core/addr';
import { get32, put16, put32, put48 } from '@labwire/core/bytes';
import { MS, type Nanos, SEC, Simulator, US } from '@labwire/core/sim';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IFF_UP, type NetDevice } from '../link/index.ts';
import { Kernel } from '../netns/index.ts';
import { classSet, filterSet, linkAdd, linkSet, qdiscDump, qdiscSet } from '../rtnetlink/index.ts';
import {
  TC_H_INGRESS,
  TC_H_MIN_EGRESS,
  TC_H_MIN_INGRESS,
  TC_H_ROOT,
  type TcOptions,
} from './index.ts';

/** An EtherType that no layer sends or takes. */
const OURS = 0xffff;
const BROADCAST = 0xffffffffffff as MacAddr;
const TICKS_PER_US = 1000 / 64;
const U32_MAX = 0xffff_ffff;

function frame(id: number, bytes = 100, mark = 0): SkBuff {
  const skb = allocSkb(bytes);
  const at = skb.put(bytes);
  skb.buf.fill(0, at, skb.tail);
  put48(skb.buf, at, BROADCAST);
  put48(skb.buf, at + 6, 0x020000000001 as MacAddr);
  put16(skb.buf, at + 12, OURS);
  put32(skb.buf, at + 14, id);
  skb.mark = mark;
  return skb;
}

/** A veth pair without latency, and what arrives at its far end. */
function wire(seed = 1) {
  const sim = new Simulator({ seed });
  const kernel = new Kernel(sim, 'host');
  kernel.setHopCost(0, 0);
  const { initNetns: netns } = kernel;
  for (const dir of ['all', 'default'])
    netns.sysctl.write(`net/ipv6/conf/${dir}/disable_ipv6`, '1');
  linkAdd(netns, { kind: 'veth', name: 'd0', peer: { name: 'd1' } });
  const dev = (name: string) => netns.devices.byName(name) as NetDevice;
  for (const name of ['d0', 'd1']) linkSet(netns, dev(name).ifindex, { setFlags: IFF_UP });
  const { ifindex } = dev('d0');
  const got: { id: number; at: Nanos; bytes: number }[] = [];
  kernel.trace.receive.listen((skb, at) => {
    if (at.name === 'd1' && skb.protocol === OURS)
      got.push({ id: get32(skb.buf, skb.nh), at: sim.now, bytes: skb.len + 14 });
  });
  const put = (kind: string, options: TcOptions, parent = TC_H_ROOT, handle = 0x1_0000) =>
    qdiscSet(netns, { ifindex, parent, handle, kind, options }, { create: true, excl: true });
  const advance = (time: Nanos) => {
    sim.schedule(time, { onEvent: () => {} }, 0, undefined);
    sim.runEvents(sim.now + time);
  };
  return { sim, netns, ifindex, dev: dev('d0'), far: dev('d1'), got, put, advance };
}

const rate = (bytesPerSecond: number) => ({
  rate: bytesPerSecond,
  overhead: 0,
  mpu: 0,
  cellLog: 3,
  linklayer: 1,
});

describe('tbf', () => {
  it('never sends more than a burst and its rate, whatever it is given', () => {
    const burst = fc.array(fc.tuple(fc.integer({ min: 60, max: 1500 }), fc.nat(20)), {
      minLength: 1,
      maxLength: 80,
    });
    fc.assert(
      fc.property(burst, fc.integer({ min: 10_000, max: 500_000 }), (frames, bytesPerSecond) => {
        const { dev, got, put, advance } = wire();
        put('tbf', { rate: rate(bytesPerSecond), limit: 60_000, burst: 1600 });
        for (const [id, [bytes, pause]] of frames.entries()) {
          dev.xmit(frame(id, bytes));
          advance(pause * MS);
        }
        advance(20 * SEC);
        for (let from = 0; from < got.length; from++) {
          let sent = 0;
          for (let to = from; to < got.length; to++) {
            sent += got[to]!.bytes;
            const time = (got[to]!.at - got[from]!.at) / SEC;
            expect(sent).toBeLessThanOrEqual(1600 + bytesPerSecond * time + 1);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('drops what it has no room for, and what no burst can hold', () => {
    const { dev, got, put, advance, netns } = wire();
    put('tbf', { rate: rate(1000), limit: 300, burst: 200 });
    for (let id = 0; id < 8; id++) dev.xmit(frame(id, 100));
    dev.xmit(frame(9, 500));
    advance(10 * SEC);
    expect(got.map((g) => g.id)).toEqual([0, 1, 2, 3, 4]);
    expect(qdiscDump(netns).find((q) => q.kind === 'tbf')?.stats.drops).toBe(4);
  });
});

describe('netem', () => {
  it.each([
    ['random', { loss: Math.round(0.2 * U32_MAX) }, 0.2],
    [
      'a Gilbert-Elliott model',
      { gemodel: { p: U32_MAX * 0.1, r: U32_MAX * 0.3, h: 0, k1: 0 } },
      0.25,
    ],
    [
      'four states',
      { gimodel: { p13: U32_MAX * 0.1, p31: U32_MAX * 0.4, p32: 0, p23: U32_MAX, p14: 0 } },
      0.2,
    ],
  ] as const)('loses the share that %s says, the same frames each time', (_, options, share) => {
    const run = (seed: number) => {
      const { dev, got, put, advance } = wire(seed);
      put('netem', { limit: 100_000, ...options });
      for (let id = 0; id < 5000; id++) {
        dev.xmit(frame(id));
        advance(US);
      }
      return got.map((g) => g.id);
    };
    const first = run(7);
    expect(Math.abs(1 - first.length / 5000 - share)).toBeLessThan(0.03);
    expect(run(7)).toEqual(first);
    expect(run(8)).not.toEqual(first);
  });

  it.each(['uniform', 'normal', 'pareto'])(
    'spreads delays around the mean by a %s distribution',
    (delayDist) => {
      const { dev, got, put, advance } = wire();
      put('netem', {
        limit: 100_000,
        latency: 100_000 * TICKS_PER_US,
        jitter: 10_000 * TICKS_PER_US,
        delayDist,
      });
      const sent: Nanos[] = [];
      for (let id = 0; id < 4000; id++) {
        sent.push(id * 10 * US);
        dev.xmit(frame(id));
        advance(10 * US);
      }
      advance(SEC);
      const delays = got.map((g) => (g.at - sent[g.id]!) / MS);
      const mean = delays.reduce((a, b) => a + b, 0) / delays.length;
      const deviation = Math.sqrt(delays.reduce((a, b) => a + (b - mean) ** 2, 0) / delays.length);
      expect(delays.length).toBe(4000);
      expect(Math.abs(mean - 100)).toBeLessThan(0.6);
      expect(deviation).toBeGreaterThan(delayDist === 'uniform' ? 5.5 : 8);
      expect(deviation).toBeLessThan(delayDist === 'uniform' ? 6.1 : 11);
    },
  );

  it('delivers everything once, in order, if it only delays', () => {
    const { dev, got, put, advance } = wire();
    put('netem', { latency: 50_000 * TICKS_PER_US });
    for (let id = 0; id < 20; id++) dev.xmit(frame(id));
    advance(49 * MS);
    expect(got).toEqual([]);
    advance(MS);
    expect(got.map((g) => g.id)).toEqual([...new Array(20).keys()]);
  });

  it('doubles, damages and reorders', () => {
    const { dev, got, put, advance } = wire();
    put('netem', {
      latency: 10_000 * TICKS_PER_US,
      duplicate: U32_MAX,
      reorder: { probability: U32_MAX, correlation: 0 },
      gap: 3,
    });
    for (let id = 0; id < 6; id++) dev.xmit(frame(id));
    advance(SEC);
    expect(got.length).toBe(12);
    expect(got[0]!.at).toBeLessThan(10 * MS);
    expect(got[11]!.at).toBe(10 * MS);
  });
});

describe('htb', () => {
  const classes = (
    netns: Parameters<typeof classSet>[0],
    ifindex: number,
    rows: readonly [number, number, number, number][],
  ) => {
    for (const [classid, parent, guaranteed, ceil] of rows)
      classSet(
        netns,
        {
          ifindex,
          handle: classid,
          parent,
          options: {
            rate: rate(guaranteed),
            ceil: rate(ceil),
            buffer: (1600 / guaranteed) * 1e6 * TICKS_PER_US,
            cbuffer: (1600 / ceil) * 1e6 * TICKS_PER_US,
            prio: 0,
          },
        },
        { create: true, excl: true },
      );
  };

  it('gives each class its rate, and what is left over to those that want more', () => {
    const { dev, got, put, advance, netns, ifindex } = wire();
    put('htb', { rate2quantum: 10, defcls: 0 });
    classes(netns, ifindex, [
      [0x1_0001, TC_H_ROOT, 100_000, 100_000],
      [0x1_0010, 0x1_0001, 60_000, 100_000],
      [0x1_0020, 0x1_0001, 20_000, 100_000],
    ]);
    // without a filter of its own, `fw` takes the mark for the class
    filterSet(
      netns,
      { ifindex, parent: 0x1_0000, prio: 1, protocol: 3, kind: 'fw', options: {} },
      { create: true },
    );
    for (let id = 0; id < 4000; id++) {
      dev.xmit(frame(id, 500, id % 2 === 0 ? 0x1_0010 : 0x1_0020));
      advance(2 * MS); // 250 kB/s of each
    }
    const rateOf = (even: number) =>
      got.filter((g) => g.id % 2 === even && g.at > SEC).reduce((n, g) => n + g.bytes, 0) / 7;
    expect(rateOf(0) + rateOf(1)).toBeGreaterThan(95_000);
    expect(rateOf(0) + rateOf(1)).toBeLessThan(103_000);
    expect(rateOf(0)).toBeGreaterThan(58_000);
    expect(rateOf(1)).toBeGreaterThan(19_000);
  });
});

it('asks filters at both ends, and lets them drop and send elsewhere', () => {
  const { dev, far, got, netns, ifindex, advance } = wire();
  for (const at of [ifindex, far.ifindex])
    qdiscSet(
      netns,
      { ifindex: at, parent: TC_H_INGRESS, handle: 0xffff_0000, kind: 'clsact' },
      { create: true },
    );
  const filter = (at: number, parent: number, id: number, action: TcOptions) =>
    filterSet(
      netns,
      {
        ifindex: at,
        parent,
        protocol: 3,
        kind: 'u32',
        options: {
          sel: { keys: [{ val: id, mask: U32_MAX, off: 0, offmask: 0 }], flags: 1 },
          actions: [action],
        },
      },
      { create: true },
    );
  filter(ifindex, TC_H_MIN_EGRESS, 1, { kind: 'gact', options: { action: 2 } });
  filter(far.ifindex, TC_H_MIN_INGRESS, 2, {
    kind: 'mirred',
    options: { eaction: 1, ifindex: far.ifindex, action: 4 },
  });
  const back: number[] = [];
  netns.kernel.trace.receive.listen((skb, at) => {
    if (at === dev && skb.protocol === OURS) back.push(get32(skb.buf, skb.nh));
  });
  for (const id of [1, 2, 3]) dev.xmit(frame(id));
  advance(MS);
  expect([got.map((g) => g.id), back]).toEqual([[2, 3], [2]]);
});

it('never loses account of a frame, in any qdisc: sent, waiting or dropped', () => {
  const kinds = fc.constantFrom<[string, TcOptions]>(
    ['pfifo', { limit: 5 }],
    ['bfifo', { limit: 700 }],
    ['pfifo_head_drop', { limit: 4 }],
    ['pfifo_fast', {}],
    ['prio', { bands: 3 }],
    ['sfq', { limit: 6 }],
    ['fq_codel', { limit: 8 }],
    ['tbf', { rate: rate(5000), limit: 900, burst: 400 }],
    ['netem', { limit: 6, latency: 3000 * TICKS_PER_US, jitter: 2000 * TICKS_PER_US }],
  );
  const bytes = fc.uint8Array({ minLength: 14, maxLength: 300 });
  fc.assert(
    fc.property(kinds, fc.array(bytes, { maxLength: 30 }), ([kind, options], frames) => {
      const { dev, put, advance, netns } = wire();
      put('tbf', { rate: rate(20_000), limit: 5000, burst: 400 });
      qdiscSet(
        netns,
        { ifindex: dev.ifindex, parent: 0x1_0001, handle: 0x2_0000, kind, options },
        { create: true },
      );
      for (const b of frames) {
        const skb = allocSkb(b.length);
        skb.buf.set(b, skb.put(b.length));
        dev.xmit(skb);
        advance(MS);
      }
      const of = (handle: number) => qdiscDump(netns).find((q) => q.handle === handle)?.stats;
      const [outer, inner] = [of(0x1_0000)!, of(0x2_0000)!];
      // what the outer one gives out has been through the inner one; what that drops at once is both's
      expect(outer.packets).toBeLessThanOrEqual(inner.packets);
      expect(inner.packets + inner.drops + inner.qlen).toBe(frames.length);
      expect(outer.qlen).toBeLessThanOrEqual(frames.length);
    }),
    { numRuns: 80 },
  );
});
