/** IPv4 packets in frames that come in. Linux net/bridge/br_netfilter_hooks.c. */
import { get8, get16, get32 } from '@labwire/core/bytes';
import type { DropReason, SkBuff } from '@labwire/core/skb';
import { checkIpv4, IP_MF, IP_OFFSET, Ipv4Off, ipv4ChecksumOk } from '@labwire/core/wire';
import { NF_INET_PRE_ROUTING, type NfHooks } from '../../ipv4/nf-hooks.ts';
import type { Rtable } from '../../ipv4/rtable.ts';
import type { Netns } from '../../netns/netns.ts';
import type { BridgePort } from '../port.ts';
import { sendToNeigh, sendUp } from './dnat.ts';
import { runHook } from './hooks.ts';

/** DSCP bits of the TOS field: what routing looks at. */
const DSCP_MASK = 0xfc;

/** What IP itself would check and set. `br_validate_ipv4()` */
function validate(skb: SkBuff): DropReason | undefined {
  const { buf, data } = skb;
  const reason = checkIpv4(buf, data, skb.tail);
  if (reason !== undefined) return reason;
  if (!ipv4ChecksumOk(buf, data)) return 'ip_csum';
  skb.nh = data;
  skb.th = data + (get8(buf, data) & 0x0f) * 4;
  skb.trim(get16(buf, data + Ipv4Off.totLen));
  return undefined;
}

function isFragment(skb: SkBuff): boolean {
  return (get16(skb.buf, skb.nh + Ipv4Off.fragOff) & (IP_MF | IP_OFFSET)) !== 0;
}

/** Shows a frame's packet to PRE_ROUTING. @returns what the bridge goes on with. `br_nf_pre_routing()` */
export function preRouting4(nf: NfHooks, port: BridgePort, frame: SkBuff): SkBuff | null {
  const { bridge } = port;
  const reason = validate(frame);
  if (reason !== undefined) {
    bridge.drop(frame, reason);
    return null;
  }
  const { ipv4 } = bridge.netns as Netns;
  const skb = ipv4.defragsEarly && isFragment(frame) ? ipv4.fragments.defrag(frame) : frame;
  if (skb === null) return null;
  const daddr = get32(skb.buf, skb.nh + Ipv4Off.daddr);
  skb.nfBridge = port.bridgedFrame;
  skb.dev = bridge;
  if (!runHook(nf, NF_INET_PRE_ROUTING, skb, bridge, null)) return null;
  const now = get32(skb.buf, skb.nh + Ipv4Off.daddr);
  if (now === daddr) skb.dst = bridge.fakeRtable;
  else if (!finishDnat(port, skb, now)) return null;
  skb.dev = port.dev;
  return skb;
}

/** A rule has changed where a packet goes. `br_nf_pre_routing_finish()` @returns whether the bridge goes on with it */
function finishDnat(port: BridgePort, skb: SkBuff, daddr: number): boolean {
  const { bridge } = port;
  const { ipv4 } = bridge.netns as Netns;
  const { buf, nh } = skb;
  const saddr = get32(buf, nh + Ipv4Off.saddr);
  const reason = ipv4.routeInput(skb, daddr, saddr, get8(buf, nh + Ipv4Off.tos) & DSCP_MASK);
  if (reason !== undefined) {
    bridge.drop(skb, reason);
    return false;
  }
  const rt = skb.dst as Rtable;
  if (rt.dev === bridge)
    return sendToNeigh(port, skb, ipv4.arp.neighFor(rt.gateway === 0 ? daddr : rt.gateway, bridge));
  sendUp(bridge, skb);
  return true;
}
