/** Packets for others. Read beside Linux net/ipv4/ip_forward.c. */
import { get8, get16 } from '@labwire/core/bytes';
import { PACKET_HOST, type SkBuff } from '@labwire/core/skb';
import {
  decreaseTtl,
  ICMP_DEST_UNREACH,
  ICMP_EXC_TTL,
  ICMP_FRAG_NEEDED,
  ICMP_TIME_EXCEEDED,
  IP_DF,
  Ipv4Off,
} from '@labwire/core/wire';
import type { NetDevice } from '../link/net-device.ts';
import type { Ipv4 } from './ipv4.ts';
import { NF_INET_FORWARD } from './nf-hooks.ts';
import { failsSourceRoute, forwardOptions, type IpOptions } from './options/index.ts';
import { ipOutput } from './output.ts';
import type { Rtable } from './rtable.ts';

/** The way that a strict source route asks for is none. RFC 1122 section 3.2.2.1 */
const ICMP_SR_FAILED = 5;

/** Sends a packet on along its route. Takes ownership. `ip_forward()` */
export function ipForward(ip: Ipv4, skb: SkBuff, rt: Rtable): void {
  const { buf, nh } = skb;
  if (skb.pktType !== PACKET_HOST) {
    ip.netns.drop(skb, 'not_specified');
    return;
  }
  if (get8(buf, nh + Ipv4Off.ttl) <= 1) {
    ip.mib.InHdrErrors++;
    ip.icmp.send(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
    ip.netns.drop(skb, 'ip_inhdr');
    return;
  }
  if (failsSourceRoute(skb, rt)) {
    ip.icmp.send(skb, ICMP_DEST_UNREACH, ICMP_SR_FAILED, 0);
    ip.netns.drop(skb, 'ip_inhdr');
    return;
  }
  ip.mib.ForwDatagrams++;
  const mtu = rt.mtu(ip.netns.sim, ip.conf.ip_forward_use_pmtu === 0);
  if (exceedsMtu(skb, mtu)) {
    ip.mib.FragFails++;
    ip.icmp.send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
    ip.netns.drop(skb, 'pkt_too_big');
    return;
  }
  decreaseTtl(buf, nh);
  const options = skb.ipOptions as IpOptions | null;
  if (ip.doRedirect && (options?.srr ?? 0) === 0) ip.icmp.sendRedirect(skb, rt);
  if (ip.nf !== null && !ip.nf.run(NF_INET_FORWARD, skb, skb.dev as NetDevice, rt.dev)) return;
  // a hook may have given it another route
  if (options !== null) forwardOptions(ip, skb, skb.dst as Rtable, options);
  ipOutput(ip, skb, skb.dst as Rtable, ip.conf.ip_forward_use_pmtu === 0);
}

/** A super-segment fits if its segments do. `ip_exceeds_mtu()` */
function exceedsMtu(skb: SkBuff, mtu: number): boolean {
  if (skb.len <= mtu || (get16(skb.buf, skb.nh + Ipv4Off.fragOff) & IP_DF) === 0) return false;
  if (skb.fragMaxSize > 0) return skb.fragMaxSize > mtu;
  return skb.gsoSize === 0 || segmentLength(skb) > mtu;
}

/** Bytes of one packet of a super-segment. `skb_gso_network_seglen()` */
export function segmentLength(skb: SkBuff): number {
  const ihl = (get8(skb.buf, skb.nh) & 0x0f) * 4;
  const doff = (get8(skb.buf, skb.nh + ihl + 12) >>> 4) * 4;
  return ihl + doff + skb.gsoSize;
}
