/**
 * Bridge netfilter: IP packets in frames that a bridge carries pass the IP hooks, with the bridge as their device.
 * PRE_ROUTING where the frame comes in, FORWARD and POST_ROUTING for each port that it leaves by; what goes up to the
 * bridge's own machine passes its INPUT, and not PRE_ROUTING again. Read beside Linux net/bridge/br_netfilter_hooks.c,
 * whose functions have the same names.
 *
 * Not modelled: packets in PPPoE, VLAN devices on the bridge as input device, the hooks of ARP.
 */
import type { SkBuff } from '@labwire/core/skb';
import { ETH_P_IP } from '@labwire/core/wire';
import { NF_INET_FORWARD, NF_INET_POST_ROUTING } from '../../ipv4/nf-hooks.ts';
import type { BridgePort } from '../port.ts';
import type { BridgedFrame } from './bridged-frame.ts';
import { hooksFor, hooksOn, runHook } from './hooks.ts';
import { preRouting4 } from './pre-routing4.ts';
import { preRouting6 } from './pre-routing6.ts';

/**
 * A frame has come in at a port, its Ethernet header pulled.
 * @returns what the bridge goes on with: the frame, or that of the packet that it was the last fragment of; null if it has
 *   been dropped, or taken for a while. `br_nf_pre_routing()`
 */
export function brNfPreRouting(port: BridgePort, skb: SkBuff): SkBuff | null {
  const nf = hooksFor(port.bridge, skb);
  if (nf === null) return skb;
  return skb.protocol === ETH_P_IP ? preRouting4(nf, port, skb) : preRouting6(nf, port, skb);
}

/** A frame that came in at a port is to leave by another. @returns whether it goes on. `br_nf_forward()` */
export function brNfForward(to: BridgePort, skb: SkBuff): boolean {
  const frame = skb.nfBridge as BridgedFrame | null;
  if (frame === null) return true;
  skb.nfBridge = frame.to(to.dev);
  const { bridge } = to;
  const nf = hooksOn(bridge, skb);
  return nf === null || runHook(nf, NF_INET_FORWARD, skb, bridge, bridge);
}

/** A frame that came in at a port is about to leave by another. @returns whether it goes on. `br_nf_post_routing()` */
export function brNfPostRouting(to: BridgePort, skb: SkBuff): boolean {
  const frame = skb.nfBridge as BridgedFrame | null;
  if (frame === null || frame.physout === null) return true;
  const nf = hooksOn(to.bridge, skb);
  return nf === null || runHook(nf, NF_INET_POST_ROUTING, skb, null, to.bridge);
}
