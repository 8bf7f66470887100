import type { SkBuff } from '@labwire/core/skb';
import { ETH_P_IP, IPV6_MIN_MTU } from '@labwire/core/wire';
import { ipFragment } from '../../ipv4/fragment/fragment.ts';
import type { Ipv4 } from '../../ipv4/ipv4.ts';
import type { FragmentOutput } from '../../ipv6/ip6-output.ts';
import { ETH_HLEN, type NetDevice } from '../../link/index.ts';
import type { Netns } from '../../netns/netns.ts';
import type { BridgePort } from '../port.ts';

/** A fragment goes out of the port, its Ethernet header before it. `br_nf_push_frag_xmit()` */
function pushFragment(piece: SkBuff): void {
  piece.push(ETH_HLEN);
  (piece.dev as NetDevice).xmit(piece);
}

function pushFragment4(_ip: Ipv4, piece: SkBuff): void {
  pushFragment(piece);
}

const toPort: FragmentOutput = { output: pushFragment };

/**
 * Cuts a packet that PRE_ROUTING has put together as it came, and sends it out of a port. Takes ownership.
 * @returns false if it fits as it is, and is still the caller's. `br_nf_dev_queue_xmit()`
 */
export function brNfRefragment(to: BridgePort, skb: SkBuff): boolean {
  const mtu = Math.min(to.dev.mtu, skb.fragMaxSize);
  if (skb.len <= mtu) return false;
  const { ipv4, ipv6 } = to.bridge.netns as Netns;
  if (skb.protocol === ETH_P_IP) ipFragment(ipv4, skb, to.bridge.fakeRtable, mtu, pushFragment4);
  else ipv6.output.fragment(skb, Math.max(mtu, IPV6_MIN_MTU), toPort);
  return true;
}
