/** Packets on their way out, ours and others'. Read beside Linux net/ipv4/ip_output.c, whose functions have the same names. */
import { get8, get16, get32, put8, put16, put32 } from '@labwire/core/bytes';
import { cloneSkb, PACKET_LOOPBACK, type SkBuff, withHeadroom } from '@labwire/core/skb';
import {
  checksum,
  ETH_P_IP,
  ICMP_DEST_UNREACH,
  ICMP_FRAG_NEEDED,
  IP_DF,
  IPV4_MIN_HLEN,
  Ipv4Off,
} from '@labwire/core/wire';
import { IFF_LOOPBACK, type NetDevice } from '../link/net-device.ts';
import type { Neigh } from '../neigh/index.ts';
import { ipFragment } from './fragment/fragment.ts';
import type { Ipv4 } from './ipv4.ts';
import { l3mdevIpOut } from './l3mdev.ts';
import { NF_INET_LOCAL_OUT, NF_INET_POST_ROUTING } from './nf-hooks.ts';
import { RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, type Rtable } from './rtable.ts';
import type { Ipv4TxHeader } from './tx-header.ts';

/** Bytes that a header with options, and those of links before it, may take. */
const OPTIONS_ROOM = 60 + 68;

/**
 * Puts an IPv4 header before a transport message and sends it along a route. Takes ownership of `message`.
 * `ip_queue_xmit()`, `ip_push_pending_frames()`
 * @returns false if netfilter dropped it: EPERM
 */
export function ipSend(ip: Ipv4, message: SkBuff, rt: Rtable, header: Ipv4TxHeader): boolean {
  const skb = header.options === null ? message : withHeadroom(message, OPTIONS_ROOM);
  writeHeader(skb, header);
  skb.dst = rt;
  return ipLocalOut(ip, skb);
}

function writeHeader(skb: SkBuff, h: Ipv4TxHeader): void {
  const { buf } = skb;
  const hlen = IPV4_MIN_HLEN + (h.options === null ? 0 : h.options.data.length);
  skb.th = skb.data;
  const at = skb.push(hlen);
  skb.nh = at;
  skb.protocol = ETH_P_IP;
  put8(buf, at, 0x40 | (hlen >>> 2));
  put8(buf, at + Ipv4Off.tos, h.tos);
  put16(buf, at + Ipv4Off.id, h.id);
  put16(buf, at + Ipv4Off.fragOff, h.fragOff);
  put8(buf, at + Ipv4Off.ttl, h.ttl);
  put8(buf, at + Ipv4Off.protocol, h.protocol);
  put32(buf, at + Ipv4Off.saddr, h.saddr);
  put32(buf, at + Ipv4Off.daddr, h.daddr);
  skb.ipOptions = h.options;
  if (h.options !== null) buf.set(h.options.data, at + IPV4_MIN_HLEN);
}

/** Puts a whole IPv4 header before a transport message, for a sender that needs no route. */
export function ipBuild(skb: SkBuff, header: Ipv4TxHeader): void {
  writeHeader(skb, header);
  sealHeader(skb);
}

/** Fills in length and checksum. `ip_send_check()` */
function sealHeader({ buf, nh, len }: SkBuff): void {
  put16(buf, nh + Ipv4Off.totLen, len);
  put16(buf, nh + Ipv4Off.check, 0);
  put16(buf, nh + Ipv4Off.check, checksum(buf, nh, (get8(buf, nh) & 0x0f) * 4));
}

/**
 * Sends a packet of ours that has a header and a route: fills in length and checksum. Takes ownership.
 * @returns false if netfilter dropped it: EPERM
 */
export function ipLocalOut(ip: Ipv4, skb: SkBuff): boolean {
  sealHeader(skb);
  ip.mib.OutRequests++;
  const { nf } = ip;
  const { dev } = skb.dst as Rtable;
  if (dev.l3Master !== null && dev.l3Master !== dev && !l3mdevIpOut(ip, skb, dev.l3Master))
    return nf?.dropped !== true;
  if (nf !== null && !nf.run(NF_INET_LOCAL_OUT, skb, null, (skb.dst as Rtable).dev))
    return !nf.dropped;
  const rt = skb.dst as Rtable;
  if ((rt.flags & (RTCF_MULTICAST | RTCF_BROADCAST)) !== 0) return ipMcOutput(ip, skb, rt);
  return ipOutput(ip, skb, rt, false);
}

/** What goes to many comes back to us too, if we are one of them. `ip_mc_output()` */
function ipMcOutput(ip: Ipv4, skb: SkBuff, rt: Rtable): boolean {
  const toUs = (rt.flags & RTCF_LOCAL) !== 0 && (rt.dev.flags & IFF_LOOPBACK) === 0;
  if (toUs && (rt.flags & RTCF_BROADCAST ? true : wantsLoop(skb))) {
    const copy = cloneSkb(skb);
    copy.dev = rt.dev;
    if (ip.nf === null || ip.nf.run(NF_INET_POST_ROUTING, copy, null, rt.dev)) {
      copy.pktType = PACKET_LOOPBACK;
      ip.loopBack(copy);
    }
  }
  const onHostOnly = (rt.flags & RTCF_MULTICAST) !== 0 && get8(skb.buf, skb.nh + Ipv4Off.ttl) === 0;
  if (!onHostOnly) return ipOutput(ip, skb, rt, false);
  ip.netns.drop(skb, 'not_specified');
  return true;
}

function wantsLoop(skb: SkBuff): boolean {
  const sk = skb.sk as { readonly mcLoop?: boolean } | null;
  return sk?.mcLoop !== false;
}

/** Sends a packet out of its route's device. Takes ownership. `ip_output()` @returns false if netfilter dropped it */
export function ipOutput(ip: Ipv4, skb: SkBuff, rt: Rtable, forwarding: boolean): boolean {
  const inDev = forwarding ? (skb.dev as NetDevice) : null;
  skb.protocol = ETH_P_IP;
  const { nf } = ip;
  if (nf !== null && !nf.run(NF_INET_POST_ROUTING, skb, inDev, rt.dev)) return !nf.dropped;
  ipFinishOutput(ip, skb, skb.dst as Rtable, forwarding);
  return true;
}

/** Cuts a packet to the size of its path if it must, and one that was put together on its way as it came. Takes ownership. `ip_finish_output()` */
export function ipFinishOutput(ip: Ipv4, skb: SkBuff, rt: Rtable, forwarding: boolean): void {
  const mtu = rt.mtu(ip.netns.sim, forwarding);
  const { fragMaxSize } = skb;
  if ((skb.len <= mtu && fragMaxSize === 0) || skb.gsoSize > 0) {
    ipFinishOutput2(ip, skb, rt);
    return;
  }
  const df = (get16(skb.buf, skb.nh + Ipv4Off.fragOff) & IP_DF) !== 0;
  const ignored = fragMaxSize > 0 ? fragMaxSize <= mtu : !forwarding && ignoresDf(skb);
  if (df && !ignored) {
    ip.mib.FragFails++;
    ip.icmp.send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
    ip.netns.drop(skb, 'pkt_too_big');
    return;
  }
  const most = fragMaxSize === 0 ? mtu : Math.min(mtu, fragMaxSize);
  ipFragment(ip, skb, rt, most, ipFinishOutput2);
}

function ignoresDf(skb: SkBuff): boolean {
  const sk = skb.sk as { readonly ignoreDf?: boolean } | null;
  return skb.ignoreDf || sk?.ignoreDf === true;
}

/** Hands a packet to the neighbour that it goes to next. Takes ownership. `ip_finish_output2()` */
export function ipFinishOutput2(ip: Ipv4, skb: SkBuff, rt: Rtable): void {
  if ((rt.flags & RTCF_MULTICAST) !== 0) {
    ip.mib.OutMcastPkts++;
    ip.mib.OutMcastOctets += skb.len;
  } else if ((rt.flags & RTCF_BROADCAST) !== 0) {
    ip.mib.OutBcastPkts++;
    ip.mib.OutBcastOctets += skb.len;
  }
  ip.mib.OutTransmits++;
  ip.mib.OutOctets += skb.len;
  const nexthop = rt.gateway === 0 ? get32(skb.buf, skb.nh + Ipv4Off.daddr) : rt.gateway;
  const neigh = neighOf(ip, rt, nexthop);
  skb.dev = rt.dev;
  if (neigh === null) {
    ip.netns.drop(skb, 'neigh_createfail');
    return;
  }
  neigh.output(skb);
}

/** The neighbour that a route's packets for `nexthop` go to: mostly the one that the last went to. */
function neighOf(ip: Ipv4, rt: Rtable, nexthop: number): Neigh | null {
  if (rt.gateway6 !== null) return ip.netns.ipv6.neigh.lookupOrCreate(rt.gateway6, rt.dev);
  const last = rt.neigh;
  if (last !== null && last.dst === nexthop && !last.dead) return last;
  rt.neigh = ip.arp.neighFor(nexthop, rt.dev);
  return rt.neigh;
}
