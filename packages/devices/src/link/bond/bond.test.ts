import type { MacAddr } from '@labwire/core/addr';
import { put16, put32, put48 } from '@labwire/core/bytes';
import { MS, Simulator } from '@labwire/core/sim';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Kernel } from '../../netns/index.ts';
import { linkAdd, linkDel, linkSet } from '../../rtnetlink/index.ts';
import { IFF_UP } from '../index.ts';
import { Bond } from './index.ts';

/** An EtherType that no layer sends or takes. */
const OURS = 0xffff;
const PEER = 0x02000000aaaa as MacAddr;
const [ROUNDROBIN, ACTIVEBACKUP, XOR, BROADCAST] = [0, 1, 2, 3] as const;

function frame(src: MacAddr, dst: MacAddr, n: number): SkBuff {
  const skb = allocSkb(60);
  const at = skb.put(60);
  skb.buf.fill(0, at, skb.tail);
  put48(skb.buf, at, dst);
  put48(skb.buf, at + 6, src);
  put16(skb.buf, at + 12, OURS);
  put32(skb.buf, at + 14, n);
  return skb;
}

/** A bond of `ports` veths v0, v1, …, whose other ends are p0, p1, …. */
function host(mode: number, ports: number, data: Record<string, unknown> = {}) {
  const sim = new Simulator();
  const kernel = new Kernel(sim, 'host');
  const { initNetns: netns } = kernel;
  for (const dir of ['all', 'default'])
    netns.sysctl.write(`net/ipv6/conf/${dir}/disable_ipv6`, '1');
  const infoData = { mode, miimon: 10, ...data };
  const index = linkAdd(netns, { kind: 'bond', name: 'bond0', infoData });
  const bond = netns.devices.byIndex(index);
  if (!(bond instanceof Bond)) throw new Error('no bond');
  const dev = (name: string) => {
    const found = netns.devices.byName(name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const setUp = (name: string, up: boolean) =>
    linkSet(netns, dev(name).ifindex, up ? { setFlags: IFF_UP } : { clearFlags: IFF_UP });
  for (let i = 0; i < ports; i++) {
    linkAdd(netns, { kind: 'veth', name: `v${i}`, peer: { name: `p${i}` } });
    linkSet(netns, dev(`v${i}`).ifindex, { master: index });
    setUp(`p${i}`, true);
  }
  setUp('bond0', true);
  sim.runEvents(sim.now + 50 * MS);
  const got: { at: string; n: number }[] = [];
  kernel.trace.receive.listen((skb, at) => {
    if (skb.protocol === OURS)
      got.push({
        at: at.name,
        n: new DataView(skb.buf.buffer, skb.buf.byteOffset).getInt32(skb.data),
      });
  });
  return { sim, netns, bond, dev, setUp, got };
}

it('sends by one port at a time, and hears by that one alone', () => {
  const { sim, bond, dev, got } = host(ACTIVEBACKUP, 2);
  for (let n = 0; n < 4; n++) bond.xmit(frame(bond.addr, PEER, n));
  sim.runEvents(sim.now + MS);
  expect(got.map((g) => g.at)).toEqual(['p0', 'p0', 'p0', 'p0']);
  got.length = 0;
  dev('p0').xmit(frame(PEER, bond.addr, 1));
  dev('p1').xmit(frame(PEER, bond.addr, 2));
  sim.runEvents(sim.now + MS);
  expect(got.filter((g) => g.at === 'bond0').map((g) => g.n)).toEqual([1]);
});

it('takes ports in turn, by hash, or all of them', () => {
  const sent = (mode: number) => {
    const { sim, bond, got } = host(mode, 3);
    for (let n = 0; n < 6; n++) bond.xmit(frame(bond.addr, PEER, n));
    sim.runEvents(sim.now + MS);
    return ['p0', 'p1', 'p2'].map((p) => got.filter((g) => g.at === p).length);
  };
  expect(sent(ROUNDROBIN)).toEqual([2, 2, 2]);
  expect(sent(XOR).sort()).toEqual([0, 0, 6]);
  expect(sent(BROADCAST)).toEqual([6, 6, 6]);
});

it.each([
  ['active-backup', ACTIVEBACKUP],
  ['round-robin', ROUNDROBIN],
  ['xor', XOR],
])('loses as %s only what it sends before it looks at the link that failed', (_, mode) => {
  const flaps = fc.array(fc.record({ after: fc.integer({ min: 25, max: 60 }), port: fc.nat(2) }), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(flaps, (given) => {
      const list = [...given];
      const { sim, bond, setUp, got } = host(mode, 3);
      const start = sim.now;
      const failed: number[] = [];
      const sentAt: number[] = [];
      let down = -1;
      let next = list.shift();
      let wait = next?.after ?? 0;
      for (let n = 0; n < 400; n++) {
        if (next !== undefined && wait-- <= 0) {
          if (down >= 0) setUp(`p${down}`, true);
          down = next.port;
          setUp(`p${down}`, false);
          failed.push(sim.now);
          next = list.shift();
          wait = next?.after ?? 0;
        }
        sentAt.push(sim.now);
        bond.xmit(frame(bond.addr, PEER, n));
        sim.runEvents(sim.now + MS);
      }
      expect(sim.now).toBe(start + 400 * MS);
      const seen = got.filter((g) => g.at.startsWith('p')).map((g) => g.n);
      expect(new Set(seen).size).toBe(seen.length);
      const lost = sentAt.filter((_, n) => !seen.includes(n));
      for (const at of lost) expect(failed.some((f) => at >= f && at <= f + 10 * MS)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

it('gives its ports back as they were', () => {
  const { netns, bond, dev } = host(ACTIVEBACKUP, 2);
  const v1 = dev('v1');
  const own = bond.slaves[1]?.permAddr;
  expect(v1.addr).toBe(bond.addr);
  linkSet(netns, bond.ifindex, { mtu: 1400 });
  linkSet(netns, v1.ifindex, { master: 0 });
  expect([v1.addr, v1.mtu, v1.isUp, v1.rxHandler]).toEqual([own, 1500, false, null]);
  linkDel(netns, dev('v0').ifindex);
  expect([bond.slaves.length, bond.active, bond.carrier]).toEqual([0, null, false]);
  linkSet(netns, v1.ifindex, { master: bond.ifindex });
  linkDel(netns, bond.ifindex);
  expect([v1.master, v1.isUp]).toEqual([null, false]);
});

it('takes up a link that came back only after its delay', () => {
  const { sim, bond, setUp } = host(ACTIVEBACKUP, 2, { updelay: 50, downdelay: 20 });
  const active = () => bond.active?.dev.name;
  setUp('p0', false);
  sim.runEvents(sim.now + 15 * MS);
  expect(active()).toBe('v0');
  sim.runEvents(sim.now + 20 * MS);
  expect(active()).toBe('v1');
  setUp('p0', true);
  sim.runEvents(sim.now + 45 * MS);
  expect(bond.slaves[0]?.link).toBe(3);
  sim.runEvents(sim.now + 30 * MS);
  expect(bond.slaves[0]?.link).toBe(0);
});
