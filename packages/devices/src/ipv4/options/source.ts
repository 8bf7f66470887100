import { get8, get32 } from '@labwire/core/bytes';
import { MS } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { Ipv4Off } from '@labwire/core/wire';
import { Flow4, RT_SCOPE_LINK, RT_SCOPE_UNIVERSE } from '../../fib/index.ts';
import type { NetDevice } from '../../link/net-device.ts';
import type { Ipv4 } from '../ipv4.ts';
import { RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, type Rtable } from '../rtable.ts';

const flow = new Flow4();
const DAY_MS = 86_400_000;

/** Milliseconds since midnight, UTC; simulated time began at one. `inet_current_timestamp()` */
export function timestampNow(ip: Ipv4): number {
  return Math.floor(ip.netns.sim.now / MS) % DAY_MS;
}

/** The address to answer a received packet from: the one that was asked if it is ours alone. `fib_compute_spec_dst()` */
export function specDst(ip: Ipv4, skb: SkBuff): number {
  const { flags } = skb.dst as Rtable;
  if ((flags & (RTCF_BROADCAST | RTCF_MULTICAST | RTCF_LOCAL)) === RTCF_LOCAL)
    return get32(skb.buf, skb.nh + Ipv4Off.daddr);
  const saddr = get32(skb.buf, skb.nh + Ipv4Off.saddr);
  const zero = saddr >>> 24 === 0;
  if (!zero) {
    const { rt } = ip;
    flow.to(saddr);
    flow.tos = get8(skb.buf, skb.nh + Ipv4Off.tos) & 0xfc;
    const err = ip.routeOutput(flow);
    ip.rt = rt;
    if (err === undefined) return flow.saddr;
  }
  const scope = zero ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  return ip.selectAddr(skb.dev as NetDevice, saddr, scope);
}

/** Our address on the way of a packet that is sent or forwarded. `ip_rt_get_source()` */
export function routeSource(ip: Ipv4, skb: SkBuff, rt: Rtable): number {
  const { buf, nh } = skb;
  if (!rt.isInput) return get32(buf, nh + Ipv4Off.saddr);
  const prefsrc = rt.route?.prefsrc ?? 0;
  if (prefsrc !== 0) return prefsrc;
  const next = rt.gateway === 0 ? get32(buf, nh + Ipv4Off.daddr) : rt.gateway;
  return ip.selectAddr(rt.dev, next, RT_SCOPE_UNIVERSE);
}
