import { IPV4_BROADCAST, type Ipv4Addr, isMulticast4 } from '@labwire/core/addr';
import { get8 } from '@labwire/core/bytes';
import { FibResult, Flow4 } from '../../../fib/index.ts';
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

/** `rpfilter_mt()` of IPv4. */
export function rpfilterMatcher(m: RpfilterMatch): Matcher {
  return (p) => {
    const looped = p.indev !== null && (p.indev.flags & IFF_LOOPBACK) !== 0;
    if (looped) return !m.invert;
    const unspecified = p.saddr === 0;
    const toMany = isMulticast4(p.daddr as Ipv4Addr) || p.daddr === IPV4_BROADCAST;
    return (unspecified && toMany ? true : isReverse(p, m)) !== m.invert;
  };
}
