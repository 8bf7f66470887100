/** What is sent to the device of a layer 3 domain itself. The IPv4 half of Linux drivers/net/vrf.c. */
import { get8, get32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { Ipv4Off } from '@labwire/core/wire';
import { FLOWI_FLAG_ANYSRC, Flow4 } from '../fib/flow.ts';
import type { Vrf } from '../link/vrf/index.ts';
import type { Ipv4 } from './ipv4.ts';
import { NF_INET_LOCAL_OUT } from './nf-hooks.ts';
import { ipOutput } from './output.ts';
import { ipRouteOutput } from './route/route-output.ts';
import type { Rtable } from './rtable.ts';

const flow = new Flow4();

/**
 * Sends a packet that came to the device of a domain itself where the domain's table says. Takes ownership.
 * @returns whether there is a way. `vrf_process_v4_outbound()`
 */
export function vrfOutbound(ip: Ipv4, skb: SkBuff, vrf: Vrf): boolean {
  const { buf, nh } = skb;
  flow.to(get32(buf, nh + Ipv4Off.daddr));
  flow.saddr = get32(buf, nh + Ipv4Off.saddr);
  flow.l3mdev = vrf.ifindex;
  flow.tos = get8(buf, nh + Ipv4Off.tos) & 0xfc;
  flow.protocol = get8(buf, nh + Ipv4Off.protocol);
  flow.flags = FLOWI_FLAG_ANYSRC;
  if (ipRouteOutput(ip, flow) !== undefined) {
    ip.netns.drop(skb, 'ip_outnoroutes');
    return false;
  }
  const rt = ip.rt as Rtable;
  skb.dst = rt;
  if (rt.dev === vrf) {
    vrf.receiveLocally(skb);
    return true;
  }
  skb.data = nh;
  if (ip.nf !== null && !ip.nf.run(NF_INET_LOCAL_OUT, skb, null, rt.dev)) return !ip.nf.dropped;
  return ipOutput(ip, skb, skb.dst as Rtable, false);
}
