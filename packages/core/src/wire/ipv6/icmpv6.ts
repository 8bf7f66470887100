import type { Ipv6Addr } from '../../addr/index.ts';
import { get8, get16, getU32, put8, put16, put32 } from '../../bytes/index.ts';
import type { DropReason } from '../../skb/index.ts';
import { checksum, checksumOk, pseudoSum6 } from '../checksum.ts';
import { IPPROTO_ICMPV6 } from '../constants.ts';

/*
 * RFC 4443 section 2.1; the last word depends on the type:
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |     Type      |     Code      |          Checksum             |
 *   |   Identifier | MTU | Pointer  |  Sequence                     |
 */

/** Offsets of the fields of an ICMPv6 header. */
export const Icmpv6Off = { type: 0, code: 1, check: 2, rest: 4, id: 4, seq: 6 } as const;
/** Bytes of an ICMPv6 header. */
export const ICMPV6_HLEN = 8;

/** Types of errors. Linux include/uapi/linux/icmpv6.h. */
export const ICMPV6_DEST_UNREACH = 1;
export const ICMPV6_PKT_TOOBIG = 2;
export const ICMPV6_TIME_EXCEED = 3;
export const ICMPV6_PARAMPROB = 4;
/** Types below this are errors. */
export const ICMPV6_INFOMSG_MASK = 0x80;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;

/** Codes of ICMPV6_DEST_UNREACH. */
export const ICMPV6_NOROUTE = 0;
export const ICMPV6_ADM_PROHIBITED = 1;
export const ICMPV6_NOT_NEIGHBOUR = 2;
export const ICMPV6_ADDR_UNREACH = 3;
export const ICMPV6_PORT_UNREACH = 4;
export const ICMPV6_POLICY_FAIL = 5;
export const ICMPV6_REJECT_ROUTE = 6;
/** Codes of ICMPV6_TIME_EXCEED. */
export const ICMPV6_EXC_HOPLIMIT = 0;
export const ICMPV6_EXC_FRAGTIME = 1;
/** Codes of ICMPV6_PARAMPROB. */
export const ICMPV6_HDR_FIELD = 0;
export const ICMPV6_UNK_NEXTHDR = 1;
export const ICMPV6_UNK_OPTION = 2;

/** Rejects what has no room for the header. */
export function checkIcmpv6(_buf: Uint8Array, off: number, end: number): DropReason | undefined {
  return end - off < ICMPV6_HLEN ? 'pkt_too_small' : undefined;
}

/** Whether a message from `saddr` to `daddr` is intact. */
export function icmpv6ChecksumOk(
  buf: Uint8Array,
  off: number,
  end: number,
  saddr: Ipv6Addr,
  daddr: Ipv6Addr,
): boolean {
  const len = end - off;
  return checksumOk(buf, off, len, pseudoSum6(saddr, daddr, IPPROTO_ICMPV6, len));
}

/** An ICMPv6 header as a record. */
export interface Icmpv6Fields {
  readonly type: number;
  readonly code: number;
  /** The last four bytes, unsigned: identifier and sequence number (`echoRest`), MTU, or pointer. */
  readonly rest: number;
}

/** Reads a checked header. */
export function readIcmpv6(buf: Uint8Array, off: number): Icmpv6Fields {
  return {
    type: get8(buf, off),
    code: get8(buf, off + Icmpv6Off.code),
    rest: getU32(buf, off + Icmpv6Off.rest),
  };
}

/** Identifier of an echo. */
export function icmpv6Id(buf: Uint8Array, off: number): number {
  return get16(buf, off + Icmpv6Off.id);
}

/** Sequence number of an echo. */
export function icmpv6Seq(buf: Uint8Array, off: number): number {
  return get16(buf, off + Icmpv6Off.seq);
}

/** Writes a header; {@link fillIcmpv6Checksum} comes last. */
export function writeIcmpv6(buf: Uint8Array, off: number, f: Icmpv6Fields): void {
  put8(buf, off + Icmpv6Off.type, f.type);
  put8(buf, off + Icmpv6Off.code, f.code);
  put16(buf, off + Icmpv6Off.check, 0);
  put32(buf, off + Icmpv6Off.rest, f.rest);
}

/** Fills in the checksum of a message from `saddr` to `daddr` that is in place up to `end`. */
export function fillIcmpv6Checksum(
  buf: Uint8Array,
  off: number,
  end: number,
  saddr: Ipv6Addr,
  daddr: Ipv6Addr,
): void {
  const len = end - off;
  put16(buf, off + Icmpv6Off.check, 0);
  const sum = pseudoSum6(saddr, daddr, IPPROTO_ICMPV6, len);
  put16(buf, off + Icmpv6Off.check, checksum(buf, off, len, sum));
}
