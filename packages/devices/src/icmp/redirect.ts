/** What routers tell of paths: better gateways, smaller MTUs. Read beside Linux net/ipv4/route.c. */
import { IPV4_BROADCAST, type Ipv4Addr, isMulticast4 } from '@labwire/core/addr';
import { get8, get32 } from '@labwire/core/bytes';
import { SEC } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { Ipv4Off } from '@labwire/core/wire';
import { FibResult, Flow4, RT_SCOPE_UNIVERSE } from '../fib/index.ts';
import type { InDevice } from '../ipv4/in-device.ts';
import type { Ipv4 } from '../ipv4/ipv4.ts';
import { updateException } from '../ipv4/route/nexthop-exception.ts';
import { inetAddrOnlink } from '../ipv4/route/route-input.ts';
import type { Rtable } from '../ipv4/rtable.ts';
import type { NetDevice } from '../link/net-device.ts';
import { isValid } from '../neigh/index.ts';

const flow = new Flow4();
const res = new FibResult();

/** The route of a packet of ours that was quoted at `inner`; null if there is none. */
function routeOfQuoted(ip: Ipv4, skb: SkBuff, inner: number): Rtable | null {
  const { buf } = skb;
  flow.to(get32(buf, inner + Ipv4Off.daddr));
  flow.saddr = get32(buf, inner + Ipv4Off.saddr);
  flow.tos = get8(buf, inner + Ipv4Off.tos) & 0xfc;
  flow.protocol = get8(buf, inner + Ipv4Off.protocol);
  flow.oif = (skb.dev as NetDevice | null)?.l3Master?.ifindex ?? 0;
  return ip.routeOutput(flow) === undefined ? ip.rt : null;
}

/** A router could not forward a packet whose header is at `inner`: remembers the MTU it told. `__ip_rt_update_pmtu()` */
export function updatePmtu(ip: Ipv4, inner: number, skb: SkBuff, told: number): void {
  const rt = routeOfQuoted(ip, skb, inner);
  if (rt === null || rt.nh === null) return;
  const { now } = ip.netns.sim;
  const old = rt.mtu(ip.netns.sim, false);
  if (old < told) return;
  const locked = told < ip.conf.min_pmtu;
  const mtu = locked ? Math.min(old, ip.conf.min_pmtu) : told;
  const expires = now + ip.conf.mtu_expires * SEC;
  if (rt.pmtu === mtu && !locked && now < rt.expires - (ip.conf.mtu_expires * SEC) / 2) return;
  updateException(ip, rt.nh, flow.daddr, { pmtu: mtu, locked, expires });
}

/** A gateway tells of a better one for the destination of the packet quoted at `inner`. `__ip_do_redirect()` */
export function takeRedirect(ip: Ipv4, skb: SkBuff, inner: number, gateway: number): void {
  const dev = skb.dev as NetDevice;
  const idev = dev.inDev;
  const from = get32(skb.buf, skb.nh + Ipv4Off.saddr);
  const rt = routeOfQuoted(ip, skb, inner);
  if (idev === null || rt === null || rt.nh === null || rt.gateway !== from) return;
  if (rt.dev !== dev && rt.dev.l3Master !== dev) return;
  if (gateway === from || !believes(ip, idev, gateway, from)) return;
  const neigh = ip.arp.neighFor(gateway, rt.dev);
  if (neigh === null) return;
  if (!isValid(neigh.nud)) neigh.eventSend(null);
  else updateException(ip, rt.nh, flow.daddr, { gateway });
}

function believes(ip: Ipv4, idev: InDevice, gateway: number, from: number): boolean {
  const odd = isMulticast4(gateway as Ipv4Addr) || gateway === IPV4_BROADCAST;
  if (!idev.acceptRedirects || odd || gateway >>> 24 === 0) return false;
  if (idev.sharedMedia) return ip.addrType(gateway, idev.dev) === 'unicast';
  if (!inetAddrOnlink(idev, gateway, from)) return false;
  return !idev.secureRedirects || isDefaultGateway(ip, gateway);
}

/** Whether a default route goes by way of it. `ip_fib_check_default()` */
function isDefaultGateway(ip: Ipv4, gateway: number): boolean {
  flow.to(0);
  flow.scope = RT_SCOPE_UNIVERSE;
  const main = ip.fib.table(254);
  if (main === undefined || main.lookup(flow, res, 0) !== undefined) return false;
  return res.route?.nexthops.some((nh) => nh.gateway === gateway) ?? false;
}
