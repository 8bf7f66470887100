import { type Ipv6Addr, ipv4Mask } from '@labwire/core/addr';
import { ConnCount } from '../../../conntrack/conncount.ts';
import type { NfConn } from '../../../conntrack/nf-conn.ts';
import type { ConnlimitMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';

function wordMask(plen: number, i: number): number {
  const bits = Math.min(32, Math.max(0, plen - 32 * i));
  return bits === 0 ? 0 : ipv4Mask(bits);
}

/** The network of the packet's address, with the zone of its connection, as a key of a map: a number for IPv4 and no zone. */
function keyOf(m: ConnlimitMatch, p: XtPacket): number | string {
  const addr6: Ipv6Addr | null = m.side === 'dest' ? p.daddr6 : p.saddr6;
  const zone = (p.skb.ct as NfConn | null)?.zone ?? 0;
  if (addr6 === null) {
    const net = (m.side === 'dest' ? p.daddr : p.saddr) & wordMask(m.mask, 0);
    return zone === 0 ? net : `${net} ${zone}`;
  }
  const words = [addr6.w0, addr6.w1, addr6.w2, addr6.w3];
  return `${words.map((w, i) => w & wordMask(m.mask, i)).join('.')} ${zone}`;
}

/**
 * `connlimit_mt()`: counts the connections that have come by, by network; drops what can have none, and what leaves none
 * counted: a packet of an assured connection that is over, or that was not counted when it began.
 */
export function connlimitMatcher(m: ConnlimitMatch): Matcher {
  const counted = new Map<number | string, ConnCount>();
  return (p) => {
    const key = keyOf(m, p);
    const old = counted.get(key);
    const conns = old ?? new ConnCount(p.netns.netfilter.conntrack);
    const fits = old === undefined ? conns.begin(p.skb, p.isIpv6) : old.add(p.skb, p.isIpv6);
    if (old === undefined && fits) counted.set(key, conns);
    if (!fits || conns.count === 0) {
      p.hotdrop = true;
      return false;
    }
    return conns.count > m.limit !== m.upto;
  };
}
