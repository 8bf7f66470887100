import { get8, get16, put8, put16 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { Ipv4Off, updateCheck16 } from '@labwire/core/wire';

const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;
const CE = 3;

/**
 * Congestion was met on the way through the tunnel: tells the packet inside, `skb.data` at its header.
 * @returns false if that does not know of congestion, and the packet is to be dropped. RFC 6040; `__INET_ECN_decapsulate()`
 */
export function ecnDecapsulate(skb: SkBuff, etherType: number): boolean {
  const { buf, data } = skb;
  if (etherType === ETH_P_IP && skb.len >= 20) {
    const tos = get8(buf, data + Ipv4Off.tos);
    if ((tos & CE) === 0) return false;
    const word = get16(buf, data);
    put8(buf, data + Ipv4Off.tos, tos | CE);
    const check = get16(buf, data + Ipv4Off.check);
    put16(buf, data + Ipv4Off.check, updateCheck16(check, word, get16(buf, data)));
    return true;
  }
  if (etherType === ETH_P_IPV6 && skb.len >= 40) {
    const low = get8(buf, data + 1);
    if (((low >> 4) & CE) === 0) return false;
    put8(buf, data + 1, low | (CE << 4));
  }
  return true;
}
