import type { MacAddr } from '@labwire/core/addr';
import { get16, put16, put48 } from '@labwire/core/bytes';
import { MS, Simulator } from '@labwire/core/sim';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Kernel } from '../../netns/index.ts';
import { linkAdd, linkSet } from '../../rtnetlink/index.ts';
import { IFF_UP, type NetDevice } from '../index.ts';

/** An EtherType that no layer sends or takes. */
const OURS = 0xffff;
const BROADCAST = 0xffffffffffff as MacAddr;
const [Q, AD] = [0x8100, 0x88a8];

function frame(tags: readonly (readonly [type: number, tci: number])[] = []): SkBuff {
  const skb = allocSkb(60 + 4 * tags.length);
  const at = skb.put(60 + 4 * tags.length);
  skb.buf.fill(0, at, skb.tail);
  put48(skb.buf, at, BROADCAST);
  put48(skb.buf, at + 6, 0x020000000001 as MacAddr);
  tags.forEach(([type, tci], i) => {
    put16(skb.buf, at + 12 + 4 * i, type);
    put16(skb.buf, at + 14 + 4 * i, tci);
  });
  put16(skb.buf, at + 12 + 4 * tags.length, OURS);
  return skb;
}

/** Two ends of a veth, d0 and d1; `add` puts a VLAN on a device. */
function wire() {
  const sim = new Simulator();
  const kernel = new Kernel(sim, 'host');
  const { initNetns: netns } = kernel;
  for (const dir of ['all', 'default'])
    netns.sysctl.write(`net/ipv6/conf/${dir}/disable_ipv6`, '1');
  linkAdd(netns, { kind: 'veth', name: 'd0', peer: { name: 'd1' } });
  const dev = (name: string) => netns.devices.byName(name) as NetDevice;
  for (const name of ['d0', 'd1']) linkSet(netns, dev(name).ifindex, { setFlags: IFF_UP });
  const add = (on: string, id: number, protocol = Q, data = {}) =>
    linkAdd(netns, {
      kind: 'vlan',
      name: `${on}.${id}`,
      link: dev(on).ifindex,
      infoData: { id, protocol, ...data },
      setFlags: IFF_UP,
    });
  const got: string[] = [];
  const priorities: number[] = [];
  kernel.trace.receive.listen((skb, at) => {
    const untagged = skb.vlanTci < 0 && get16(skb.buf, skb.nh - 2) === OURS;
    got.push(`${at.name}${untagged ? '' : ' tagged'}`);
    priorities.push(skb.priority);
  });
  const send = (from: string, skb: SkBuff) => {
    got.length = 0;
    priorities.length = 0;
    dev(from).xmit(skb);
    sim.runEvents(sim.now + MS);
    return [...got];
  };
  return { netns, dev, add, send, priorities };
}

it('tags what it sends, and takes what has its tag', () => {
  const { add, send } = wire();
  for (const on of ['d0', 'd1']) add(on, 10);
  expect(send('d0.10', frame())).toEqual(['d1 tagged', 'd1.10']);
});

it('takes a tag that stands in the frame as one that was taken out', () => {
  const { add, send } = wire();
  add('d1', 10);
  expect(send('d0', frame([[Q, 10]]))).toEqual(['d1 tagged', 'd1.10']);
  expect(send('d0', frame([[AD, 10]]))).toEqual(['d1 tagged']);
});

it('keeps VLANs in VLANs apart by both tags', () => {
  const { add, send } = wire();
  for (const on of ['d0', 'd1']) {
    add(on, 100, AD);
    add(`${on}.100`, 5);
    add(on, 5);
  }
  expect(send('d0.100.5', frame())).toEqual(['d1 tagged', 'd1.100 tagged', 'd1.100.5']);
  expect(send('d0.5', frame())).toEqual(['d1 tagged', 'd1.5']);
});

it('translates priorities both ways', () => {
  const { add, send, priorities } = wire();
  add('d0', 10, Q, { egress_qos: [{ from: 3, to: 6 }] });
  add('d1', 10, Q, { ingress_qos: [{ from: 6, to: 42 }] });
  const skb = frame();
  skb.priority = 3;
  send('d0.10', skb);
  expect(priorities).toEqual([0, 42]);
  send('d0.10', frame());
  expect(priorities).toEqual([0, 0]);
});

it('never lets a frame out of its VLAN, whatever tags it has', () => {
  const vid = fc.constantFrom(0, 1, 10, 4094);
  const tag = fc.tuple(fc.constantFrom(Q, AD), vid);
  fc.assert(
    fc.property(
      fc.uniqueArray(tag, { selector: String }),
      fc.array(tag, { maxLength: 3 }),
      (vlans, tags) => {
        const { add, send } = wire();
        for (const [protocol, id] of vlans) linkAddNamed(add, protocol, id);
        // a tag of VLAN 0 that nobody takes only gives a priority: the next one counts
        const real = tags.findIndex(([, id]) => id !== 0);
        const open = tags.slice(0, real < 0 ? tags.length : real + 1).map(([, id]) => `d1.${id}`);
        for (const at of send('d0', frame(tags)).map((g) => g.replace(' tagged', ''))) {
          if (at === 'd1') continue;
          expect(open).toContain(at);
        }
      },
    ),
    { numRuns: 60 },
  );
});

function linkAddNamed(add: ReturnType<typeof wire>['add'], protocol: number, id: number): void {
  try {
    add('d1', id, protocol);
  } catch {
    // the other protocol's VLAN of this number has the name
  }
}

it('never throws at any bytes behind the addresses', () => {
  const { add, send } = wire();
  add('d1', 10);
  add('d1.10', 10);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.boolean(), (bytes, tagged) => {
      const skb = frame(tagged ? [[Q, 10]] : []);
      skb.trim(12 + (tagged ? 4 : 0));
      skb.buf.set(bytes, skb.put(bytes.length));
      send('d0', skb);
    }),
  );
});
