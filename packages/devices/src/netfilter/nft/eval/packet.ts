import { get16 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { ETH_P_IP, ETH_P_IPV6 } from '@labwire/core/wire';
import type { NetDevice } from '../../../link/net-device.ts';
import { XtPacket } from '../../xt/packet.ts';

/** Protocol families as rules see them. Linux include/uapi/linux/netfilter.h, NFPROTO_* */
export const NFPROTO_IPV4 = 2;
export const NFPROTO_ARP = 3;
export const NFPROTO_NETDEV = 5;
export const NFPROTO_BRIDGE = 7;
export const NFPROTO_IPV6 = 10;

/** A packet as rules of nf_tables see it. Linux include/net/netfilter/nf_tables.h, `struct nft_pktinfo` */
export class NftPacket extends XtPacket {
  /** NFPROTO_* of the hook. */
  nfproto: number = NFPROTO_IPV4;
  /** Whether there is a transport header to be read. NFT_PKTINFO_L4PROTO */
  hasL4 = false;
  /** Where the network header is. */
  network = 0;

  /** Looks at an IP packet. `nft_set_pktinfo_ipv4()` */
  loadIp(skb: SkBuff, hook: number, indev: NetDevice | null, outdev: NetDevice | null): void {
    this.nfproto = this.isIpv6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
    this.network = skb.nh;
    this.hasL4 = this.load(skb, hook, indev, outdev);
  }

  /** Looks at a frame, its Ethernet header pulled. `nft_set_pktinfo_ipv4_validate()`, `nft_set_pktinfo_unspec()` */
  loadFrame(
    nfproto: number,
    skb: SkBuff,
    hook: number,
    indev: NetDevice | null,
    outdev: NetDevice | null,
  ): void {
    this.nfproto = nfproto;
    this.skb = skb;
    this.hook = hook;
    this.indev = indev;
    this.outdev = outdev;
    this.iif = indev === null ? '' : indev.name;
    this.oif = outdev === null ? '' : outdev.name;
    this.hotdrop = false;
    this.traced = skb.nfTrace;
    const nh = skb.nh;
    this.network = skb.data;
    this.len = skb.tail - skb.data;
    this.hasL4 = false;
    this.proto = 0;
    this.fragOff = 0;
    if (skb.protocol !== (this.isIpv6 ? ETH_P_IPV6 : ETH_P_IP) || !headerFits(skb, this.isIpv6))
      return;
    skb.nh = skb.data;
    this.hasL4 = this.reload();
    if (nh >= 0) skb.nh = nh;
  }
}

function headerFits(skb: SkBuff, isIpv6: boolean): boolean {
  if (skb.tail - skb.data < (isIpv6 ? 40 : 20)) return false;
  const version = get16(skb.buf, skb.data) >>> 12;
  return version === (isIpv6 ? 6 : 4);
}
