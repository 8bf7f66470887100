import { get16, put16 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { ETH_P_8021AD, ETH_P_8021Q, VLAN_HLEN } from '@labwire/core/wire';

/** Whether an EtherType is that of a VLAN tag. `eth_type_vlan()` */
export function isVlanType(type: number): boolean {
  return type === ETH_P_8021Q || type === ETH_P_8021AD;
}

/** Puts the tag that was taken out of a frame back in, behind the addresses; `data` is at the Ethernet header. `__vlan_hwaccel_push_inside()` */
export function skbVlanPush(skb: SkBuff): void {
  const { buf } = skb;
  const at = skb.push(VLAN_HLEN);
  buf.copyWithin(at, at + VLAN_HLEN, at + VLAN_HLEN + 12);
  put16(buf, at + 12, skb.vlanProto);
  put16(buf, at + 14, skb.vlanTci);
  skb.vlanTci = -1;
}

/**
 * Takes an 802.1Q tag out of the frame into `vlanTci`, so that the Ethernet header stands before the payload again.
 * `skb_vlan_untag()`
 * @returns false if the frame ends within the tag
 */
export function skbVlanUntag(skb: SkBuff): boolean {
  if (skb.vlanTci >= 0) return true;
  if (skb.len < VLAN_HLEN) return false;
  const { buf } = skb;
  skb.vlanProto = skb.protocol;
  skb.vlanTci = get16(buf, skb.data);
  skb.protocol = get16(buf, skb.data + 2);
  buf.copyWithin(skb.mac + VLAN_HLEN, skb.mac, skb.mac + 12);
  skb.mac += VLAN_HLEN;
  skb.nh = skb.pull(VLAN_HLEN);
  return true;
}
