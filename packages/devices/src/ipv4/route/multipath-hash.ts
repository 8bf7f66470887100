/** What tells flows apart that are spread over next hops. Linux net/ipv4/route.c, fib_multipath_hash(). */
import { get8, get16, get32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import {
  ETH_P_IP,
  ICMP_DEST_UNREACH,
  ICMP_HLEN,
  ICMP_PARAMETERPROB,
  ICMP_REDIRECT,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  IP_OFFSET,
  IPPROTO_GRE,
  IPPROTO_ICMP,
  IPPROTO_IPIP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_MIN_HLEN,
  Ipv4Off,
} from '@labwire/core/wire';
import type { Flow4 } from '../../fib/index.ts';
import type { Ipv4 } from '../ipv4.ts';

/** Seeds the hash of flows; any number does. */
const SEED = 0x2545f491;
const ICMP_ERRORS: readonly number[] = [
  ICMP_DEST_UNREACH,
  ICMP_SOURCE_QUENCH,
  ICMP_REDIRECT,
  ICMP_TIME_EXCEEDED,
  ICMP_PARAMETERPROB,
];

/** net.ipv4.fib_multipath_hash_policy. Linux include/net/route.h */
const POLICY_L4 = 1;
const POLICY_INNER_L3 = 2;
const POLICY_CUSTOM = 3;

/** Bits of net.ipv4.fib_multipath_hash_fields. Linux include/net/ip_fib.h, FIB_MULTIPATH_HASH_FIELD_* */
const SRC_IP = 1 << 0;
const DST_IP = 1 << 1;
const IP_PROTO = 1 << 2;
const SRC_PORT = 1 << 4;
const DST_PORT = 1 << 5;
const INNER_SRC_IP = 1 << 6;
const INNER_DST_IP = 1 << 7;
const INNER_IP_PROTO = 1 << 8;
const INNER_SRC_PORT = 1 << 10;
const INNER_DST_PORT = 1 << 11;
const INNER = INNER_SRC_IP | INNER_DST_IP | INNER_IP_PROTO | INNER_SRC_PORT | INNER_DST_PORT;

function mix(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x85ebca6b);
  return h ^ (h >>> 13);
}

function addresses(hash: number, buf: Uint8Array, at: number): number {
  return mix(mix(hash, get32(buf, at + Ipv4Off.saddr)), get32(buf, at + Ipv4Off.daddr));
}

/** The header whose addresses count: that of the packet, or the one that an ICMP error quotes. `ip_multipath_l3_keys()` */
function keyHeader(skb: SkBuff): number {
  const { buf, nh, tail } = skb;
  if (get8(buf, nh + Ipv4Off.protocol) !== IPPROTO_ICMP) return nh;
  if ((get16(buf, nh + Ipv4Off.fragOff) & IP_OFFSET) !== 0) return nh;
  const icmp = nh + (get8(buf, nh) & 0x0f) * 4;
  const inner = icmp + ICMP_HLEN;
  if (inner + IPV4_MIN_HLEN > tail) return nh;
  return ICMP_ERRORS.includes(get8(buf, icmp)) ? inner : nh;
}

/** The header of IPv4 in a tunnel's packet; -1 if there is none. `skb_flow_dissect_flow_keys()` */
function innerHeader({ buf, nh, tail }: SkBuff): number {
  if ((get16(buf, nh + Ipv4Off.fragOff) & IP_OFFSET) !== 0) return -1;
  const protocol = get8(buf, nh + Ipv4Off.protocol);
  let at = nh + (get8(buf, nh) & 0x0f) * 4;
  if (protocol === IPPROTO_GRE && at + 4 <= tail) {
    const flags = get16(buf, at);
    if (get16(buf, at + 2) !== ETH_P_IP || (flags & 7) !== 0) return -1;
    at += 4 + ((flags & 0x8000) === 0 ? 0 : 4);
    at += ((flags & 0x2000) === 0 ? 0 : 4) + ((flags & 0x1000) === 0 ? 0 : 4);
  } else if (protocol !== IPPROTO_IPIP) return -1;
  return at + IPV4_MIN_HLEN <= tail && get8(buf, at) >>> 4 === 4 ? at : -1;
}

/** `fib_multipath_custom_hash_inner()` */
function innerFields(hash: number, skb: SkBuff, fields: number): number {
  const at = innerHeader(skb);
  if (at < 0) return hash;
  const { buf, tail } = skb;
  const protocol = get8(buf, at + Ipv4Off.protocol);
  let h = hash;
  if ((fields & INNER_SRC_IP) !== 0) h = mix(h, get32(buf, at + Ipv4Off.saddr));
  if ((fields & INNER_DST_IP) !== 0) h = mix(h, get32(buf, at + Ipv4Off.daddr));
  if ((fields & INNER_IP_PROTO) !== 0) h = mix(h, protocol);
  const th = at + (get8(buf, at) & 0x0f) * 4;
  if ((protocol !== IPPROTO_TCP && protocol !== IPPROTO_UDP) || th + 4 > tail) return h;
  if ((fields & INNER_SRC_PORT) !== 0) h = mix(h, get16(buf, th));
  return (fields & INNER_DST_PORT) !== 0 ? mix(h, get16(buf, th + 2)) : h;
}

/** `fib_multipath_custom_hash_fl4()`, `fib_multipath_custom_hash_outer()` */
function customFields(ip: Ipv4, flow: Flow4, skb: SkBuff | null): number {
  const fields = ip.conf.fib_multipath_hash_fields;
  let h = SEED;
  if ((fields & SRC_IP) !== 0) h = mix(h, flow.saddr);
  if ((fields & DST_IP) !== 0) h = mix(h, flow.daddr);
  if ((fields & IP_PROTO) !== 0) h = mix(h, flow.protocol);
  if ((fields & SRC_PORT) !== 0) h = mix(h, flow.sport);
  if ((fields & DST_PORT) !== 0) h = mix(h, flow.dport);
  return skb === null || (fields & INNER) === 0 ? h : innerFields(h, skb, fields);
}

function keysHash(ip: Ipv4, flow: Flow4, skb: SkBuff | null): number {
  const policy = ip.conf.fib_multipath_hash_policy;
  if (policy === POLICY_CUSTOM) return customFields(ip, flow, skb);
  if (policy === POLICY_L4) {
    const h = mix(mix(SEED, flow.saddr), flow.daddr);
    return mix(mix(h, flow.protocol), (flow.sport << 16) | flow.dport);
  }
  if (skb === null) return mix(mix(SEED, flow.saddr), flow.daddr);
  if (policy !== POLICY_INNER_L3) return addresses(SEED, skb.buf, keyHeader(skb));
  const inner = innerHeader(skb);
  return addresses(SEED, skb.buf, inner < 0 ? skb.nh : inner);
}

/** Whether ports and protocol of a packet count. */
export function hashNeedsPorts(ip: Ipv4): boolean {
  const policy = ip.conf.fib_multipath_hash_policy;
  return policy === POLICY_L4 || policy === POLICY_CUSTOM;
}

/** A hash that all packets of a flow share: 31 bits. @param skb the packet that came in; null for one of ours */
export function multipathHash(ip: Ipv4, flow: Flow4, skb: SkBuff | null): number {
  const hash = Math.imul(keysHash(ip, flow, skb), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & 0x7fff_ffff;
}
