import { get8 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { IPV6_HLEN, TcpOff } from '@labwire/core/wire';

/** Whether a packet is longer than `mtu`: a super-segment if its segments are, one that was put together on its way if its fragments were. `ip6_pkt_too_big()` */
export function ip6PktTooBig(skb: SkBuff, mtu: number): boolean {
  if (skb.len <= mtu || (skb.fragMaxSize > 0 && skb.fragMaxSize <= mtu)) return false;
  if (skb.gsoSize === 0) return true;
  const doff = (get8(skb.buf, skb.nh + IPV6_HLEN + TcpOff.dataOffset) >>> 4) * 4;
  return IPV6_HLEN + doff + skb.gsoSize > mtu;
}
