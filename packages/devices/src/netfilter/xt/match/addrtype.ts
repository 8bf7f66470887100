import type { Ipv6Addr } from '@labwire/core/addr';
import type { NetDevice } from '../../../link/net-device.ts';
import type { RouteType } from '../../../rtnetlink/types.ts';
import type { AddrTypeName, AddrtypeMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';

type Side = AddrtypeMatch['source'];

/** What an IPv4 address is to us, on one device or on any. `inet_dev_addr_type()` */
function typeOf4(p: XtPacket, addr: number, dev: NetDevice | null): RouteType {
  const type = p.netns.ipv4.addrType(addr);
  const elsewhere = type === 'local' && dev !== null && p.netns.ipv4.devOf(addr) !== dev;
  return elsewhere ? 'unicast' : type;
}

function typeOf(
  p: XtPacket,
  addr4: number,
  addr6: Ipv6Addr | null,
  dev: NetDevice | null,
): AddrTypeName {
  const type = addr6 === null ? typeOf4(p, addr4, dev) : p.netns.ipv6.addrType(addr6, dev);
  return type.toUpperCase() as AddrTypeName;
}

/** `addrtype_mt_v1()` */
export function addrtypeMatcher(m: AddrtypeMatch): Matcher {
  const holds = (p: XtPacket, addr4: number, addr6: Ipv6Addr | null, side: Side): boolean => {
    if (side === undefined) return true;
    const dev = m.limitIfaceIn ? p.indev : m.limitIfaceOut ? p.outdev : null;
    return side.in.includes(typeOf(p, addr4, addr6, dev)) !== side.invert;
  };
  return (p) => holds(p, p.saddr, p.saddr6, m.source) && holds(p, p.daddr, p.daddr6, m.dest);
}
