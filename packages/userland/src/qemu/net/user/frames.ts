import type { Ipv4Addr, MacAddr } from '@labwire/core/addr';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import {
  ARP_LEN,
  ARPOP_REPLY,
  ETH_HLEN,
  ETH_P_ARP,
  ETH_P_IP,
  IPV4_MIN_HLEN,
  writeArp,
  writeEthernet,
  writeIpv4,
} from '@labwire/core/wire';

/** QEMU's address in a user-mode network: 52:55 and an IPv4 address. slirp special_ethaddr */
export function specialMac(addr: Ipv4Addr): MacAddr {
  return (0x5255 * 2 ** 32 + (addr >>> 0)) as MacAddr;
}

/** An empty frame with its Ethernet header; the caller writes `length` bytes from the returned offset on. */
export function newFrame(
  dst: MacAddr,
  src: MacAddr,
  type: number,
  length: number,
): { readonly skb: SkBuff; readonly at: number } {
  const skb = allocSkb(ETH_HLEN + length);
  const start = skb.put(ETH_HLEN + length);
  writeEthernet(skb.buf, start, { dst, src, type });
  return { skb, at: start + ETH_HLEN };
}

/** The answer to an ARP request, padded as slirp's is. slirp arp_input() */
export function arpReply(mac: MacAddr, addr: Ipv4Addr, guestMac: MacAddr, guest: Ipv4Addr): SkBuff {
  const padded = 50;
  const { skb, at } = newFrame(guestMac, mac, ETH_P_ARP, padded);
  skb.buf.fill(0, at + ARP_LEN, at + padded);
  writeArp(skb.buf, at, { op: ARPOP_REPLY, sha: mac, spa: addr, tha: guestMac, tpa: guest });
  return skb;
}

/** What an IPv4 packet of slirp's own is like. */
export interface PacketHeader {
  readonly saddr: Ipv4Addr;
  readonly daddr: Ipv4Addr;
  readonly protocol: number;
  readonly ttl: number;
  readonly tos: number;
  readonly id: number;
  readonly fragOff: number;
}

/** A frame with an IPv4 header; the caller writes `length` bytes of payload from the returned offset on. */
export function newPacket(
  dst: MacAddr,
  src: MacAddr,
  header: PacketHeader,
  length: number,
): { readonly skb: SkBuff; readonly at: number } {
  const totLen = IPV4_MIN_HLEN + length;
  const { skb, at } = newFrame(dst, src, ETH_P_IP, totLen);
  writeIpv4(skb.buf, at, { ...header, totLen, options: undefined });
  return { skb, at: at + IPV4_MIN_HLEN };
}
