import { IPV4_BROADCAST, type Ipv4Addr, isMulticast4, isMulticast6 } from '@labwire/core/addr';
import {
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_LOOPBACK,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
} from '@labwire/core/skb';
import { IFF_LOOPBACK } from '../../../link/net-device.ts';
import type { PkttypeMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';

const WANTED = {
  unicast: PACKET_HOST,
  broadcast: PACKET_BROADCAST,
  multicast: PACKET_MULTICAST,
  otherhost: PACKET_OTHERHOST,
};

/** What a packet that is made here will be; otherwise what its frame was. `pkttype_mt()` */
function typeOf(p: XtPacket): number {
  if (p.daddr6 !== null && p.skb.pktType !== PACKET_LOOPBACK) return p.skb.pktType;
  const looped = p.indev !== null && (p.indev.flags & IFF_LOOPBACK) !== 0;
  if (p.indev !== null && !looped) return p.skb.pktType;
  if (p.daddr6 !== null) return isMulticast6(p.daddr6) ? PACKET_MULTICAST : PACKET_BROADCAST;
  if (isMulticast4(p.daddr as Ipv4Addr)) return PACKET_MULTICAST;
  return p.daddr === IPV4_BROADCAST ? PACKET_BROADCAST : p.skb.pktType;
}

/** `pkttype_mt()` */
export function pkttypeMatcher(m: PkttypeMatch): Matcher {
  const want = WANTED[m.type];
  return (p) => (typeOf(p) === want) !== m.invert;
}
