/** IPv6 packets in frames that come in. Linux net/bridge/br_netfilter_ipv6.c. */
import { getIpv6, type Ipv6Addr, sameIpv6 } from '@labwire/core/addr';
import { get16 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { checkIpv6, IPV6_HLEN, Ipv6Off } from '@labwire/core/wire';
import { NF_INET_PRE_ROUTING, type NfHooks } from '../../ipv4/nf-hooks.ts';
import { multipathHash6, NO_PORTS } from '../../ipv6/multipath6.ts';
import { pickHop, usableHop } from '../../ipv6/route6.ts';
import type { Netns } from '../../netns/netns.ts';
import type { BridgePort } from '../port.ts';
import { sendToNeigh, sendUp } from './dnat.ts';
import { runHook } from './hooks.ts';

/** Shows a frame's packet to PRE_ROUTING. @returns what the bridge goes on with. `br_nf_pre_routing_ipv6()` */
export function preRouting6(nf: NfHooks, port: BridgePort, frame: SkBuff): SkBuff | null {
  const { bridge } = port;
  const reason = checkIpv6(frame.buf, frame.data, frame.tail);
  if (reason !== undefined) {
    bridge.drop(frame, reason);
    return null;
  }
  frame.nh = frame.data;
  frame.trim(IPV6_HLEN + get16(frame.buf, frame.data + Ipv6Off.payloadLen));
  const { ipv6 } = bridge.netns as Netns;
  const skb = ipv6.defragsEarly ? ipv6.defrag(frame) : frame;
  if (skb === null) return null;
  const daddr = getIpv6(skb.buf, skb.nh + Ipv6Off.daddr);
  skb.nfBridge = port.bridgedFrame;
  skb.dev = bridge;
  if (!runHook(nf, NF_INET_PRE_ROUTING, skb, bridge, null)) return null;
  const now = getIpv6(skb.buf, skb.nh + Ipv6Off.daddr);
  if (!sameIpv6(now, daddr) && !finishDnat(port, skb, now)) return null;
  skb.dev = port.dev;
  return skb;
}

/** A rule has changed where a packet goes. `br_nf_pre_routing_finish_ipv6()` @returns whether the bridge goes on with it */
function finishDnat(port: BridgePort, skb: SkBuff, daddr: Ipv6Addr): boolean {
  const { bridge } = port;
  const { ipv6 } = bridge.netns as Netns;
  const route = ipv6.fib.lookup(daddr, null, usableHop);
  if (route === undefined) {
    bridge.drop(skb, 'ip_innoroutes');
    return false;
  }
  const saddr = getIpv6(skb.buf, skb.nh + Ipv6Off.saddr);
  const hop =
    route.type === 'unicast'
      ? pickHop(route, null, multipathHash6(ipv6.multipath, saddr, daddr, NO_PORTS))
      : undefined;
  if (hop?.dev === bridge)
    return sendToNeigh(port, skb, ipv6.neigh.lookupOrCreate(hop.gateway ?? daddr, bridge));
  sendUp(bridge, skb);
  return true;
}
