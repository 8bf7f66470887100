/** What a device on another one sends by the routes of that one's namespace. Linux drivers/net/ipvlan/ipvlan_core.c */
import { getIpv6 } from '@labwire/core/addr';
import type { SkBuff } from '@labwire/core/skb';
import { IPV6_HLEN, Ipv6Off } from '@labwire/core/wire';
import type { NetDevice } from '../link/net-device.ts';
import { trafficClass } from './ip6-output.ts';
import type { Ipv6 } from './ipv6.ts';

/** Sends a packet whose header is at `skb.nh` out of `dev`. Takes ownership. @returns whether there is a way. `ipvlan_process_v6_outbound()` */
export function routeFrom6(ip6: Ipv6, skb: SkBuff, dev: NetDevice): boolean {
  const { buf, nh } = skb;
  if (nh + IPV6_HLEN > skb.tail) {
    ip6.netns.drop(skb, 'hdr_trunc');
    return false;
  }
  const daddr = getIpv6(buf, nh + Ipv6Off.daddr);
  const saddr = getIpv6(buf, nh + Ipv6Off.saddr);
  const way = ip6.output.flow(daddr, dev, saddr, { mark: skb.mark, tos: trafficClass(skb) });
  if (typeof way !== 'string') return ip6.output.send(skb, way);
  ip6.netns.drop(skb, 'ip_outnoroutes');
  return false;
}
