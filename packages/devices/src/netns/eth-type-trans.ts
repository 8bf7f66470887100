import { get16, get32 } from '@labwire/core/bytes';
import {
  PACKET_BROADCAST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  type SkBuff,
} from '@labwire/core/skb';
import { ETH_HLEN, type NetDevice } from '../link/net-device.ts';

/** Values of the type field from here on are EtherTypes, below they are lengths. IEEE 802.3 section 3.2.6. */
const ETH_P_802_3_MIN = 0x600;
/** What Linux calls a frame with a length in place of an EtherType: LLC behind it, or Novell's raw IPX. */
const ETH_P_802_3 = 0x0001;
const ETH_P_802_2 = 0x0004;

/**
 * Whom a frame with the destination at an offset is addressed to, from the point of view of a device; `known` if to the
 * device itself, since it may have come round by `lo`. The address is read in halves: as one number it can become an
 * object on the heap. `eth_skb_pkt_type()`
 */
function pktTypeOf(buf: Uint8Array, at: number, { addr }: NetDevice, known: number): number {
  const hi = get16(buf, at);
  const lo = get32(buf, at + 2);
  if (hi * 0x1_0000_0000 + (lo >>> 0) === addr) return known;
  if ((hi & 0x100) === 0) return PACKET_OTHERHOST;
  return hi === 0xffff && lo === -1 ? PACKET_BROADCAST : PACKET_MULTICAST;
}

/**
 * Reads the Ethernet header and pulls it: sets `mac`, `nh`, `pktType` and `protocol`. `eth_type_trans()`
 * @returns false if the frame is shorter than that header
 */
export function ethTypeTrans(skb: SkBuff, dev: NetDevice): boolean {
  if (skb.len < ETH_HLEN) return false;
  const mac = skb.data;
  skb.mac = mac;
  skb.nh = skb.pull(ETH_HLEN);
  skb.pktType = pktTypeOf(skb.buf, mac, dev, skb.pktType);
  const type = get16(skb.buf, mac + 12);
  if (type >= ETH_P_802_3_MIN) skb.protocol = type;
  else skb.protocol = get16(skb.buf, mac + ETH_HLEN) === 0xffff ? ETH_P_802_3 : ETH_P_802_2;
  return true;
}
