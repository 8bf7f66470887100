/**
 * Packets that come in: from a device to the transport, to {@link ipForward}, or to their drop.
 * Read beside Linux net/ipv4/ip_input.c, whose functions have the same names.
 */

import { get8, get16, get32 } from '@labwire/core/bytes';
import type { Errno } from '@labwire/core/error';
import {
  type DropReason,
  freeSkb,
  PACKET_BROADCAST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  type SkBuff,
} from '@labwire/core/skb';
import {
  ICMP_DEST_UNREACH,
  ICMP_HOST_UNREACH,
  ICMP_NET_UNREACH,
  ICMP_PKT_FILTERED,
  ICMP_PROT_UNREACH,
  IP_MF,
  IP_OFFSET,
  IPPROTO_ICMP,
  IPPROTO_IGMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_MIN_HLEN,
  Ipv4Off,
  ipv4ChecksumOk,
} from '@labwire/core/wire';
import type { NetDevice } from '../link/net-device.ts';
import { ipForward } from './forward.ts';
import type { Ipv4 } from './ipv4.ts';
import { l3mdevIpRcv } from './l3mdev.ts';
import type { IpMib } from './mib.ts';
import { isPreRouted, NF_INET_LOCAL_IN, NF_INET_PRE_ROUTING } from './nf-hooks.ts';
import { receiveOptions } from './options/index.ts';
import { ipRouteInput } from './route/route-input.ts';
import {
  INPUT_ERROR,
  INPUT_FORWARD,
  INPUT_LOCAL,
  RTCF_BROADCAST,
  RTCF_MULTICAST,
  type Rtable,
} from './rtable.ts';

/** DSCP bits of the TOS field: what routing looks at. */
const DSCP_MASK = 0xfc;

/** A packet has come from a device: `skb.data` is at its IPv4 header. Takes ownership. */
export function ipRcv(ip: Ipv4, packet: SkBuff): void {
  const reason = ipRcvCore(ip, packet);
  if (reason !== undefined) {
    ip.netns.drop(packet, reason);
    return;
  }
  const skb = ip.defragsEarly && isFragment(packet) ? ip.fragments.defrag(packet) : packet;
  if (skb === null) return;
  if (ip.nf !== null && !isPreRouted(skb)) {
    if (!ip.nf.run(NF_INET_PRE_ROUTING, skb, skb.dev as NetDevice, null)) return;
  }
  ipRcvFinish(ip, skb);
}

function isFragment(skb: SkBuff): boolean {
  return (get16(skb.buf, skb.nh + Ipv4Off.fragOff) & (IP_MF | IP_OFFSET)) !== 0;
}

/** Checks the header and cuts off what the link added behind the packet. */
function ipRcvCore(ip: Ipv4, skb: SkBuff): DropReason | undefined {
  if (skb.pktType === PACKET_OTHERHOST) return 'otherhost';
  const { mib } = ip;
  mib.InReceives++;
  mib.InOctets += skb.len;
  const { buf, data } = skb;
  const hlen = (get8(buf, data) & 0x0f) * 4;
  if (skb.len < IPV4_MIN_HLEN || hlen < IPV4_MIN_HLEN || get8(buf, data) >>> 4 !== 4)
    return headerError(mib, 'ip_inhdr');
  countEcn(mib, get8(buf, data + Ipv4Off.tos));
  if (skb.len < hlen) return headerError(mib, 'ip_inhdr');
  if (!ipv4ChecksumOk(buf, data)) {
    mib.InCsumErrors++;
    return headerError(mib, 'ip_csum');
  }
  const length = get16(buf, data + Ipv4Off.totLen);
  if (length > skb.len) {
    mib.InTruncatedPkts++;
    return 'pkt_too_small';
  }
  if (length < hlen) return headerError(mib, 'ip_inhdr');
  skb.ipOptions = null;
  skb.nh = data;
  skb.th = data + (get8(buf, data) & 0x0f) * 4;
  skb.trim(length);
  return undefined;
}

function headerError(mib: IpMib, reason: DropReason): DropReason {
  mib.InHdrErrors++;
  return reason;
}

/** Counts by the two ECN bits. RFC 3168 section 5 */
function countEcn(mib: IpMib, tos: number): void {
  switch (tos & 3) {
    case 0:
      mib.InNoECTPkts++;
      break;
    case 1:
      mib.InECT1Pkts++;
      break;
    case 2:
      mib.InECT0Pkts++;
      break;
    default:
      mib.InCEPkts++;
  }
}

/** Routes a packet and does what the route says. */
export function ipRcvFinish(ip: Ipv4, skb: SkBuff): void {
  const dev = skb.dev as NetDevice;
  if (dev.l3Master !== null && !l3mdevIpRcv(ip, skb, dev, dev.l3Master)) return;
  const reason = ipRcvFinishCore(ip, skb, dev);
  if (reason !== undefined) {
    if (reason === 'ip_rpfilter') ip.mib.IPReversePathFilter++;
    ip.netns.drop(skb, reason);
    return;
  }
  const rt = skb.dst as Rtable;
  switch (rt.input) {
    case INPUT_LOCAL:
      ipLocalDeliver(ip, skb);
      break;
    case INPUT_FORWARD:
      ipForward(ip, skb, rt);
      break;
    case INPUT_ERROR:
      ipError(ip, skb, dev, rt.error as Errno);
      break;
    default:
      ip.netns.drop(skb, 'not_specified');
  }
}

function ipRcvFinishCore(ip: Ipv4, skb: SkBuff, dev: NetDevice): DropReason | undefined {
  const { buf, nh } = skb;
  if (skb.dst === null) {
    const daddr = get32(buf, nh + Ipv4Off.daddr);
    const saddr = get32(buf, nh + Ipv4Off.saddr);
    const tos = get8(buf, nh + Ipv4Off.tos) & DSCP_MASK;
    const reason = ipRouteInput(ip, skb, daddr, saddr, tos, dev);
    if (reason !== undefined) return reason;
  }
  if ((get8(buf, nh) & 0x0f) > 5) {
    const reason = receiveOptions(ip, skb);
    if (reason !== undefined) return reason;
  }
  const rt = skb.dst as Rtable;
  if ((rt.flags & RTCF_MULTICAST) !== 0) {
    ip.mib.InMcastPkts++;
    ip.mib.InMcastOctets += skb.len;
  } else if ((rt.flags & RTCF_BROADCAST) !== 0) {
    ip.mib.InBcastPkts++;
    ip.mib.InBcastOctets += skb.len;
  } else if (skb.pktType === PACKET_BROADCAST || skb.pktType === PACKET_MULTICAST) {
    if (dev.inDev?.dropUnicastInL2Multicast) return 'unicast_in_l2_multicast';
  }
  return undefined;
}

/** There is no way on: tells the sender if we are a router. Linux net/ipv4/route.c. */
function ipError(ip: Ipv4, skb: SkBuff, dev: NetDevice, error: Errno): void {
  const idev = dev.inDev;
  if (error === 'ENETUNREACH') ip.mib.InNoRoutes++;
  else if (error === 'EHOSTUNREACH' && idev?.forwarding !== true) ip.mib.InAddrErrors++;
  if (idev?.forwarding === true) {
    if (error === 'EHOSTUNREACH') ip.icmp.sendNoRoute(skb, ICMP_HOST_UNREACH);
    else if (error === 'ENETUNREACH') ip.icmp.sendNoRoute(skb, ICMP_NET_UNREACH);
    else if (error === 'EACCES') ip.icmp.sendNoRoute(skb, ICMP_PKT_FILTERED);
    ip.netns.drop(skb, error === 'ENETUNREACH' ? 'ip_innoroutes' : 'not_specified');
    return;
  }
  ip.netns.drop(skb, error === 'EHOSTUNREACH' ? 'ip_inaddrerrors' : 'ip_innoroutes');
}

/** The packet is for us: puts fragments together. Takes ownership. */
export function ipLocalDeliver(ip: Ipv4, fragment: SkBuff): void {
  const skb = isFragment(fragment) ? ip.fragments.defrag(fragment) : fragment;
  if (skb === null) return;
  if (ip.nf !== null && !ip.nf.run(NF_INET_LOCAL_IN, skb, skb.dev as NetDevice, null)) return;
  ipLocalDeliverFinish(ip, skb);
}

/** Hands a whole packet to raw sockets and its transport. Takes ownership. `ip_protocol_deliver_rcu()` */
export function ipLocalDeliverFinish(ip: Ipv4, skb: SkBuff): void {
  const protocol = get8(skb.buf, skb.nh + Ipv4Off.protocol);
  skb.data = skb.nh + (get8(skb.buf, skb.nh) & 0x0f) * 4;
  skb.th = skb.data;
  const raw = ip.raw?.deliver(skb, protocol) ?? false;
  switch (protocol) {
    case IPPROTO_ICMP:
      ip.mib.InDelivers++;
      ip.icmp.receive(skb);
      break;
    case IPPROTO_TCP:
      ip.mib.InDelivers++;
      ip.netns.tcp.receive(skb);
      break;
    case IPPROTO_UDP:
      ip.mib.InDelivers++;
      ip.netns.udp.receive(skb);
      break;
    case IPPROTO_IGMP:
      ip.mib.InDelivers++;
      ip.membership.receive(skb);
      freeSkb(skb);
      break;
    default:
      if (ip.netns.tunnels?.receive(skb, protocol) === true) ip.mib.InDelivers++;
      else unknownProtocol(ip, skb, raw);
  }
}

function unknownProtocol(ip: Ipv4, skb: SkBuff, raw: boolean): void {
  if (raw) {
    ip.mib.InDelivers++;
    freeSkb(skb);
    return;
  }
  ip.mib.InUnknownProtos++;
  ip.icmp.send(skb, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
  ip.netns.drop(skb, 'ip_noproto');
}
