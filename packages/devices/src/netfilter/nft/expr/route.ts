/** Routes, addresses' types and sockets. Linux net/netfilter/nft_rt.c, nft_fib.c, nft_socket.c */
import { IPV4_BROADCAST, type Ipv4Addr, isLinkLocal6, isMulticast4 } from '@labwire/core/addr';
import { get8 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { FibResult, Flow4 } from '../../../fib/index.ts';
import type { Rtable } from '../../../ipv4/rtable.ts';
import { usableHop } from '../../../ipv6/route6.ts';
import { IFF_LOOPBACK, type NetDevice } from '../../../link/net-device.ts';
import type { NftFib, NftRt, NftSocket } from '../data/index.ts';
import type { NftPacket } from '../eval/packet.ts';
import { BREAK, bytesLoader, type Loader, numberLoader } from './loader.ts';

/** `nft_rt_get_eval()` @throws KernelError EOPNOTSUPP */
export function rtLoader(e: NftRt): Loader {
  const route = (p: NftPacket): Rtable | null => p.skb.dst as Rtable | null;
  if (e.key === 'ipsec') return numberLoader(1, () => 0);
  if (e.key === 'classid') return numberLoader(32, (p) => (route(p) === null ? BREAK : 0));
  if (e.key === 'mtu') return numberLoader(16, (p) => maxSegment(p, route(p)));
  if (e.family === 'ip6')
    throw new KernelError('EOPNOTSUPP', 'Labwire does not act on rt ip6 nexthop');
  return numberLoader(32, (p) => {
    const rt = route(p);
    if (rt === null || p.isIpv6) return BREAK;
    return (rt.gateway === 0 ? p.daddr : rt.gateway) >>> 0;
  });
}

const HEADERS4 = 40;
const HEADERS6 = 60;

/** The largest segment that the route has room for. `get_tcpmss()` */
function maxSegment(p: NftPacket, rt: Rtable | null): number {
  if (p.isIpv6) return (p.outdev?.mtu ?? 1500) - HEADERS6;
  return rt === null ? BREAK : rt.mtu(p.netns.sim, false) - HEADERS4;
}

/** `nft_socket_eval()`: the socket that a packet is for. @throws KernelError EOPNOTSUPP */
export function socketLoader(e: NftSocket): Loader {
  throw new KernelError('EOPNOTSUPP', `Labwire does not act on socket ${e.key}`);
}

const flow = new Flow4();
const result = new FibResult();
const TYPES: Readonly<Record<string, number>> = {
  unspec: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
};

function askedDevice(e: NftFib, p: NftPacket): NetDevice | null {
  if (e.flags.includes('iif')) return p.indev;
  return e.flags.includes('oif') ? p.outdev : null;
}

/** What an address is to us. `nft_fib4_eval_type()` */
function addressType(e: NftFib, p: NftPacket): number {
  const dev = askedDevice(e, p);
  const source = e.flags.includes('saddr');
  const a6 = source ? p.saddr6 : p.daddr6;
  if (p.isIpv6) return a6 === null ? BREAK : (TYPES[p.netns.ipv6.addrType(a6, dev)] ?? BREAK);
  const addr = source ? p.saddr : p.daddr;
  const type = p.netns.ipv4.addrType(addr);
  const elsewhere = type === 'local' && dev !== null && p.netns.ipv4.devOf(addr) !== dev;
  return TYPES[elsewhere ? 'unicast' : type] ?? BREAK;
}

/** The device by which an address would be reached; null if by none. `nft_fib4_eval()` */
function wayTo(e: NftFib, p: NftPacket): NetDevice | null {
  if (p.indev !== null && (p.indev.flags & IFF_LOOPBACK) !== 0 && p.hook <= 1) return p.indev;
  return p.isIpv6 ? wayTo6(e, p) : wayTo4(e, p);
}

function wayTo4(e: NftFib, p: NftPacket): NetDevice | null {
  const source = e.flags.includes('saddr');
  const toMany = isMulticast4(p.daddr as Ipv4Addr) || p.daddr === IPV4_BROADCAST;
  if (source && p.saddr === 0 && toMany) return p.indev;
  flow.to((source ? p.saddr : p.daddr) as Ipv4Addr);
  flow.saddr = source && !toMany ? p.daddr : 0;
  flow.iif = p.netns.loopback.ifindex;
  flow.tos = get8(p.skb.buf, p.network + 1) & 0x1e;
  flow.mark = e.flags.includes('mark') ? p.skb.mark : 0;
  if (p.netns.ipv4.fib.lookup(flow, result, 0) !== undefined || result.type !== 'unicast')
    return null;
  const want = askedDevice(e, p);
  const hops = result.route?.nexthops ?? [];
  if (want === null) return hops[0]?.dev ?? null;
  for (let i = 0; i < hops.length; i++) if (hops[i]?.dev === want) return want;
  return null;
}

function wayTo6(e: NftFib, p: NftPacket): NetDevice | null {
  const addr = e.flags.includes('saddr') ? p.saddr6 : p.daddr6;
  if (addr === null) return null;
  const want = askedDevice(e, p);
  const dev = want ?? (isLinkLocal6(addr) ? (p.indev ?? p.outdev) : null);
  const route = p.netns.ipv6.fib.lookup(addr, dev, usableHop);
  if (route === undefined || route.type !== 'unicast') return null;
  return want ?? route.nexthops[0]?.dev ?? null;
}

const NAME_BYTES = 16;

/** `nft_fib4_eval()` and its like */
export function fibLoader(e: NftFib): Loader {
  if (e.result === 'type') return numberLoader(32, (p) => addressType(e, p));
  if (e.present) return numberLoader(1, (p) => (wayTo(e, p) === null ? 0 : 1));
  if (e.result === 'oif') return numberLoader(32, (p) => wayTo(e, p)?.ifindex ?? 0);
  return bytesLoader(NAME_BYTES * 8, (p, to, at) => {
    const name = wayTo(e, p)?.name ?? '';
    for (let i = 0; i < NAME_BYTES; i++) to[at + i] = i < name.length ? name.charCodeAt(i) : 0;
    return true;
  });
}
