/** What is sent to the device of a layer 3 domain itself. The IPv6 half of Linux drivers/net/vrf.c. */
import { getIpv6 } from '@labwire/core/addr';
import type { SkBuff } from '@labwire/core/skb';
import { Ipv6Off } from '@labwire/core/wire';
import type { Vrf } from '../link/vrf/index.ts';
import { trafficClass } from './ip6-output.ts';
import type { Ipv6 } from './ipv6.ts';

/** Sends a packet that came to the device of a domain where the domain's table says. Takes ownership. @returns whether there is a way. `vrf_process_v6_outbound()` */
export function vrfOutbound6(ip6: Ipv6, skb: SkBuff, vrf: Vrf): boolean {
  const daddr = getIpv6(skb.buf, skb.nh + Ipv6Off.daddr);
  const saddr = getIpv6(skb.buf, skb.nh + Ipv6Off.saddr);
  const way = ip6.output.flow(daddr, vrf, saddr, { mark: skb.mark, tos: trafficClass(skb) });
  if (typeof way === 'string') {
    ip6.netns.drop(skb, 'ip_outnoroutes');
    return false;
  }
  if (way.dev === vrf) {
    vrf.receiveLocally(skb);
    return true;
  }
  return ip6.output.send(skb, way, true);
}
