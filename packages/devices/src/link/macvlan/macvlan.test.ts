import type { MacAddr } from '@labwire/core/addr';
import { put16, put48 } from '@labwire/core/bytes';
import { MS, Simulator } from '@labwire/core/sim';
import { allocSkb, freeSkb, type SkBuff } from '@labwire/core/skb';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Kernel, type Netns } from '../../netns/index.ts';
import { linkAdd, linkDel, linkSet } from '../../rtnetlink/index.ts';
import { IFF_UP } from '../index.ts';
import { type Macvlan, Macvtap } from './index.ts';

/** An EtherType that no layer sends or takes. */
const OURS = 0xffff;
const macOf = (n: number) => (0x020000000000 + n) as MacAddr;
const BROADCAST = 0xffffffffffff as MacAddr;

function frame(src: MacAddr, dst: MacAddr, bytes = 60): SkBuff {
  const skb = allocSkb(bytes);
  const at = skb.put(bytes);
  skb.buf.fill(0, at, skb.tail);
  put48(skb.buf, at, dst);
  put48(skb.buf, at + 6, src);
  put16(skb.buf, at + 12, OURS);
  return skb;
}

/** A veth pair with macvlans of the given modes on one end, numbered from 10. */
function host(modes: readonly number[], kind = 'macvlan') {
  const sim = new Simulator();
  const kernel = new Kernel(sim, 'host');
  const { initNetns: netns } = kernel;
  for (const dir of ['all', 'default'])
    netns.sysctl.write(`net/ipv6/conf/${dir}/disable_ipv6`, '1');
  const d0 = linkAdd(netns, {
    kind: 'veth',
    name: 'd0',
    addr: macOf(1),
    peer: { name: 'd1', addr: macOf(2) },
  });
  for (const name of ['d0', 'd1']) linkSet(netns, dev(netns, name).ifindex, { setFlags: IFF_UP });
  modes.forEach((mode, i) => {
    linkAdd(netns, {
      kind,
      name: `m${i}`,
      link: d0,
      addr: macOf(10 + i),
      infoData: { mode },
      setFlags: IFF_UP,
    });
  });
  const got: string[] = [];
  kernel.trace.receive.listen((skb, at) => {
    if (skb.protocol === OURS) got.push(at.name);
  });
  const send = (from: string, dst: MacAddr, src = dev(netns, from).addr) => {
    got.length = 0;
    dev(netns, from).xmit(frame(src, dst));
    sim.runEvents(sim.now + MS);
    return [...got].sort();
  };
  return { sim, netns, kernel, send };
}

function dev(netns: Netns, name: string): Macvlan {
  return netns.devices.byName(name) as Macvlan;
}

const [PRIVATE, VEPA, BRIDGE, PASSTHRU, SOURCE] = [1, 2, 4, 8, 16] as const;

it('hands bridges what bridges send them, by way of the device below', () => {
  const { send } = host([BRIDGE, BRIDGE]);
  expect(send('m0', macOf(11))).toEqual(['d0', 'm1']);
});

it.each([
  ['private', PRIVATE],
  ['vepa', VEPA],
])('sends what is for another %s out of the device', (_, mode) => {
  const { send } = host([mode, mode]);
  expect(send('m0', macOf(11))).toEqual(['d1']);
});

it('hears nothing of its host, nor its host of it', () => {
  const { send } = host([BRIDGE]);
  expect([send('m0', macOf(1)), send('d0', macOf(10))]).toEqual([['d1'], ['d1']]);
});

it('gives a broadcast from outside to all, and to the device', () => {
  const { send } = host([BRIDGE, PRIVATE, VEPA]);
  expect(send('d1', BROADCAST)).toEqual(['d0', 'm0', 'm1', 'm2']);
});

it('gives a broadcast that the switch sends back to vepas, and to nobody twice', () => {
  const { send } = host([VEPA, VEPA, BRIDGE]);
  expect(send('d1', BROADCAST, macOf(10))).toEqual(['d0', 'm1', 'm2']);
  expect(send('d1', BROADCAST, macOf(12))).toEqual(['d0', 'm0', 'm1']);
});

it('takes everything as passthru', () => {
  const { send } = host([PASSTHRU]);
  expect(send('d1', macOf(77))).toEqual(['d0', 'm0']);
});

it('takes what chosen stations send as source, and leaves the device its copy', () => {
  const { send, netns } = host([SOURCE]);
  const { ifindex } = dev(netns, 'm0');
  linkSet(netns, ifindex, { infoData: { macaddr_mode: 0, macaddr: macOf(2) } });
  expect(send('d1', macOf(1))).toEqual(['d0', 'm0']);
  linkSet(netns, ifindex, { infoData: { flags: 2 } });
  expect(send('d1', macOf(1))).toEqual(['d0', 'm0']);
  linkSet(netns, ifindex, { infoData: { macaddr_mode: 2 } });
  expect(send('d1', macOf(1))).toEqual(['d0']);
});

it('never hands a frame to a station twice, nor to the one that sent it', () => {
  const mode = fc.constantFrom(PRIVATE, VEPA, BRIDGE);
  fc.assert(
    fc.property(
      fc.array(mode, { minLength: 1, maxLength: 4 }),
      fc.nat(3),
      fc.nat(5),
      (modes, from, to) => {
        const { send } = host(modes);
        fc.pre(to !== from % modes.length);
        const sender = `m${from % modes.length}`;
        const got = send(sender, to === 5 ? BROADCAST : macOf(10 + to)).filter((d) =>
          d.startsWith('m'),
        );
        expect(got).not.toContain(sender);
        expect(new Set(got).size).toBe(got.length);
        for (const name of got) expect(modes[Number(name.slice(1))]).toBe(BRIDGE);
      },
    ),
    { numRuns: 60 },
  );
});

it('gives its frames to the program that has its file open, and sends what that writes', () => {
  const { send, netns, sim, kernel } = host([BRIDGE], 'macvtap');
  const tap = dev(netns, 'm0');
  if (!(tap instanceof Macvtap)) throw new Error('no macvtap');
  const file = tap.openFile();
  expect(send('d1', macOf(10))).toEqual(['d0', 'm0']);
  const skb = file.recv();
  expect([skb?.len, file.recv()]).toEqual([60, null]);
  if (skb !== null) freeSkb(skb);
  const seen: string[] = [];
  kernel.trace.receive.listen((_, at) => seen.push(at.name));
  file.send(frame(macOf(10), macOf(2)));
  sim.runEvents(sim.now + MS);
  expect(seen).toEqual(['d1']);
  linkDel(netns, tap.ifindex);
  expect([file.device, file.send(frame(macOf(10), macOf(2)))]).toEqual([null, false]);
});

it('shows its file while it is there, under the index that it has', () => {
  const { netns, kernel } = host([]);
  const nodes: string[] = [];
  kernel.devNodes = {
    add: (name) => nodes.push(name),
    remove: (name) => nodes.splice(nodes.indexOf(name), 1),
  };
  const index = linkAdd(netns, { kind: 'macvtap', name: 't', link: dev(netns, 'd0').ifindex });
  expect(nodes).toEqual([`tap${index}`]);
  const other = kernel.newNetns();
  linkAdd(other, { kind: 'dummy', name: 'x', ifindex: index });
  linkSet(netns, index, { netns: other });
  const moved = dev(other, 't').ifindex;
  expect(moved).not.toBe(index);
  expect(nodes).toEqual([`tap${moved}`]);
  linkDel(other, moved);
  expect(nodes).toEqual([]);
});
