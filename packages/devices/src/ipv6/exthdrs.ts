/**
 * Extension headers of packets that come in: options that are not known, options that say something, routing headers.
 * RFC 8200 section 4; Linux net/ipv6/exthdrs.c, exthdrs_core.c.
 */
import { getIpv6, isMulticast6 } from '@labwire/core/addr';
import { get8, get16, getU32 } from '@labwire/core/bytes';
import { type DropReason, PACKET_HOST, type SkBuff } from '@labwire/core/skb';
import {
  ICMPV6_HDR_FIELD,
  ICMPV6_PARAMPROB,
  ICMPV6_UNK_OPTION,
  IPPROTO_AH,
  IPPROTO_DSTOPTS,
  IPPROTO_FRAGMENT,
  IPPROTO_HOPOPTS,
  IPPROTO_ICMPV6,
  IPPROTO_NONE,
  IPPROTO_ROUTING,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_HLEN,
  IPV6_TLV_PAD1,
  IPV6_TLV_PADN,
  IPV6_TLV_ROUTERALERT,
  Ipv6Off,
} from '@labwire/core/wire';
import type { Ipv6 } from './ipv6.ts';

/** Bytes of padding between two options at most. */
const MAX_PADDING = 7;
/** net.ipv6.max_hbh_opts_number, max_dst_opts_number */
const MAX_OPTIONS = 8;
const IPV6_TLV_IOAM = 49;
const IPV6_TLV_CALIPSO = 7;
const IPV6_TLV_JUMBO = 0xc2;
const MAX_PAYLOAD = 65_535;
const RPL = 3;
const SEGMENT_ROUTING = 4;
/** Offset of the number of segments in a routing header. RFC 8200 section 4.4 */
const SEGMENTS_LEFT = 3;

/** Bytes of an options or routing header. */
const lengthOf = (buf: Uint8Array, header: number): number => (get8(buf, header + 1) + 1) * 8;

/** Whether a header is there whole. */
const isWhole = ({ buf, tail }: SkBuff, header: number): boolean =>
  header + 8 <= tail && header + lengthOf(buf, header) <= tail;

function drop(ip6: Ipv6, skb: SkBuff, reason: DropReason): -1 {
  ip6.netns.drop(skb, reason);
  return -1;
}

function problem(ip6: Ipv6, skb: SkBuff, code: number, at: number): -1 {
  ip6.icmp.sendError(skb, ICMPV6_PARAMPROB, code, at - skb.nh);
  return drop(ip6, skb, 'ip_inhdr');
}

/**
 * Does what the options of a header ask for. @returns the offset of what follows; -1 if the packet was dropped, which
 * took it. `ipv6_parse_hopopts()`, `ipv6_destopt_rcv()`
 */
export function receiveOptions(ip6: Ipv6, skb: SkBuff, header: number, hopByHop: boolean): number {
  if (!isWhole(skb, header)) return drop(ip6, skb, 'ip_inhdr');
  const { buf } = skb;
  const end = header + lengthOf(buf, header);
  let padding = 0;
  let count = 0;
  for (let at = header + 2; at < end; ) {
    const type = get8(buf, at);
    const length = type === IPV6_TLV_PAD1 ? 1 : 2 + (at + 1 < end ? get8(buf, at + 1) : 0xff);
    if (at + length > end) return drop(ip6, skb, 'ip_inhdr');
    if (type === IPV6_TLV_PAD1 || type === IPV6_TLV_PADN) {
      padding += length;
      if (padding > MAX_PADDING || !isBlank(buf, at + 2, at + length))
        return drop(ip6, skb, 'ip_inhdr');
    } else {
      padding = 0;
      if (++count > MAX_OPTIONS) return drop(ip6, skb, 'ip_inhdr');
      if (!receiveOption(ip6, skb, at, hopByHop)) return -1;
    }
    at += length;
  }
  return end;
}

function isBlank(buf: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (get8(buf, at) !== 0) return false;
  return true;
}

/** @returns whether the packet goes on */
function receiveOption(ip6: Ipv6, skb: SkBuff, at: number, hopByHop: boolean): boolean {
  const { buf } = skb;
  const type = get8(buf, at);
  const length = get8(buf, at + 1);
  if (hopByHop && type === IPV6_TLV_ROUTERALERT) {
    if (length !== 2) drop(ip6, skb, 'ip_inhdr');
    return length === 2;
  }
  if (hopByHop && type === IPV6_TLV_JUMBO) return receiveJumbo(ip6, skb, at);
  // neither in-situ measurements nor labels are switched on
  if (hopByHop && type === IPV6_TLV_IOAM) {
    const aligned = (at - skb.nh) % 4 === 0;
    if (!aligned) drop(ip6, skb, 'ip_inhdr');
    return aligned;
  }
  if (hopByHop && type === IPV6_TLV_CALIPSO) {
    const bad = length < 8 || get8(buf, at + 6) * 4 + 8 > length;
    if (bad) drop(ip6, skb, 'ip_inhdr');
    return !bad;
  }
  return receiveUnknown(ip6, skb, at, type >>> 6);
}

/** The two high bits of a type say what becomes of who does not know it. `ip6_tlvopt_unknown()` */
function receiveUnknown(ip6: Ipv6, skb: SkBuff, at: number, action: number): boolean {
  if (action === 0) return true;
  const toGroup = isMulticast6(getIpv6(skb.buf, skb.nh + Ipv6Off.daddr));
  if (action === 2 || (action === 3 && !toGroup))
    ip6.icmp.sendError(skb, ICMPV6_PARAMPROB, ICMPV6_UNK_OPTION, at - skb.nh);
  drop(ip6, skb, 'unhandled_proto');
  return false;
}

/** RFC 2675; `ipv6_hop_jumbo()` */
function receiveJumbo(ip6: Ipv6, skb: SkBuff, at: number): boolean {
  const { buf, nh, tail } = skb;
  if (get8(buf, at + 1) !== 4 || (at - nh) % 4 !== 2) return drop(ip6, skb, 'ip_inhdr') > 0;
  const length = getU32(buf, at + 2);
  if (length <= MAX_PAYLOAD) return problem(ip6, skb, ICMPV6_HDR_FIELD, at + 2) > 0;
  if (get16(buf, nh + Ipv6Off.payloadLen) !== 0) return problem(ip6, skb, ICMPV6_HDR_FIELD, at) > 0;
  if (length > tail - nh - IPV6_HLEN) return drop(ip6, skb, 'pkt_too_small') > 0;
  return true;
}

/**
 * Goes over a routing header whose way is at its end; all others are refused, as types that are not known, and segment
 * routing, which is not switched on. @returns as {@link receiveOptions}. `ipv6_rthdr_rcv()`
 */
export function receiveRouting(ip6: Ipv6, skb: SkBuff, header: number): number {
  if (!isWhole(skb, header)) return drop(ip6, skb, 'ip_inhdr');
  const { buf, nh } = skb;
  if (isMulticast6(getIpv6(buf, nh + Ipv6Off.daddr)) || skb.pktType !== PACKET_HOST)
    return drop(ip6, skb, 'ip_inaddrerrors');
  const type = get8(buf, header + 2);
  if (type === SEGMENT_ROUTING || type === RPL) return drop(ip6, skb, 'not_specified');
  if (get8(buf, header + SEGMENTS_LEFT) !== 0)
    return problem(ip6, skb, ICMPV6_HDR_FIELD, header + 2);
  return header + lengthOf(buf, header);
}

/** What lies behind the extension headers: a record to be reused. */
export class Upper {
  /** The protocol; that of fragments for a fragment that is not the first. */
  protocol = 0;
  /** Where it begins; it may lie behind the packet's end. */
  off = 0;
  /** Offset and flags of the fragment header that was passed; 0 for none. */
  fragOff = 0;
}

function isExtension(protocol: number): boolean {
  return (
    protocol === IPPROTO_HOPOPTS ||
    protocol === IPPROTO_ROUTING ||
    protocol === IPPROTO_FRAGMENT ||
    protocol === IPPROTO_AH ||
    protocol === IPPROTO_NONE ||
    protocol === IPPROTO_DSTOPTS
  );
}

/** Goes over extension headers from a given one on. @returns whether their end was found. `ipv6_skip_exthdr()` */
export function skipExtensions(
  { buf, tail }: SkBuff,
  from: number,
  protocol: number,
  into: Upper,
): boolean {
  into.fragOff = 0;
  into.protocol = protocol;
  into.off = from;
  while (isExtension(into.protocol)) {
    const at = into.off;
    if (into.protocol === IPPROTO_NONE || at + 2 > tail) return false;
    let length = lengthOf(buf, at);
    if (into.protocol === IPPROTO_FRAGMENT) {
      if (at + 4 > tail) return false;
      into.fragOff = get16(buf, at + 2);
      if ((into.fragOff & 0xfff8) !== 0) return true;
      length = 8;
    } else if (into.protocol === IPPROTO_AH) length = (get8(buf, at + 1) + 2) * 4;
    into.protocol = get8(buf, at);
    into.off = at + length;
  }
  return true;
}

const upper = new Upper();

/** Bytes of its header that a first fragment must hold. */
function headerLength(protocol: number): number {
  if (protocol === IPPROTO_TCP) return 20;
  return protocol === IPPROTO_UDP || protocol === IPPROTO_ICMPV6 ? 8 : 1;
}

/** Whether a first fragment lacks some of the headers. RFC 8200 section 4.5; `ipv6frag_thdr_truncated()` */
export function lacksHeaders(skb: SkBuff, from: number, protocol: number): boolean {
  if (!skipExtensions(skb, from, protocol, upper) || (upper.fragOff & 0xfff8) !== 0) return false;
  return upper.off + headerLength(upper.protocol) > skb.tail;
}
