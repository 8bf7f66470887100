/** Packets of layer 3 domains: the IPv6 half of Linux drivers/net/vrf.c. */
import { getIpv6, isLinkLocal6, isMulticast6 } from '@labwire/core/addr';
import { get8 } from '@labwire/core/bytes';
import { PACKET_HOST, PACKET_LOOPBACK, type SkBuff } from '@labwire/core/skb';
import { IPPROTO_ICMPV6, Ipv6Chain, Ipv6Off, walkIpv6 } from '@labwire/core/wire';
import { passesMaster } from '../ipv4/l3mdev.ts';
import { NF_INET_PRE_ROUTING } from '../ipv4/nf-hooks.ts';
import type { L3Master } from '../link/l3-master.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { Ipv6 } from './ipv6.ts';

const chain = new Ipv6Chain();

/** Whether a packet is of neighbour discovery, which belongs to the port. `ipv6_ndisc_frame()` */
function isNdisc(skb: SkBuff): boolean {
  if (walkIpv6(skb.buf, skb.nh, skb.tail, chain) !== undefined) return false;
  if (chain.protocol !== IPPROTO_ICMPV6 || chain.off >= skb.tail) return false;
  const type = get8(skb.buf, chain.off);
  return type >= 133 && type <= 137;
}

/** `l3mdev_ip6_rcv()`, `vrf_ip6_rcv()`. Takes ownership if the packet does not go on. @returns whether it goes on */
export function l3mdevIp6Rcv(ip6: Ipv6, skb: SkBuff, dev: NetDevice, master: L3Master): boolean {
  const daddr = getIpv6(skb.buf, skb.nh + Ipv6Off.daddr);
  const strict = isMulticast6(daddr) || isLinkLocal6(daddr);
  const ndisc = isNdisc(skb);
  const local = skb.pktType === PACKET_LOOPBACK;
  if (!ndisc || local) {
    skb.sdif = dev.ifindex;
    skb.dev = master;
  }
  if (local) skb.pktType = PACKET_HOST;
  if (local || (strict && !ndisc)) return true;
  if (!ndisc) {
    master.countRx(skb);
    master.show(skb);
  }
  return ip6.runHook(NF_INET_PRE_ROUTING, skb, master, null);
}

/** `l3mdev_ip6_out()`, `vrf_ip6_out_direct()`. Takes ownership if the packet does not go on. @returns whether it goes on */
export function l3mdevIp6Out(ip6: Ipv6, skb: SkBuff, master: L3Master): boolean {
  const daddr = getIpv6(skb.buf, skb.nh + Ipv6Off.daddr);
  if (isMulticast6(daddr) || isLinkLocal6(daddr)) return true;
  if (ip6.nf !== null && !passesMaster(ip6.nf, skb, master)) return false;
  master.show(skb);
  return true;
}
