import { getIpv6, type Ipv4Addr, type Ipv6Addr, sameIpv6 } from '@labwire/core/addr';
import { get8, get16, get32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import {
  IPPROTO_GRE,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
  Ipv6Off,
} from '@labwire/core/wire';
import { skipExtensions, Upper } from '../ipv6/exthdrs.ts';
import type { InetAddr } from '../rtnetlink/types.ts';

/** Filled in anew for each packet. */
const upper = new Upper();

/**
 * Who talks to whom, in one direction. Linux `struct nf_conntrack_tuple`.
 * ICMP: `sport` is the identifier and `dport` is type × 256 + code; protocols without ports have 0.
 */
export interface Tuple {
  readonly src: InetAddr;
  readonly dst: InetAddr;
  /** IPPROTO_* */
  readonly proto: number;
  readonly sport: number;
  readonly dport: number;
}

/** Whether a protocol has ports that NAT may change. DCCP's are no longer looked at. */
export function hasPorts(proto: number): boolean {
  return (
    proto === IPPROTO_TCP ||
    proto === IPPROTO_UDP ||
    proto === IPPROTO_UDPLITE ||
    proto === IPPROTO_SCTP
  );
}

/** Whether a protocol is ICMP of either family. */
export function isIcmp(proto: number): boolean {
  return proto === IPPROTO_ICMP || proto === IPPROTO_ICMPV6;
}

/** The answering type of each ICMP query, and back; 255 for what has none. Linux nf_conntrack_proto_icmp.c, invmap[]. */
const ICMP_INVERSE: Readonly<Record<number, number>> = {
  8: 0,
  0: 8,
  13: 14,
  14: 13,
  15: 16,
  16: 15,
  17: 18,
  18: 17,
};
/** The same of ICMPv6: echo and node information. nf_conntrack_proto_icmpv6.c */
const ICMPV6_INVERSE: Readonly<Record<number, number>> = { 128: 129, 129: 128, 139: 140, 140: 139 };

/** The type of the answer to an ICMP query; undefined if it is none. */
export function icmpInverse(proto: number, type: number): number | undefined {
  return (proto === IPPROTO_ICMP ? ICMP_INVERSE : ICMPV6_INVERSE)[type];
}

/** Whether two addresses of one family are equal. */
export function sameAddr(a: InetAddr, b: InetAddr): boolean {
  return typeof a === 'number' ? a === b : typeof b !== 'number' && sameIpv6(a, b);
}

/** Whether two tuples are equal. */
export function sameTuple(a: Tuple, b: Tuple): boolean {
  return (
    a.proto === b.proto &&
    a.sport === b.sport &&
    a.dport === b.dport &&
    sameAddr(a.src, b.src) &&
    sameAddr(a.dst, b.dst)
  );
}

/** A tuple that is written over and over. */
export type ScratchTuple = { -readonly [K in keyof Tuple]: Tuple[K] };

/** A tuple to be filled in. */
export function scratchTuple(): ScratchTuple {
  return { src: 0 as Ipv4Addr, dst: 0 as Ipv4Addr, proto: 0, sport: 0, dport: 0 };
}

/** Writes the tuple of the answers into `to`. `nf_ct_invert_tuple()` @returns false for an ICMP message that nobody answers */
export function invertInto(to: ScratchTuple, t: Tuple): boolean {
  to.src = t.dst;
  to.dst = t.src;
  to.proto = t.proto;
  to.sport = t.dport;
  to.dport = t.sport;
  if (!isIcmp(t.proto)) return true;
  const type = icmpInverse(t.proto, t.dport >>> 8);
  if (type === undefined) return false;
  to.sport = t.sport;
  to.dport = (type << 8) | (t.dport & 0xff);
  return true;
}

/** The tuple of the answers. @returns undefined for an ICMP message that nobody answers */
export function invertTuple(t: Tuple): Tuple | undefined {
  const to = scratchTuple();
  return invertInto(to, t) ? to : undefined;
}

/** Up to the call of GRE's version 1. RFC 2637 section 4.1 */
const GRE_V1_HLEN = 8;
const ETH_P_PPP_GRE = 0x880b;

/** The version of a GRE header at `at`, 0 if there is none. */
function greVersion(buf: Uint8Array, at: number, tail: number): number {
  return at + 4 <= tail ? get8(buf, at + 1) & 7 : 0;
}

/** Whether NAT can change an end of a GRE packet whose header is at `at`. `gre_manip_pkt()` */
export function canChangeGre({ buf, tail }: SkBuff, at: number, manip: 'src' | 'dst'): boolean {
  return at + GRE_V1_HLEN <= tail && (manip === 'src' || greVersion(buf, at, tail) <= 1);
}

function foldAddr(a: InetAddr): number {
  return typeof a === 'number' ? a : a.w0 ^ Math.imul(a.w1, 3) ^ Math.imul(a.w2, 5) ^ a.w3;
}

/** An integer that equal tuples share. */
export function hashTuple(
  src: number,
  dst: number,
  proto: number,
  sport: number,
  dport: number,
  zone: number,
): number {
  let h = Math.imul(src ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13) ^ dst, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16) ^ ((sport << 16) | dport), 0x27d4eb2f);
  h ^= Math.imul(proto, 0x165667b1) ^ Math.imul(zone, 0x9e3779b1);
  return h ^ (h >>> 15);
}

/** {@link hashTuple} of a tuple. */
export function hashOf(t: Tuple, zone: number): number {
  return hashTuple(foldAddr(t.src), foldAddr(t.dst), t.proto, t.sport, t.dport, zone);
}

/** The tuple of a packet, read into an object that is used again, so that looking a packet up makes nothing. */
export class PacketTuple {
  isIpv6 = false;
  /** IPv4 addresses. */
  src4 = 0;
  dst4 = 0;
  src6: Ipv6Addr | null = null;
  dst6: Ipv6Addr | null = null;
  proto = 0;
  sport = 0;
  dport = 0;
  /** Offset of the transport header. */
  thoff = 0;
  /**
   * Reads the packet whose IP header is at `nh`. `nf_ct_get_tuplepr()`
   * @returns false if it cannot be tracked: a later fragment, or too short
   */
  read(skb: SkBuff, nh: number, isIpv6: boolean): boolean {
    this.isIpv6 = isIpv6;
    const ok = isIpv6 ? this.#read6(skb, nh) : this.#read4(skb, nh);
    return ok && this.#readPorts(skb);
  }

  #read4({ buf, tail }: SkBuff, nh: number): boolean {
    if (nh + 20 > tail) return false;
    this.src4 = get32(buf, nh + 12);
    this.dst4 = get32(buf, nh + 16);
    this.proto = get8(buf, nh + 9);
    this.thoff = nh + (get8(buf, nh) & 0x0f) * 4;
    return (get16(buf, nh + 6) & 0x1fff) === 0 && this.thoff <= tail;
  }

  #read6(skb: SkBuff, nh: number): boolean {
    const { buf, tail } = skb;
    if (nh + 40 > tail) return false;
    this.src6 = getIpv6(buf, nh + Ipv6Off.saddr);
    this.dst6 = getIpv6(buf, nh + Ipv6Off.daddr);
    if (!skipExtensions(skb, nh + 40, get8(buf, nh + Ipv6Off.nextHeader), upper)) return false;
    this.proto = upper.protocol;
    this.thoff = upper.off;
    return (upper.fragOff & 0xfff8) === 0;
  }

  #readPorts({ buf, tail }: SkBuff): boolean {
    const at = this.thoff;
    this.sport = 0;
    this.dport = 0;
    if (hasPorts(this.proto)) {
      if (at + 4 > tail) return false;
      this.sport = get16(buf, at);
      this.dport = get16(buf, at + 2);
    } else if (isIcmp(this.proto)) {
      if (at + 8 > tail) return false;
      this.sport = get16(buf, at + 4);
      this.dport = get16(buf, at);
    } else if (this.proto === IPPROTO_GRE && greVersion(buf, at, tail) === 1)
      return this.#readCall(buf, at, tail);
    return true;
  }

  /** PPTP's form of GRE has a call, and nothing but PPP in it. `gre_pkt_to_tuple()` */
  #readCall(buf: Uint8Array, at: number, tail: number): boolean {
    if (at + GRE_V1_HLEN > tail) return true;
    if (get16(buf, at + 2) !== ETH_P_PPP_GRE) return false;
    this.dport = get16(buf, at + 6);
    return true;
  }

  /** Exchanges source and destination: an ICMP error quotes a packet of the other direction. */
  swap(): void {
    [this.src4, this.dst4] = [this.dst4, this.src4];
    [this.src6, this.dst6] = [this.dst6, this.src6];
    if (isIcmp(this.proto)) {
      const type = icmpInverse(this.proto, this.dport >>> 8);
      if (type !== undefined) this.dport = (type << 8) | (this.dport & 0xff);
    } else [this.sport, this.dport] = [this.dport, this.sport];
  }

  /** {@link hashTuple} of the packet. */
  hash(zone: number): number {
    const src = this.isIpv6 ? foldAddr(this.src6 as Ipv6Addr) : this.src4;
    const dst = this.isIpv6 ? foldAddr(this.dst6 as Ipv6Addr) : this.dst4;
    return hashTuple(src, dst, this.proto, this.sport, this.dport, zone);
  }

  /** Whether the packet has this tuple. */
  equals(t: Tuple): boolean {
    if (t.proto !== this.proto || t.sport !== this.sport || t.dport !== this.dport) return false;
    if (!this.isIpv6) return t.src === this.src4 && t.dst === this.dst4;
    return sameAddr(t.src, this.src6 as Ipv6Addr) && sameAddr(t.dst, this.dst6 as Ipv6Addr);
  }

  /** The tuple as a record of its own. */
  toTuple(): Tuple {
    return {
      src: this.isIpv6 ? (this.src6 as Ipv6Addr) : (this.src4 as Ipv4Addr),
      dst: this.isIpv6 ? (this.dst6 as Ipv6Addr) : (this.dst4 as Ipv4Addr),
      proto: this.proto,
      sport: this.sport,
      dport: this.dport,
    };
  }
}
