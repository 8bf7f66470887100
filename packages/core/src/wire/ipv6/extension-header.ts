import { get8, get16, getU32, put8, put16, put32 } from '../../bytes/index.ts';
import type { DropReason } from '../../skb/index.ts';
import {
  IPPROTO_AH,
  IPPROTO_DSTOPTS,
  IPPROTO_FRAGMENT,
  IPPROTO_HOPOPTS,
  IPPROTO_ROUTING,
} from '../constants.ts';
import { IPV6_HLEN, Ipv6Off } from './ipv6.ts';

/*
 * RFC 8200 section 4: every extension header starts with the protocol of the next one; all but the fragment
 * header (8 bytes) and the authentication header (4-byte units) go on with their length in 8-byte units
 * beyond the first.
 *
 *   options and routing            fragment
 *   | next | len | data … |        | next | 0 | offset(13) 0(2) M(1) | identification(32) |
 */

/** Bytes of a fragment header. */
export const IPV6_FRAG_HLEN = 8;
/** Bytes of the hop-by-hop header that {@link writeRouterAlert} writes. */
export const ROUTER_ALERT_HLEN = 8;
/** Option types. RFC 8200 section 4.2, RFC 2711. */
export const IPV6_TLV_PAD1 = 0;
export const IPV6_TLV_PADN = 1;
export const IPV6_TLV_ROUTERALERT = 5;

/** Where the headers of a packet are: a record to be reused, so that walking allocates nothing. */
export class Ipv6Chain {
  /** The transport protocol, or IPPROTO_NONE. */
  protocol = 0;
  /** Offset of the transport header. */
  off = 0;
  /** Offset of the field that names {@link protocol}, for a parameter problem. */
  nextHeaderOff = 0;
  /** Offset of the hop-by-hop header, -1 if there is none. */
  hopByHop = -1;
  /** Offset of the routing header, -1 if there is none. */
  routing = -1;
  /** Offset of the fragment header, -1 if there is none. */
  fragment = -1;

  /** Whether the packet is a fragment and not the first: what is at {@link off} is no header then. */
  laterFragment = false;

  /** Goes to where an IPv6 header at `off` ends. */
  reset(buf: Uint8Array, off: number): void {
    this.protocol = get8(buf, off + Ipv6Off.nextHeader);
    this.off = off + IPV6_HLEN;
    this.nextHeaderOff = off + Ipv6Off.nextHeader;
    this.hopByHop = -1;
    this.routing = -1;
    this.fragment = -1;
    this.laterFragment = false;
  }
}

function isExtension(protocol: number): boolean {
  return (
    protocol === IPPROTO_HOPOPTS ||
    protocol === IPPROTO_ROUTING ||
    protocol === IPPROTO_FRAGMENT ||
    protocol === IPPROTO_DSTOPTS ||
    protocol === IPPROTO_AH
  );
}

function extensionLength(buf: Uint8Array, off: number, protocol: number): number {
  if (protocol === IPPROTO_FRAGMENT) return IPV6_FRAG_HLEN;
  const len = get8(buf, off + 1);
  return protocol === IPPROTO_AH ? (len + 2) * 4 : (len + 1) * 8;
}

function note(chain: Ipv6Chain, buf: Uint8Array): void {
  if (chain.protocol === IPPROTO_HOPOPTS) chain.hopByHop = chain.off;
  else if (chain.protocol === IPPROTO_ROUTING) chain.routing = chain.off;
  else if (chain.protocol === IPPROTO_FRAGMENT) {
    chain.fragment = chain.off;
    chain.laterFragment = get16(buf, chain.off + 2) >>> 3 !== 0;
  }
}

/**
 * Finds the transport header of a checked packet whose fixed header is at `off` and whose last byte is before `end`.
 * Linux net/ipv6/exthdrs_core.c, ipv6_skip_exthdr(). @returns why the chain is malformed
 */
export function walkIpv6(
  buf: Uint8Array,
  off: number,
  end: number,
  into: Ipv6Chain,
): DropReason | undefined {
  into.reset(buf, off);
  while (isExtension(into.protocol) && !into.laterFragment) {
    const at = into.off;
    if (at + 8 > end) return 'ip_inhdr';
    const len = extensionLength(buf, at, into.protocol);
    if (at + len > end) return 'ip_inhdr';
    note(into, buf);
    into.protocol = get8(buf, at);
    into.nextHeaderOff = at;
    into.off = at + len;
  }
  return undefined;
}

/**
 * Finds an option in a hop-by-hop or destination options header that {@link walkIpv6} has passed.
 * @returns the offset of its type, or -1
 */
export function findIpv6Option(buf: Uint8Array, header: number, type: number): number {
  const end = header + (get8(buf, header + 1) + 1) * 8;
  for (let at = header + 2; at < end; ) {
    const kind = get8(buf, at);
    const len = kind === IPV6_TLV_PAD1 ? 1 : 2 + (at + 1 < end ? get8(buf, at + 1) : 0);
    if (at + len > end) return -1;
    if (kind === type) return at;
    at += len;
  }
  return -1;
}

/** Writes a hop-by-hop header that holds a router alert for MLD and a PadN. RFC 2711 section 2.1, RFC 3810 section 5. */
export function writeRouterAlert(buf: Uint8Array, off: number, nextHeader: number): void {
  put8(buf, off, nextHeader);
  put8(buf, off + 1, 0);
  put16(buf, off + 2, (IPV6_TLV_ROUTERALERT << 8) | 2);
  put16(buf, off + 4, 0);
  put16(buf, off + 6, IPV6_TLV_PADN << 8);
}

/** A fragment header as a record. RFC 8200 section 4.5. */
export interface Ipv6FragmentFields {
  readonly nextHeader: number;
  /** Where the fragment's payload belongs, in bytes: a multiple of eight. */
  readonly offset: number;
  readonly more: boolean;
  readonly id: number;
}

/** Reads a fragment header that {@link walkIpv6} has found. */
export function readIpv6Fragment(buf: Uint8Array, off: number): Ipv6FragmentFields {
  const word = get16(buf, off + 2);
  return {
    nextHeader: get8(buf, off),
    offset: word & 0xfff8,
    more: (word & 1) !== 0,
    id: getU32(buf, off + 4),
  };
}

/** Writes a fragment header: {@link IPV6_FRAG_HLEN} bytes. */
export function writeIpv6Fragment(buf: Uint8Array, off: number, f: Ipv6FragmentFields): void {
  put8(buf, off, f.nextHeader);
  put8(buf, off + 1, 0);
  put16(buf, off + 2, (f.offset & 0xfff8) | (f.more ? 1 : 0));
  put32(buf, off + 4, f.id);
}
