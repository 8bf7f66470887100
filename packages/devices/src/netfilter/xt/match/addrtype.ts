import { IPV6_ANY, type Ipv6Addr, isMulticast6, sameIpv6 } from '@labwire/core/addr';
import { usableHop } from '../../../ipv6/route6.ts';
import type { NetDevice } from '../../../link/net-device.ts';
import type { RouteType } from '../../../rtnetlink/types.ts';
import type { AddrTypeName, AddrtypeMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';

type Side = AddrtypeMatch['source'];

/** Types that only the route tells. */
const LOOKED_UP: readonly AddrTypeName[] = ['LOCAL', 'ANYCAST', 'UNREACHABLE'];
const REJECTS: readonly RouteType[] = ['unreachable', 'prohibit', 'blackhole'];

/** What an IPv4 address is to us, on one device or on any. `inet_dev_addr_type()` */
function typeOf4(p: XtPacket, addr: number, dev: NetDevice | null): RouteType {
  const type = p.netns.ipv4.addrType(addr);
  const elsewhere = type === 'local' && dev !== null && p.netns.ipv4.devOf(addr) !== dev;
  return elsewhere ? 'unicast' : type;
}

/** What an IPv6 address is in itself, and to us. `match_type6()` */
function holds6(
  { netns }: XtPacket,
  addr: Ipv6Addr,
  dev: NetDevice | null,
  asked: readonly AddrTypeName[],
): boolean {
  const unspecified = sameIpv6(addr, IPV6_ANY);
  if (asked.includes('MULTICAST') && !isMulticast6(addr)) return false;
  if (asked.includes('UNICAST') && (isMulticast6(addr) || unspecified)) return false;
  if (asked.includes('UNSPEC') && !unspecified) return false;
  if (!LOOKED_UP.some((type) => asked.includes(type))) return true;
  const route = netns.ipv6.fib.lookup(addr, dev, usableHop);
  const local = dev === null ? route?.type === 'local' : dev.in6Dev?.find(addr) !== undefined;
  return (
    (asked.includes('LOCAL') && local) ||
    (asked.includes('ANYCAST') && route?.type === 'anycast') ||
    (asked.includes('UNREACHABLE') && (route === undefined || REJECTS.includes(route.type)))
  );
}

/** `addrtype_mt_v1()` */
export function addrtypeMatcher(m: AddrtypeMatch): Matcher {
  const holds = (p: XtPacket, addr4: number, addr6: Ipv6Addr | null, side: Side): boolean => {
    if (side === undefined) return true;
    const dev = m.limitIfaceIn ? p.indev : m.limitIfaceOut ? p.outdev : null;
    const is =
      addr6 === null
        ? side.in.includes(typeOf4(p, addr4, dev).toUpperCase() as AddrTypeName)
        : holds6(p, addr6, dev, side.in);
    return is !== side.invert;
  };
  return (p) => holds(p, p.saddr, p.saddr6, m.source) && holds(p, p.daddr, p.daddr6, m.dest);
}
