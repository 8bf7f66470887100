import { PACKET_HOST, PACKET_OTHERHOST, type SkBuff } from '@labwire/core/skb';
import { ETH_P_IP, ETH_P_IPV6 } from '@labwire/core/wire';
import type { NfHooks } from '../../ipv4/nf-hooks.ts';
import type { NetDevice } from '../../link/index.ts';
import type { Netns } from '../../netns/netns.ts';
import type { Bridge } from '../bridge.ts';

/** The IP hooks that a frame's packet has to pass where it comes in; null for none. IS_IP(), IS_VLAN_IP(), … */
export function hooksFor(bridge: Bridge, skb: SkBuff): NfHooks | null {
  const { brnf, ipv4, ipv6 } = bridge.netns as Netns;
  if (skb.vlanTci >= 0 && brnf.filterVlanTagged === 0) return null;
  if (skb.protocol === ETH_P_IP)
    return brnf.callIptables !== 0 || bridge.nfCallIptables ? ipv4.nf : null;
  if (skb.protocol !== ETH_P_IPV6) return null;
  return brnf.callIp6tables !== 0 || bridge.nfCallIp6tables ? ipv6.nf : null;
}

/** The IP hooks of a packet that has passed the first of them; null if they are gone by now. */
export function hooksOn(bridge: Bridge, skb: SkBuff): NfHooks | null {
  const { ipv4, ipv6 } = bridge.netns as Netns;
  return skb.protocol === ETH_P_IPV6 ? ipv6.nf : ipv4.nf;
}

/** Shows a packet to a hook as one for this machine, which it may not be. @returns whether it goes on */
export function runHook(
  nf: NfHooks,
  hook: number,
  skb: SkBuff,
  indev: NetDevice | null,
  outdev: NetDevice | null,
): boolean {
  const isOthers = skb.pktType === PACKET_OTHERHOST;
  if (isOthers) skb.pktType = PACKET_HOST;
  if (!nf.run(hook, skb, indev, outdev)) return false;
  if (isOthers) skb.pktType = PACKET_OTHERHOST;
  return true;
}
