import { getIpv6, type Ipv6Addr, putIpv6 } from '../../addr/index.ts';
import { get8, get16, get32, put8, put16, put32 } from '../../bytes/index.ts';
import type { DropReason } from '../../skb/index.ts';

/*
 * RFC 8200 section 3:
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |Version| Traffic Class |           Flow Label                  |
 *   |         Payload Length        |  Next Header  |   Hop Limit   |
 *   |                 Source Address (16 bytes)                     |
 *   |               Destination Address (16 bytes)                  |
 */

/** Offsets of the fields of an IPv6 header. */
export const Ipv6Off = { payloadLen: 4, nextHeader: 6, hopLimit: 7, saddr: 8, daddr: 24 } as const;
/** Bytes of an IPv6 header without extension headers. */
export const IPV6_HLEN = 40;
/** The smallest MTU that a link may have. RFC 8200 section 5. */
export const IPV6_MIN_MTU = 1280;

/**
 * Rejects what would let an {@link Ipv6Header} reach outside `[off, end)`.
 * Linux net/ipv6/ip6_input.c, ip6_rcv_core().
 */
export function checkIpv6(buf: Uint8Array, off: number, end: number): DropReason | undefined {
  if (end - off < IPV6_HLEN || get8(buf, off) >>> 4 !== 6) return 'ip_inhdr';
  return get16(buf, off + Ipv6Off.payloadLen) > end - off - IPV6_HLEN ? 'pkt_too_small' : undefined;
}

/** Zero-copy view, valid after {@link checkIpv6}. Keep it in a local: the skb owns the bytes. */
export class Ipv6Header {
  readonly #buf: Uint8Array;
  readonly #off: number;

  constructor(buf: Uint8Array, off: number) {
    this.#buf = buf;
    this.#off = off;
  }

  get trafficClass(): number {
    return (get16(this.#buf, this.#off) >>> 4) & 0xff;
  }
  get flowLabel(): number {
    return get32(this.#buf, this.#off) & 0xfffff;
  }
  /** Bytes behind the fixed header, extension headers included. */
  get payloadLen(): number {
    return get16(this.#buf, this.#off + Ipv6Off.payloadLen);
  }
  get nextHeader(): number {
    return get8(this.#buf, this.#off + Ipv6Off.nextHeader);
  }
  get hopLimit(): number {
    return get8(this.#buf, this.#off + Ipv6Off.hopLimit);
  }
  set hopLimit(v: number) {
    put8(this.#buf, this.#off + Ipv6Off.hopLimit, v);
  }
  /** Makes a record. */
  get saddr(): Ipv6Addr {
    return getIpv6(this.#buf, this.#off + Ipv6Off.saddr);
  }
  /** Makes a record. */
  get daddr(): Ipv6Addr {
    return getIpv6(this.#buf, this.#off + Ipv6Off.daddr);
  }
}

/** An IPv6 header as a record. */
export interface Ipv6Fields {
  readonly trafficClass: number;
  /** 20 bits. */
  readonly flowLabel: number;
  /** Bytes behind the fixed header, extension headers included. */
  readonly payloadLen: number;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly saddr: Ipv6Addr;
  readonly daddr: Ipv6Addr;
}

/** Reads a checked header. */
export function readIpv6(buf: Uint8Array, off: number): Ipv6Fields {
  const h = new Ipv6Header(buf, off);
  const { trafficClass, flowLabel, payloadLen, nextHeader, hopLimit, saddr, daddr } = h;
  return { trafficClass, flowLabel, payloadLen, nextHeader, hopLimit, saddr, daddr };
}

/** Writes a header: {@link IPV6_HLEN} bytes. */
export function writeIpv6(buf: Uint8Array, off: number, f: Ipv6Fields): void {
  put32(buf, off, (6 << 28) | ((f.trafficClass & 0xff) << 20) | (f.flowLabel & 0xfffff));
  put16(buf, off + Ipv6Off.payloadLen, f.payloadLen);
  put8(buf, off + Ipv6Off.nextHeader, f.nextHeader);
  put8(buf, off + Ipv6Off.hopLimit, f.hopLimit);
  putIpv6(buf, off + Ipv6Off.saddr, f.saddr);
  putIpv6(buf, off + Ipv6Off.daddr, f.daddr);
}
