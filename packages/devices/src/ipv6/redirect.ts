/** Redirects: a router tells a host that another, or the destination itself, is on its link. RFC 4861 section 8; Linux net/ipv6/ndisc.c. */
import { type Ipv6Addr, isLinkLocal6, putIpv6, sameIpv6 } from '@labwire/core/addr';
import { put8, put48 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import {
  fillIcmpv6Checksum,
  IPPROTO_ICMPV6,
  IPV6_HLEN,
  IPV6_MIN_MTU,
  ND_OPT_TARGET_LL_ADDR,
  NDISC_REDIRECT,
  writeIcmpv6,
} from '@labwire/core/wire';
import { isValid } from '../neigh/index.ts';
import type { Inet6Dev } from './inet6-dev.ts';
import { newIp6Skb } from './ip6-build.ts';
import type { Ipv6 } from './ipv6.ts';

const ND_OPT_REDIRECT_HDR = 4;
/** Bytes of a message without its options. RFC 4861 section 4.5 */
const MESSAGE_LEN = 40;
const LLADDR_OPTION_LEN = 8;
const HOP_LIMIT = 255;

/**
 * Tells the sender of `skb`, which goes out where it came in, by what address to reach the destination; the caller still owns
 * `skb`. `ndisc_send_redirect()`
 * @param gateway the next hop; null for the destination itself
 */
export function sendRedirect(
  ip6: Ipv6,
  skb: SkBuff,
  idev: Inet6Dev,
  saddr: Ipv6Addr,
  daddr: Ipv6Addr,
  gateway: Ipv6Addr | null,
): void {
  const { icmp, neigh } = ip6;
  if (!icmp.allowRedirect(daddr)) return;
  const { dev } = idev;
  const target = gateway ?? daddr;
  const source = idev.linkLocal();
  if (source?.usable !== true) return;
  if (!sameIpv6(daddr, target) && !isLinkLocal6(target)) return;
  const back = ip6.output.flow(saddr, isLinkLocal6(saddr) ? dev : null, source.addr);
  if (typeof back === 'string' || !sameIpv6(back.nexthop, saddr)) return;
  if (!icmp.allowRedirect(saddr)) return;
  const entry = neigh.lookupOrCreate(target, dev);
  if (entry === null) return;
  const lladdr = isValid(entry.nud) ? entry.lladdr : undefined;
  const known = lladdr === undefined ? 0 : LLADDR_OPTION_LEN;
  const room = IPV6_MIN_MTU - IPV6_HLEN - MESSAGE_LEN - known;
  const quoted = Math.min(room, skb.tail - skb.nh + 8) & ~7;
  const out = newIp6Skb(
    MESSAGE_LEN + known + quoted,
    source.addr,
    saddr,
    IPPROTO_ICMPV6,
    HOP_LIMIT,
  );
  const { buf, th } = out;
  writeIcmpv6(buf, th, { type: NDISC_REDIRECT, code: 0, rest: 0 });
  putIpv6(buf, th + 8, target);
  putIpv6(buf, th + 24, daddr);
  let at = th + MESSAGE_LEN;
  if (lladdr !== undefined) {
    put8(buf, at, ND_OPT_TARGET_LL_ADDR);
    put8(buf, at + 1, 1);
    put48(buf, at + 2, lladdr);
    at += LLADDR_OPTION_LEN;
  }
  buf.fill(0, at, at + 8);
  put8(buf, at, ND_OPT_REDIRECT_HDR);
  put8(buf, at + 1, quoted / 8);
  buf.set(skb.buf.subarray(skb.nh, skb.nh + quoted - 8), at + 8);
  fillIcmpv6Checksum(buf, th, out.tail, source.addr, saddr);
  ip6.output.send(out, back);
}
