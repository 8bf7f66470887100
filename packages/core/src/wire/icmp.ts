import type { Ipv4Addr } from '../addr/index.ts';
import { get8, get16, get32, getU32, put8, put16, put32 } from '../bytes/index.ts';
import type { DropReason } from '../skb/index.ts';
import { checksum, checksumOk } from './checksum.ts';

/*
 * RFC 792; the last word depends on the type:
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |     Type      |     Code      |          Checksum             |
 *   |   Identifier | 0 | Gateway    |  Sequence | Next-Hop MTU      |
 *   |   data, or the packet that caused the error …
 */

/** Offsets of the fields of an ICMP header. */
export const IcmpOff = { type: 0, code: 1, check: 2, rest: 4, id: 4, seq: 6, mtu: 6 } as const;
/** Bytes of an ICMP header. */
export const ICMP_HLEN = 8;

/** Types. Linux include/uapi/linux/icmp.h. */
export const ICMP_ECHOREPLY = 0;
export const ICMP_DEST_UNREACH = 3;
export const ICMP_SOURCE_QUENCH = 4;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETERPROB = 12;
export const ICMP_TIMESTAMP = 13;
export const ICMP_TIMESTAMPREPLY = 14;

/** Codes of ICMP_DEST_UNREACH. */
export const ICMP_NET_UNREACH = 0;
export const ICMP_HOST_UNREACH = 1;
export const ICMP_PROT_UNREACH = 2;
export const ICMP_PORT_UNREACH = 3;
export const ICMP_FRAG_NEEDED = 4;
export const ICMP_SR_FAILED = 5;
export const ICMP_NET_ANO = 9;
export const ICMP_HOST_ANO = 10;
export const ICMP_PKT_FILTERED = 13;
/** Codes of ICMP_REDIRECT. */
export const ICMP_REDIR_NET = 0;
export const ICMP_REDIR_HOST = 1;
/** Codes of ICMP_TIME_EXCEEDED. */
export const ICMP_EXC_TTL = 0;
export const ICMP_EXC_FRAGTIME = 1;

/** Rejects what has no room for the header. */
export function checkIcmp(_buf: Uint8Array, off: number, end: number): DropReason | undefined {
  return end - off < ICMP_HLEN ? 'pkt_too_small' : undefined;
}

/** Whether a message is intact. */
export function icmpChecksumOk(buf: Uint8Array, off: number, end: number): boolean {
  return checksumOk(buf, off, end - off);
}

/** Zero-copy view, valid after {@link checkIcmp}. */
export class IcmpHeader {
  readonly #buf: Uint8Array;
  readonly #off: number;

  constructor(buf: Uint8Array, off: number) {
    this.#buf = buf;
    this.#off = off;
  }

  get type(): number {
    return get8(this.#buf, this.#off);
  }
  get code(): number {
    return get8(this.#buf, this.#off + IcmpOff.code);
  }
  get check(): number {
    return get16(this.#buf, this.#off + IcmpOff.check);
  }
  /** Identifier of an echo. */
  get id(): number {
    return get16(this.#buf, this.#off + IcmpOff.id);
  }
  /** Sequence number of an echo. */
  get seq(): number {
    return get16(this.#buf, this.#off + IcmpOff.seq);
  }
  /** Next-hop MTU of ICMP_FRAG_NEEDED; 0 if the router does not tell. RFC 1191 section 4. */
  get mtu(): number {
    return get16(this.#buf, this.#off + IcmpOff.mtu);
  }
  /** Gateway of a redirect. */
  get gateway(): Ipv4Addr {
    return get32(this.#buf, this.#off + IcmpOff.rest) as Ipv4Addr;
  }
  /** Offset of the byte that a parameter problem is about. */
  get pointer(): number {
    return get8(this.#buf, this.#off + IcmpOff.rest);
  }
}

/** An ICMP header as a record. */
export interface IcmpFields {
  readonly type: number;
  readonly code: number;
  /** The last four bytes, unsigned: identifier and sequence number, gateway, or MTU. See {@link echoRest}. */
  readonly rest: number;
}

/** The last four bytes of an echo's header. */
export function echoRest(id: number, seq: number): number {
  return ((id << 16) | (seq & 0xffff)) >>> 0;
}

/** Reads a checked header. */
export function readIcmp(buf: Uint8Array, off: number): IcmpFields {
  const { type, code } = new IcmpHeader(buf, off);
  return { type, code, rest: getU32(buf, off + IcmpOff.rest) };
}

/** Writes a header in front of a payload that is in place up to `end`, with the checksum of both. */
export function writeIcmp(buf: Uint8Array, off: number, f: IcmpFields, end: number): void {
  put8(buf, off + IcmpOff.type, f.type);
  put8(buf, off + IcmpOff.code, f.code);
  put16(buf, off + IcmpOff.check, 0);
  put32(buf, off + IcmpOff.rest, f.rest);
  put16(buf, off + IcmpOff.check, checksum(buf, off, end - off));
}
