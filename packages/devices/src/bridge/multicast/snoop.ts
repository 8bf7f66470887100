/** Looks into multicast frames for what hosts and routers tell. Linux net/bridge/br_multicast.c, br_multicast_rcv(). */
import {
  getIpv6,
  type Ipv6Addr,
  isLinkLocal6,
  isMulticast6,
  type MacAddr,
} from '@labwire/core/addr';
import { get8, get16, get32, get48 } from '@labwire/core/bytes';
import { MS, type Nanos, SEC } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import {
  checkIpv4,
  checkIpv6,
  checksumOk,
  ETH_P_IP,
  ETH_P_IPV6,
  ICMPV6_MGM_QUERY,
  ICMPV6_MGM_REDUCTION,
  ICMPV6_MLD2_REPORT,
  IGMP_LEAVE,
  IGMP_QUERY,
  IGMPV1_REPORT,
  IGMPV2_REPORT,
  IGMPV3_CHANGE_TO_INCLUDE,
  IGMPV3_MODE_IS_INCLUDE,
  IGMPV3_REPORT,
  type IgmpFields,
  IPPROTO_HOPOPTS,
  IPPROTO_ICMPV6,
  IPPROTO_IGMP,
  IPV6_HLEN,
  Ipv4Off,
  Ipv6Off,
  icmpv6ChecksumOk,
  igmp3Code,
  ipv4ChecksumOk,
  type MldFields,
  mld2MaxDelay,
  readIgmp,
  readIgmp3Report,
  readMld,
  readMld2Report,
} from '@labwire/core/wire';
import type { Bridge } from '../bridge.ts';
import type { BridgePort } from '../port.ts';
import { GroupKey } from './group-key.ts';

/** What {@link snoop} found: a frame that is no good, one for routers and members alone, one that speaks of groups itself. */
export const SNOOP_BAD = -1;
export const SNOOP_NOTHING = 0;
export const SNOOP_MEMBERS_ONLY = 1;
export const SNOOP_IGMP = 2;

/** 224.0.0.1, 224.0.0.13 and 224.0.0.106 */
const ALL_HOSTS = 0xe000_0001 | 0;
const ALL_PIM_ROUTERS = 0xe000_000d | 0;
const ALL_SNOOPERS = 0xe000_006a | 0;
const IPPROTO_PIM = 103;
/** PIM version 2, hello. RFC 7761 section 4.9 */
const PIM_HELLO = 0x20;
/** Multicast router advertisement. RFC 4286 section 3 */
const IGMP_MRDISC_ADV = 0x30;
/** Types of ICMPv6 that speak of groups. */
const isMld = (type: number): boolean =>
  (type >= ICMPV6_MGM_QUERY && type <= ICMPV6_MGM_REDUCTION) || type === ICMPV6_MLD2_REPORT;

const isLocal4 = (addr: number): boolean => addr >>> 8 === 0xe00000;
const isAllNodes = (buf: Uint8Array, at: number): boolean =>
  get32(buf, at) === (0xff02_0000 | 0) &&
  get32(buf, at + 4) === 0 &&
  get32(buf, at + 8) === 0 &&
  get32(buf, at + 12) === 1;

/** A group, for as long as one frame is looked at. */
const scratch = new GroupKey();

/**
 * Learns from a multicast frame, its Ethernet header pulled, that came in at `port` (null: from the bridge's own machine).
 * @returns SNOOP_BAD, or bits SNOOP_MEMBERS_ONLY and SNOOP_IGMP
 */
export function snoop(bridge: Bridge, port: BridgePort | null, skb: SkBuff, vid: number): number {
  if (!bridge.mcast.snooping) return SNOOP_NOTHING;
  const type = get16(skb.buf, skb.mac + 12);
  if (type === ETH_P_IP) return snoop4(bridge, port, skb, vid);
  return type === ETH_P_IPV6 ? snoop6(bridge, port, skb, vid) : SNOOP_NOTHING;
}

/** `br_multicast_ipv4_rcv()`, `ip_mc_check_igmp()` */
function snoop4(bridge: Bridge, port: BridgePort | null, skb: SkBuff, vid: number): number {
  const { buf, data, tail } = skb;
  if (checkIpv4(buf, data, tail) !== undefined || !ipv4ChecksumOk(buf, data)) return SNOOP_BAD;
  const protocol = get8(buf, data + Ipv4Off.protocol);
  const daddr = get32(buf, data + Ipv4Off.daddr);
  const at = data + (get8(buf, data) & 0xf) * 4;
  const end = data + get16(buf, data + Ipv4Off.totLen);
  if (protocol !== IPPROTO_IGMP) return other4(bridge, port, skb, protocol, daddr, at, end);
  if (end - at < 8 || !checksumOk(buf, at, end - at)) return SNOOP_BAD;
  const type = get8(buf, at);
  if (type === IGMPV3_REPORT) {
    hearReport3(bridge, port, skb, at, end, vid);
    return SNOOP_IGMP;
  }
  if (
    type !== IGMP_QUERY &&
    type !== IGMPV1_REPORT &&
    type !== IGMPV2_REPORT &&
    type !== IGMP_LEAVE
  )
    return other4(bridge, port, skb, protocol, daddr, at, end);
  const message = readIgmp(buf, at, end);
  if (message === undefined) return SNOOP_BAD;
  const { group } = message;
  if (type === IGMP_QUERY) {
    if (group === 0 && daddr !== ALL_HOSTS) return SNOOP_BAD;
    hearQuery4(bridge, port, message, get32(buf, data + Ipv4Off.saddr), vid);
    return SNOOP_IGMP;
  }
  if (!isLocal4(group)) {
    const key = scratch.setIpv4(group, vid);
    if (type === IGMP_LEAVE) bridge.mcast.leave(port, key, sender(skb));
    else bridge.mcast.join(port, key, sender(skb));
  }
  return type === IGMP_LEAVE ? SNOOP_IGMP : SNOOP_IGMP | SNOOP_MEMBERS_ONLY;
}

/** What is no IGMP, or of a type that nobody knows. */
function other4(
  { mcast }: Bridge,
  port: BridgePort | null,
  { buf }: SkBuff,
  protocol: number,
  daddr: number,
  at: number,
  end: number,
): number {
  if (!isLocal4(daddr)) return SNOOP_MEMBERS_ONLY;
  if (at >= end) return SNOOP_NOTHING;
  const type = get8(buf, at);
  if (
    (daddr === ALL_PIM_ROUTERS && protocol === IPPROTO_PIM && type === PIM_HELLO) ||
    (daddr === ALL_SNOOPERS && protocol === IPPROTO_IGMP && type === IGMP_MRDISC_ADV)
  )
    mcast.markRouter(port, 'inet');
  return SNOOP_NOTHING;
}

/** The sender's address. */
function sender({ buf, mac }: SkBuff): MacAddr {
  return get48(buf, mac + 6) as MacAddr;
}

/** Whether a record says that somebody wants nothing of a group any more. */
function isLeave(type: number, sources: number): boolean {
  return sources === 0 && (type === IGMPV3_CHANGE_TO_INCLUDE || type === IGMPV3_MODE_IS_INCLUDE);
}

/** What one record of a report says of a group. @param sources how many it names */
function hearRecord(
  { mcast }: Bridge,
  port: BridgePort | null,
  key: GroupKey,
  type: number,
  sources: number,
  skb: SkBuff,
): void {
  if (type < 1 || type > 6) return;
  if (isLeave(type, sources)) mcast.leave(port, key, sender(skb));
  else mcast.join(port, key, sender(skb));
}

/** `br_ip4_multicast_igmp3_report()` */
function hearReport3(
  bridge: Bridge,
  port: BridgePort | null,
  skb: SkBuff,
  at: number,
  end: number,
  vid: number,
): void {
  for (const { type, group, sources = [] } of readIgmp3Report(skb.buf, at, end) ?? []) {
    if (isLocal4(group)) continue;
    hearRecord(bridge, port, scratch.setIpv4(group, vid), type, sources.length, skb);
  }
}

/** `br_ip4_multicast_query()` */
function hearQuery4(
  bridge: Bridge,
  port: BridgePort | null,
  { code, group, v3 }: IgmpFields,
  saddr: number,
  vid: number,
): void {
  const { mcast } = bridge;
  if (!bridge.isUp || port?.state === 'disabled') return;
  const isV1 = v3 === undefined && code === 0;
  const tenths = v3 === undefined ? code : igmp3Code(code);
  const maxDelay = isV1 ? 10 * SEC : (tenths * SEC) / 10;
  if (v3 !== undefined && v3.sources.length > 0) return;
  if (group !== 0 && !isV1) {
    mcast.askedAbout(scratch.setIpv4(group, vid), maxDelay);
    return;
  }
  const ownRuns = mcast.own.query4?.running === true;
  if (mcast.other('inet').heard4(saddr, ownRuns, maxDelay)) mcast.markRouter(port, 'inet');
}

/** `br_multicast_ipv6_rcv()`, `ipv6_mc_check_mld()` */
function snoop6(bridge: Bridge, port: BridgePort | null, skb: SkBuff, vid: number): number {
  const { buf, data, tail } = skb;
  if (checkIpv6(buf, data, tail) !== undefined) return SNOOP_BAD;
  const elsewhere = isAllNodes(buf, data + Ipv6Off.daddr) ? SNOOP_NOTHING : SNOOP_MEMBERS_ONLY;
  if (get8(buf, data + Ipv6Off.nextHeader) !== IPPROTO_HOPOPTS) return elsewhere;
  const end = data + IPV6_HLEN + get16(buf, data + Ipv6Off.payloadLen);
  const options = data + IPV6_HLEN;
  if (options + 8 > end || get8(buf, options) !== IPPROTO_ICMPV6) return elsewhere;
  const at = options + (get8(buf, options + 1) + 1) * 8;
  if (at + 8 > end) return SNOOP_BAD;
  const type = get8(buf, at);
  if (!isMld(type)) return elsewhere;
  const saddr = getIpv6(buf, data + Ipv6Off.saddr);
  const daddr = getIpv6(buf, data + Ipv6Off.daddr);
  if (!icmpv6ChecksumOk(buf, at, end, saddr, daddr)) return SNOOP_BAD;
  if (type === ICMPV6_MLD2_REPORT) {
    hearMld2Report(bridge, port, skb, at, end, vid);
    return SNOOP_IGMP;
  }
  const message = readMld(buf, at, end);
  if (message === undefined) return SNOOP_BAD;
  if (type === ICMPV6_MGM_QUERY) {
    if (!isLinkLocal6(saddr)) return SNOOP_BAD;
    hearQuery6(bridge, port, message, saddr, vid);
    return SNOOP_IGMP;
  }
  const key = scratch.setIpv6(message.group, vid);
  if (type === ICMPV6_MGM_REDUCTION) {
    bridge.mcast.leave(port, key, sender(skb));
    return SNOOP_IGMP;
  }
  if (!isAllNodesGroup(message.group)) bridge.mcast.join(port, key, sender(skb));
  return SNOOP_IGMP | SNOOP_MEMBERS_ONLY;
}

function isAllNodesGroup({ w0, w1, w2, w3 }: Ipv6Addr): boolean {
  return (w0 | 0) === (0xff02_0000 | 0) && w1 === 0 && w2 === 0 && w3 === 1;
}

/** `br_ip6_multicast_mld2_report()` */
function hearMld2Report(
  bridge: Bridge,
  port: BridgePort | null,
  skb: SkBuff,
  at: number,
  end: number,
  vid: number,
): void {
  for (const { type, group, sources } of readMld2Report(skb.buf, at, end) ?? []) {
    if (isAllNodesGroup(group)) continue;
    hearRecord(bridge, port, scratch.setIpv6(group, vid), type, sources.length, skb);
  }
}

/** `br_ip6_multicast_query()` */
function hearQuery6(
  bridge: Bridge,
  port: BridgePort | null,
  { maxDelay, group, v2 }: MldFields,
  saddr: Ipv6Addr,
  vid: number,
): void {
  const { mcast } = bridge;
  if (!bridge.isUp || port?.state === 'disabled') return;
  const delay: Nanos = (v2 === undefined ? maxDelay : mld2MaxDelay(maxDelay)) * MS;
  if (isMulticast6(group)) {
    mcast.askedAbout(scratch.setIpv6(group, vid), delay);
    return;
  }
  if (v2 !== undefined && v2.sources.length > 0) return;
  const ownRuns = mcast.own.query6?.running === true;
  if (mcast.other('inet6').heard6(saddr, ownRuns, delay)) mcast.markRouter(port, 'inet6');
}
