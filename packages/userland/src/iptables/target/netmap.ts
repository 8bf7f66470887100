import { type Ipv4Addr, ipv6 } from '@labwire/core/addr';
import type { AddrRange, NatTarget } from '@labwire/devices/netfilter';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatAddr, maskAddr, plenOf } from '../core/address.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import { initNat } from './nat-range.ts';

/** The last address of a network. */
function lastOf(first: InetAddr, mask: InetAddr): InetAddr {
  if (typeof first === 'number') return (first | ~(mask as Ipv4Addr)) as Ipv4Addr;
  const m = mask as typeof first;
  return ipv6(first.w0 | ~m.w0, first.w1 | ~m.w1, first.w2 | ~m.w2, first.w3 | ~m.w3);
}

/** The bits in which the ends of a network agree. */
function maskBetween({ min, max }: AddrRange): InetAddr {
  if (typeof min === 'number') return ~(min ^ (max as Ipv4Addr)) as Ipv4Addr;
  const x = max as typeof min;
  return ipv6(~(min.w0 ^ x.w0), ~(min.w1 ^ x.w1), ~(min.w2 ^ x.w2), ~(min.w3 ^ x.w3));
}

function network(t: NatTarget): string {
  const addrs = t.addrs as AddrRange;
  const mask = maskBetween(addrs);
  return `${formatAddr(addrs.min)}/${plenOf(mask) ?? formatAddr(mask)}`;
}

/** `-j NETMAP`. extensions/libipt_NETMAP.c, libip6t_NETMAP.c */
export const netmap: TargetExtension = defineTarget<NatTarget, { addrs?: AddrRange }>({
  name: 'NETMAP',
  kinds: ['NETMAP'],
  options: [{ name: 'to', type: 'hostmask', mandatory: true }],
  init: () => ({}),
  parse: ({ value }, state) => {
    const mask = value.mask as InetAddr;
    const min = maskAddr(value.addr as InetAddr, mask);
    state.addrs = { min, max: lastOf(min, mask) };
  },
  finish: (state) => ({ kind: 'NETMAP', ...initNat(), ...state }),
  print: (t) => ` to:${network(t)}`,
  save: (t) => ` --to ${network(t)}`,
});
