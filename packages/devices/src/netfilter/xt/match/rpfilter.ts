import {
  IPV4_BROADCAST,
  IPV6_ANY,
  type Ipv4Addr,
  type Ipv6Addr,
  isLinkLocal6,
  isMulticast4,
  sameIpv6,
} from '@labwire/core/addr';
import { get8 } from '@labwire/core/bytes';
import { FibResult, Flow4 } from '../../../fib/index.ts';
import { usableHop } from '../../../ipv6/route6.ts';
import { IFF_LOOPBACK } from '../../../link/net-device.ts';
import type { RpfilterMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';

const flow = new Flow4();
const back = new FibResult();

/** Whether the way back to the source leaves by the device that the packet came in by. `rpfilter_lookup_reverse()` */
function isReverse(p: XtPacket, m: RpfilterMatch): boolean {
  flow.to(p.saddr as Ipv4Addr);
  const toMany = isMulticast4(p.daddr as Ipv4Addr) || p.daddr === IPV4_BROADCAST;
  flow.saddr = toMany ? 0 : p.daddr;
  flow.iif = p.netns.loopback.ifindex;
  flow.tos = get8(p.skb.buf, p.skb.nh + 1) & 0x1e;
  flow.mark = m.validmark ? p.skb.mark : 0;
  if (p.netns.ipv4.fib.lookup(flow, back, 0) !== undefined) return false;
  if (back.type !== 'unicast' && !(back.type === 'local' && m.acceptLocal)) return false;
  if (m.loose) return true;
  const nexthops = back.route?.nexthops ?? [];
  for (let i = 0; i < nexthops.length; i++) if (nexthops[i]?.dev === p.indev) return true;
  return false;
}

/** The same of IPv6. `rpfilter_lookup_reverse6()` */
function isReverse6(p: XtPacket, saddr: Ipv6Addr, m: RpfilterMatch): boolean {
  const dev = isLinkLocal6(saddr) || !m.loose ? p.indev : null;
  const route = p.netns.ipv6.fib.lookup(saddr, dev, usableHop);
  if (route === undefined) return false;
  return route.type === 'unicast' || (route.type === 'local' && m.acceptLocal);
}

/** `rpfilter_mt()` of both families; a source that is not known yet passes. */
export function rpfilterMatcher(m: RpfilterMatch): Matcher {
  const passes = (p: XtPacket): boolean => {
    if (p.indev !== null && (p.indev.flags & IFF_LOOPBACK) !== 0) return true;
    if (p.saddr6 !== null) return sameIpv6(p.saddr6, IPV6_ANY) || isReverse6(p, p.saddr6, m);
    const toMany = isMulticast4(p.daddr as Ipv4Addr) || p.daddr === IPV4_BROADCAST;
    return (p.saddr === 0 && toMany) || isReverse(p, m);
  };
  return (p) => passes(p) !== m.invert;
}
