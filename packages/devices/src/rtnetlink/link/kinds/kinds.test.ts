import type { MacAddr } from '@labwire/core/addr';
import { put48 } from '@labwire/core/bytes';
import { MS, Simulator } from '@labwire/core/sim';
import { allocSkb } from '@labwire/core/skb';
import fc from 'fast-check';
import { it } from 'vitest';
import { IFF_UP } from '../../../link/index.ts';
import { Kernel } from '../../../netns/index.ts';
import { linkAdd, linkSet } from '../../index.ts';

const macOf = (n: number) => (0x020000000000 + n) as MacAddr;

/** Kinds of devices on a veth, and what they are made with. */
const KINDS: readonly (readonly [kind: string, infoData: Record<string, unknown>])[] = [
  ['macvlan', { mode: 4 }],
  ['macvtap', { mode: 2 }],
  ['vlan', { id: 5 }],
  ['vlan', { id: 6, protocol: 0x88a8 }],
  ['vxlan', { id: 7, port: 4789 }],
  ['bridge', { vlan_filtering: 1 }],
  ['bond', { mode: 0 }],
  ['bond', { mode: 2, xmit_hash_policy: 1 }],
];

it.each(KINDS)('takes any frame at a %s made with %j', (kind, infoData) => {
  const bytes = fc.uint8Array({ minLength: 14, maxLength: 200 });
  const types = fc.constantFrom([], [0x81, 0], [0x88, 0xa8], [8, 0], [8, 6], [0x86, 0xdd]);
  const frames = fc.array(fc.tuple(bytes, types, fc.nat(4), fc.boolean()), { maxLength: 20 });
  fc.assert(
    fc.property(frames, (list) => {
      const sim = new Simulator();
      const { initNetns: netns } = new Kernel(sim, 'host');
      const stands = kind === 'bridge' || kind === 'bond';
      const up = { setFlags: IFF_UP };
      const top = stands ? linkAdd(netns, { kind, name: 'top', infoData, ...up }) : 0;
      const lower = linkAdd(netns, {
        kind: 'veth',
        name: 'd0',
        addr: macOf(1),
        peer: { name: 'd1', addr: macOf(2) },
      });
      if (stands) linkSet(netns, lower, { master: top });
      for (const name of ['d0', 'd1']) linkSet(netns, netns.devices.byName(name)?.ifindex ?? 0, up);
      if (!stands)
        linkAdd(netns, { kind, name: 'top', addr: macOf(3), link: lower, infoData, ...up });
      for (const [content, type, to, inwards] of list) {
        const skb = allocSkb(content.length);
        const at = skb.put(content.length);
        skb.buf.set(content, at);
        if (to < 4) put48(skb.buf, at, macOf(to));
        skb.buf.set(type, at + 12);
        netns.devices.byName(inwards ? 'd1' : 'top')?.xmit(skb);
        sim.runEvents(sim.now + MS);
      }
    }),
    { numRuns: 60 },
  );
});
