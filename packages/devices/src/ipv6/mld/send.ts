import { IPV6_ALL_ROUTERS, IPV6_ANY, type Ipv6Addr, ipv6 } from '@labwire/core/addr';
import type { SkBuff } from '@labwire/core/skb';
import {
  fillIcmpv6Checksum,
  ICMPV6_MGM_REDUCTION,
  IPPROTO_HOPOPTS,
  IPPROTO_ICMPV6,
  type Mld2Record,
  mld2ReportLength,
  mldLength,
  ROUTER_ALERT_HLEN,
  writeMld,
  writeMld2Report,
  writeRouterAlert,
} from '@labwire/core/wire';
import type { Inet6Dev } from '../inet6-dev.ts';
import { newIp6Skb } from '../ip6-build.ts';
import type { Ipv6 } from '../ipv6.ts';

/** All MLDv2-capable routers. RFC 3810 section 5.2.14 */
const ALL_MLDV2_ROUTERS = ipv6(0xff020000, 0, 0, 0x16);
/** What fits into the smallest MTU. */
const MAX_RECORDS = 60;

/** A message of `len` bytes behind a router alert, to be filled in from `skb.th` on. */
function newMessage(saddr: Ipv6Addr, daddr: Ipv6Addr, len: number): SkBuff {
  const skb = newIp6Skb(ROUTER_ALERT_HLEN + len, saddr, daddr, IPPROTO_HOPOPTS, 1);
  writeRouterAlert(skb.buf, skb.th, IPPROTO_ICMPV6);
  skb.th += ROUTER_ALERT_HLEN;
  return skb;
}

const sourceOf = (idev: Inet6Dev): Ipv6Addr => idev.linkLocal()?.addr ?? IPV6_ANY;

/** Sends a report of version 2. RFC 3810 section 5.2; `mld_sendpack()` */
export function sendMld2Report(ip6: Ipv6, idev: Inet6Dev, records: readonly Mld2Record[]): void {
  const some = records.slice(0, MAX_RECORDS);
  const src = sourceOf(idev);
  const skb = newMessage(src, ALL_MLDV2_ROUTERS, mld2ReportLength(some));
  writeMld2Report(skb.buf, skb.th, some);
  fillIcmpv6Checksum(skb.buf, skb.th, skb.tail, src, ALL_MLDV2_ROUTERS);
  ip6.output.sendOnLink(skb, idev.dev, ALL_MLDV2_ROUTERS);
}

/** Sends a report or a done of version 1. RFC 2710; `igmp6_send()` */
export function sendMld(ip6: Ipv6, idev: Inet6Dev, type: number, group: Ipv6Addr): void {
  const daddr = type === ICMPV6_MGM_REDUCTION ? IPV6_ALL_ROUTERS : group;
  const src = sourceOf(idev);
  const message = { type, maxDelay: 0, group, v2: undefined };
  const skb = newMessage(src, daddr, mldLength(message));
  writeMld(skb.buf, skb.th, message);
  fillIcmpv6Checksum(skb.buf, skb.th, skb.tail, src, daddr);
  ip6.output.sendOnLink(skb, idev.dev, daddr);
}
