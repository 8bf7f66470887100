/** The addresses by which ipvlans sort frames. Linux drivers/net/ipvlan/ipvlan_core.c, ipvlan_get_L3_hdr(), ipvlan_addr_lookup(). */
import { getIpv6, type Ipv4Addr, type Ipv6Addr } from '@labwire/core/addr';
import { get8, get16, get32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import {
  ETH_P_ARP,
  ETH_P_IP,
  ETH_P_IPV6,
  IPPROTO_ICMPV6,
  IPV4_MIN_HLEN,
  IPV6_HLEN,
  Ipv4Off,
  Ipv6Off,
} from '@labwire/core/wire';
import type { Ipvlan } from './ipvlan.ts';

const NDISC_NEIGHBOUR_SOLICITATION = 135;
/** Bytes of an ARP packet for Ethernet and IPv4, and where its addresses are. RFC 826 */
const ARP_LEN = 28;
const ARP_SPA = 14;
const ARP_TPA = 24;
/** Bytes of a solicitation up to the end of its target. RFC 4861 section 4.3 */
const NS_LEN = 24;

const hasIpv4 = (dev: Ipvlan, addr: number): boolean => {
  const list = dev.inDev?.ifaList ?? [];
  for (let i = 0; i < list.length; i++) if (list[i]?.local === addr) return true;
  return false;
};

const hasIpv6 = (dev: Ipvlan, addr: Ipv6Addr): boolean => dev.in6Dev?.find(addr) !== undefined;

function ownerOf4(ipvlans: readonly Ipvlan[], addr: number): Ipvlan | null {
  for (let i = 0; i < ipvlans.length; i++) {
    const dev = ipvlans[i] as Ipvlan;
    if (dev.isUp && hasIpv4(dev, addr)) return dev;
  }
  return null;
}

function ownerOf6(ipvlans: readonly Ipvlan[], addr: Ipv6Addr): Ipvlan | null {
  for (let i = 0; i < ipvlans.length; i++) {
    const dev = ipvlans[i] as Ipvlan;
    if (dev.isUp && hasIpv6(dev, addr)) return dev;
  }
  return null;
}

/** The ipvlan, of those that are up, that has an address; null for none. */
export function ownerOf(ipvlans: readonly Ipvlan[], addr: Ipv4Addr | Ipv6Addr): Ipvlan | null {
  return typeof addr === 'number' ? ownerOf4(ipvlans, addr) : ownerOf6(ipvlans, addr);
}

/** Whether an ipvlan has an address, be it up or not. */
export function hasAddress(dev: Ipvlan, addr: Ipv4Addr | Ipv6Addr): boolean {
  return typeof addr === 'number' ? hasIpv4(dev, addr) : hasIpv6(dev, addr);
}

/** Which address of a packet of IPv6 counts: of a solicitation, the one that is looked for. */
function ipv6Key({ buf, tail }: SkBuff, nh: number, destination: boolean): Ipv6Addr {
  const at = nh + IPV6_HLEN;
  const solicits =
    destination &&
    get8(buf, nh + Ipv6Off.nextHeader) === IPPROTO_ICMPV6 &&
    at + NS_LEN <= tail &&
    get8(buf, at) === NDISC_NEIGHBOUR_SOLICITATION;
  if (solicits) return getIpv6(buf, at + 8);
  return getIpv6(buf, nh + (destination ? Ipv6Off.daddr : Ipv6Off.saddr));
}

/**
 * The ipvlan that a packet is for, or from.
 * @param nh where the packet is in the buffer
 * @param destination whom it is for, else whom it is from
 */
export function ipvlanOf(
  ipvlans: readonly Ipvlan[],
  skb: SkBuff,
  type: number,
  nh: number,
  destination: boolean,
): Ipvlan | null {
  const { buf, tail } = skb;
  if (type === ETH_P_IP && nh + IPV4_MIN_HLEN <= tail)
    return ownerOf4(ipvlans, get32(buf, nh + (destination ? Ipv4Off.daddr : Ipv4Off.saddr)));
  if (type === ETH_P_ARP && nh + ARP_LEN <= tail && get16(buf, nh + 2) === ETH_P_IP)
    return ownerOf4(ipvlans, get32(buf, nh + (destination ? ARP_TPA : ARP_SPA)));
  if (type === ETH_P_IPV6 && nh + IPV6_HLEN <= tail)
    return ownerOf6(ipvlans, ipv6Key(skb, nh, destination));
  return null;
}
