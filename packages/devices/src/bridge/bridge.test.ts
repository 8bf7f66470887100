import { formatMac, MAC_BROADCAST, type MacAddr } from '@labwire/core/addr';
import { get32, put16, put32, put48 } from '@labwire/core/bytes';
import { MS, type Nanos, SEC, Simulator } from '@labwire/core/sim';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { connect, devOpen, Nic, registerNetdevice, unregisterNetdevice } from '../link/index.ts';
import { Kernel } from '../netns/index.ts';
import { fdbAdd, fdbDump, linkAdd, linkSet } from '../rtnetlink/index.ts';
import type { Bridge } from './index.ts';

/** An EtherType that no layer sends or takes. */
const OURS = 0xffff;

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

/** A machine that says nothing of itself. */
function quietKernel(sim: Simulator, name: string): Kernel {
  const kernel = new Kernel(sim, name);
  for (const dir of ['all', 'default'])
    kernel.initNetns.sysctl.write(`net/ipv6/conf/${dir}/disable_ipv6`, '1');
  return kernel;
}

/** Machines with one bridge each, stations at their ports, cables between them. */
class Net {
  readonly sim: Simulator;
  readonly #macs: { next: number } = { next: 1 };
  /** What each station received, by the frames' numbers. */
  readonly received: number[][] = [];
  readonly stations: Nic[] = [];

  constructor(eventsPerSecond = 20_000_000) {
    this.sim = new Simulator({ eventsPerSecond });
  }

  bridge(name: string): Bridge {
    const { initNetns: netns } = quietKernel(this.sim, name);
    linkAdd(netns, { kind: 'bridge', name: 'br0', setFlags: 1 });
    return netns.devices.byName('br0') as Bridge;
  }

  /** A NIC of a machine. */
  nic(kernel: Kernel, name: string): Nic {
    const nic = new Nic(name, macOf(this.#macs.next++));
    registerNetdevice(kernel.initNetns, nic);
    devOpen(nic);
    return nic;
  }

  port(bridge: Bridge): Nic {
    const { kernel } = bridge.netns as NonNullable<typeof bridge.netns>;
    const nic = this.nic(kernel, `eth${bridge.portList.length}`);
    linkSet(kernel.initNetns, nic.ifindex, { master: bridge.ifindex });
    return nic;
  }

  /** A machine with one NIC at a port of a bridge. */
  station(bridge: Bridge): Nic {
    const n = this.stations.length;
    const kernel = quietKernel(this.sim, `pc${n}`);
    const nic = this.nic(kernel, 'eth0');
    const got: number[] = [];
    kernel.trace.receive.listen((skb) => {
      if (skb.protocol === OURS) got.push(get32(skb.buf, skb.mac + 14));
    });
    this.stations.push(nic);
    this.received.push(got);
    connect(this.sim, `station ${n}`, [nic, this.port(bridge)]);
    return nic;
  }

  join(a: Bridge, b: Bridge): void {
    connect(this.sim, `${a.portList.length} ${b.portList.length}`, [this.port(a), this.port(b)]);
  }

  send(from: number, to: MacAddr, id: number): void {
    const nic = this.stations[from] as Nic;
    nic.xmit(frame(nic.addr, to, id));
    this.settle();
  }

  settle(): void {
    this.advance(2 * MS);
  }

  /** Lets time pass, to the end even if nothing happens. */
  advance(duration: Nanos): void {
    this.sim.schedule(duration, { onEvent: () => {} }, 0, undefined);
    this.sim.runEvents(this.sim.now + duration);
  }

  /** Who received frame `id`, with as many entries as times. */
  who(id: number): number[] {
    return this.received.flatMap((got, n) => got.filter((g) => g === id).map(() => n));
  }
}

function threeStations() {
  const net = new Net();
  const bridge = net.bridge('sw');
  const [a, b, c] = [net.station(bridge), net.station(bridge), net.station(bridge)];
  return { net, bridge, a, b, c };
}

it('floods until it has learnt, then sends to one port alone', () => {
  const { net, a, b } = threeStations();
  net.send(0, b.addr, 1);
  net.send(1, a.addr, 2);
  net.send(0, b.addr, 3);
  expect([net.who(1), net.who(2), net.who(3)]).toEqual([[1, 2], [0], [1]]);
});

it('floods again what has aged out', () => {
  const { net, bridge, b } = threeStations();
  net.send(1, MAC_BROADCAST, 1);
  net.advance(299 * SEC);
  net.send(0, b.addr, 2);
  net.advance(2 * SEC);
  net.send(0, b.addr, 3);
  expect([net.who(2), net.who(3)]).toEqual([[1], [1, 2]]);
  linkSet(bridge.netns!, bridge.ifindex, { infoData: { ageing_time: 100 } });
  net.send(1, MAC_BROADCAST, 4);
  net.advance(2 * SEC);
  net.send(0, b.addr, 5);
  expect(net.who(5)).toEqual([1, 2]);
  net.send(1, MAC_BROADCAST, 6);
  net.advance(2 * SEC);
  linkSet(bridge.netns!, bridge.ifindex, { infoData: { ageing_time: 30_000 } });
  net.send(0, b.addr, 7);
  expect(net.who(7)).toEqual([1, 2]);
});

it('hands up what is for its own address, and what is for all', () => {
  const { net, bridge } = threeStations();
  const up: number[] = [];
  bridge.netns!.kernel.trace.receive.listen((skb, dev) => {
    if (dev === bridge && skb.protocol === OURS) up.push(get32(skb.buf, skb.mac + 14));
  });
  const before = { ...bridge.stats };
  net.send(0, bridge.addr, 1);
  net.send(0, MAC_BROADCAST, 2);
  net.send(0, macOf(99), 3);
  expect(up).toEqual([1, 2]);
  expect(bridge.stats.rxPackets - before.rxPackets).toBe(2);
  expect(bridge.stats.rxBytes - before.rxBytes).toBe(2 * (60 - 14));
  expect(net.who(1)).toEqual([]);
});

it('lists its addresses as the kernel does: local ones permanent, the newest first', () => {
  const { net, bridge, a } = threeStations();
  const netns = bridge.netns!;
  net.send(0, MAC_BROADCAST, 1);
  const port = bridge.portList.find((p) => p.no === 1)!;
  fdbAdd(
    netns,
    { ifindex: port.dev.ifindex, lladdr: macOf(50), master: true, state: 'static' },
    { create: true },
  );
  const entries = fdbDump(netns, { port: port.dev.ifindex }).filter((e) => e.master);
  expect(entries.map((e) => [formatMac(e.lladdr), e.state])).toEqual([
    [formatMac(macOf(50)), 'static'],
    [formatMac(a.addr), 'reachable'],
    [formatMac(port.dev.addr), 'permanent'],
  ]);
});

it.each<[string, Record<string, unknown>, number[]]>([
  ['flood off', { unicast_flood: 0 }, [1]],
  ['no option', {}, [1, 2]],
])('with %s at a port floods unicast to the others', (_, slaveData, to) => {
  const { net, bridge } = threeStations();
  const port = bridge.portList.find((p) => p.no === 3)!;
  linkSet(bridge.netns!, port.dev.ifindex, { slaveData });
  net.send(0, macOf(99), 1);
  expect(net.who(1)).toEqual(to);
});

it('keeps isolated ports apart, from each other alone', () => {
  const { net, bridge } = threeStations();
  for (const no of [1, 2]) {
    const port = bridge.portList.find((p) => p.no === no)!;
    linkSet(bridge.netns!, port.dev.ifindex, { slaveData: { isolated: 1 } });
  }
  net.send(0, MAC_BROADCAST, 1);
  net.send(2, MAC_BROADCAST, 2);
  expect([net.who(1), net.who(2)]).toEqual([[2], [0, 1]]);
});

it('sends back out of a port only with hairpin', () => {
  const { net, bridge } = threeStations();
  const port = bridge.portList.find((p) => p.no === 1)!;
  linkSet(bridge.netns!, port.dev.ifindex, { slaveData: { mode: 1 } });
  net.send(0, MAC_BROADCAST, 1);
  expect(net.who(1)).toEqual([0, 1, 2]);
});

it('does not forward the reserved group addresses, unless the mask says so', () => {
  const { net, bridge } = threeStations();
  const lldp = 0x0180c200000e as MacAddr;
  net.send(0, lldp, 1);
  net.send(0, 0x0180c2000000 as MacAddr, 2);
  linkSet(bridge.netns!, bridge.ifindex, { infoData: { group_fwd_mask: 0x4000 } });
  net.send(0, lldp, 3);
  expect([net.who(1), net.who(2), net.who(3)]).toEqual([[], [1, 2], [1, 2]]);
});

it('has a carrier while a port forwards', () => {
  const { bridge, a, b, c } = threeStations();
  expect([bridge.carrier, bridge.operState]).toEqual([true, 'UP']);
  for (const station of [a, b, c]) unregisterNetdevice(station);
  for (const p of bridge.portList) linkSet(bridge.netns!, p.dev.ifindex, { clearFlags: 1 });
  expect([bridge.carrier, bridge.operState]).toEqual([false, 'DOWN']);
});

it('ends a storm with an error that names the bridges and their ports', () => {
  const net = new Net(50_000);
  const [a, b] = [net.bridge('left'), net.bridge('right')];
  net.station(a);
  for (let n = 0; n < 3; n++) net.join(a, b);
  const storm = () => net.send(0, MAC_BROADCAST, 1);
  expect(storm).toThrow(/storm.*bridge br0 of right \(ports eth0, eth1, eth2\)/);
  expect(storm).toThrow(/storm.*bridge br0 of left \(ports eth0, eth1, eth2, eth3\)/);
});

/** A tree of bridges: each but the first hangs off an earlier one; stations hang off any. */
const tree = fc.record({
  parents: fc.array(fc.nat(), { maxLength: 5 }),
  stations: fc.array(fc.nat(), { minLength: 2, maxLength: 6 }),
  frames: fc.array(fc.tuple(fc.nat(), fc.nat({ max: 9 })), { maxLength: 30 }),
});

function buildTree(parents: readonly number[], stations: readonly number[]): Net {
  const net = new Net();
  const bridges = [net.bridge('b0')];
  for (const [i, parent] of parents.entries()) {
    const bridge = net.bridge(`b${i + 1}`);
    net.join(bridges[parent % bridges.length] as Bridge, bridge);
    bridges.push(bridge);
  }
  for (const at of stations) net.station(bridges[at % bridges.length] as Bridge);
  return net;
}

it('without loops delivers each frame at most once to each station, never to its sender, and always to whom it is for', () => {
  fc.assert(
    fc.property(tree, ({ parents, stations, frames }) => {
      const net = buildTree(parents, stations);
      for (const [id, [from, to]] of frames.entries()) {
        const sender = from % stations.length;
        const target = net.stations[to]; // a number too high: nobody has that address
        net.send(sender, target?.addr ?? (to === 9 ? MAC_BROADCAST : macOf(9999)), id);
        const who = net.who(id);
        expect(who).not.toContain(sender);
        expect(new Set(who).size).toBe(who.length);
        if (target !== undefined && to !== sender) expect(who).toContain(to);
        if (target === undefined) expect(who.length).toBe(stations.length - 1);
      }
    }),
    { numRuns: 40 },
  );
});

/** Any connected graph: a tree, and some cables more, from a bridge to itself among them; priorities and costs. */
const graph = fc.record({
  parents: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
  more: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 4 }),
  priorities: fc.array(fc.nat({ max: 3 }), { minLength: 5, maxLength: 5 }),
  costs: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 }),
});

it('with STP ends loop-free on any connected graph, the lowest id the root, and again when another is the lowest', () => {
  fc.assert(
    fc.property(graph, ({ parents, more, priorities, costs }) => {
      const net = new Net(2_000_000);
      const bridges: Bridge[] = [];
      const pick = (n: number) => bridges[n % bridges.length] as Bridge;
      const set = (b: Bridge, infoData: Record<string, number>) =>
        linkSet(b.netns!, b.ifindex, { infoData });
      for (const [i, parent] of [0, ...parents].entries()) {
        const bridge = net.bridge(`b${i}`);
        set(bridge, { stp_state: 1, priority: (priorities[i] as number) * 4096 });
        if (i > 0) net.join(pick(parent), bridge);
        bridges.push(bridge);
      }
      for (const [x, y] of more) net.join(pick(x), pick(y));
      for (const b of bridges)
        for (const p of b.portList) {
          const cost = costs[p.no % costs.length] as number;
          linkSet(b.netns!, p.dev.ifindex, { slaveData: { cost } });
        }
      for (const b of bridges) net.station(b);
      const check = (id: number) => {
        net.advance(100 * SEC);
        const ids = bridges.map(({ stp: { bridgeId } }) => bridgeId.prio * 2 ** 48 + bridgeId.addr);
        const root = bridges[ids.indexOf(Math.min(...ids))] as Bridge;
        for (const b of bridges) expect(b.stp.designatedRoot).toEqual(root.stp.bridgeId);
        net.send(0, MAC_BROADCAST, id);
        expect(net.who(id)).toEqual(bridges.slice(1).map((_, i) => i + 1));
      };
      check(1);
      set(pick(bridges.length - 1), { priority: 0 });
      set(pick(0), { priority: 61_440 });
      check(2);
    }),
    { numRuns: 15 },
  );
});
