/** What a device on another one sends by the routes of that one's namespace. Linux drivers/net/ipvlan/ipvlan_core.c */
import { get8, get32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { IPV4_MIN_HLEN, Ipv4Off } from '@labwire/core/wire';
import { FLOWI_FLAG_ANYSRC, Flow4 } from '../fib/flow.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { Ipv4 } from './ipv4.ts';
import { ipLocalOut } from './output.ts';
import { ipRouteOutput } from './route/route-output.ts';
import type { Rtable } from './rtable.ts';

const flow = new Flow4();

/** Sends a packet whose header is at `skb.nh` out of `dev`. Takes ownership. @returns whether there is a way. `ipvlan_process_v4_outbound()` */
export function routeFrom(ip: Ipv4, skb: SkBuff, dev: NetDevice): boolean {
  const { buf, nh } = skb;
  if (nh + IPV4_MIN_HLEN > skb.tail) {
    ip.netns.drop(skb, 'hdr_trunc');
    return false;
  }
  flow.to(get32(buf, nh + Ipv4Off.daddr));
  flow.saddr = get32(buf, nh + Ipv4Off.saddr);
  flow.oif = dev.ifindex;
  flow.tos = get8(buf, nh + Ipv4Off.tos) & 0xfc;
  flow.mark = skb.mark;
  flow.flags = FLOWI_FLAG_ANYSRC;
  const rt = ipRouteOutput(ip, flow) === undefined ? (ip.rt as Rtable) : null;
  if (rt === null || (rt.type !== 'unicast' && rt.type !== 'local')) {
    ip.netns.drop(skb, 'ip_outnoroutes');
    return false;
  }
  skb.data = nh;
  skb.dst = rt;
  return ipLocalOut(ip, skb);
}
