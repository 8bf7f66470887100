/** Packets of layer 3 domains. Linux include/net/l3mdev.h; the IPv4 half of drivers/net/vrf.c. */
import { IPV4_BROADCAST, type Ipv4Addr, isMulticast4 } from '@labwire/core/addr';
import { get32 } from '@labwire/core/bytes';
import { PACKET_HOST, PACKET_LOOPBACK, type SkBuff } from '@labwire/core/skb';
import { ETH_P_IP, Ipv4Off } from '@labwire/core/wire';
import { IP_CT_UNTRACKED } from '../conntrack/nf-conn.ts';
import type { L3Master } from '../link/l3-master.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { Ipv4 } from './ipv4.ts';
import {
  NF_INET_LOCAL_OUT,
  NF_INET_POST_ROUTING,
  NF_INET_PRE_ROUTING,
  type NfHooks,
} from './nf-hooks.ts';
import type { Rtable } from './rtable.ts';

/**
 * A packet has come in at a device of a domain: from here on it has come in at the domain's own. Takes ownership if it does not go on.
 * @returns whether it goes on. `l3mdev_ip_rcv()`, `vrf_ip_rcv()`
 */
export function l3mdevIpRcv(ip: Ipv4, skb: SkBuff, dev: NetDevice, master: L3Master): boolean {
  // what is from here, for here: the device of the address
  const rt = skb.dst as Rtable | null;
  skb.sdif = (dev === master ? rt?.nh?.dev?.ifindex : undefined) ?? dev.ifindex;
  skb.dev = master;
  if (isMulticast4(get32(skb.buf, skb.nh + Ipv4Off.daddr) as Ipv4Addr)) return true;
  if (skb.pktType === PACKET_LOOPBACK) {
    skb.pktType = PACKET_HOST;
    return true;
  }
  master.countRx(skb);
  master.show(skb);
  return ip.nf === null || ip.nf.run(NF_INET_PRE_ROUTING, skb, master, null);
}

/**
 * A packet of ours leaves by a device of a domain: it passes what hangs on the domain's own first. Takes ownership if it does not go on.
 * @returns whether it goes on. `l3mdev_ip_out()`, `vrf_ip_out_direct()`
 */
export function l3mdevIpOut(ip: Ipv4, skb: SkBuff, master: L3Master): boolean {
  const daddr = get32(skb.buf, skb.nh + Ipv4Off.daddr);
  if (isMulticast4(daddr as Ipv4Addr) || daddr === IPV4_BROADCAST) return true;
  if (ip.nf !== null && !passesMaster(ip.nf, skb, master)) return false;
  skb.protocol = ETH_P_IP;
  master.show(skb);
  return true;
}

/** The hooks of a domain's own device, unseen by connection tracking. `vrf_nf_set_untracked()` */
export function passesMaster(nf: NfHooks, skb: SkBuff, master: L3Master): boolean {
  if (skb.ct === null) skb.ctinfo = IP_CT_UNTRACKED;
  if (!nf.run(NF_INET_LOCAL_OUT, skb, null, master)) return false;
  if (!nf.run(NF_INET_POST_ROUTING, skb, null, master)) return false;
  if (skb.ct === null && skb.ctinfo === IP_CT_UNTRACKED) skb.ctinfo = 0;
  return true;
}
