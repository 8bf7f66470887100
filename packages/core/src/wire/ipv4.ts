import type { Ipv4Addr } from '../addr/index.ts';
import { get8, get16, get32, put8, put16, put32 } from '../bytes/index.ts';
import type { DropReason } from '../skb/index.ts';
import { checksum, checksumOk, updateCheck16 } from './checksum.ts';

/*
 * RFC 791 section 3.1:
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |Version|  IHL  |Type of Service|          Total Length         |
 *   |         Identification        |Flags|      Fragment Offset    |
 *   |  Time to Live |    Protocol   |         Header Checksum       |
 *   |                       Source Address                          |
 *   |                    Destination Address                        |
 *   |                    Options                    |    Padding    |
 */

/** Offsets of the fields of an IPv4 header. */
export const Ipv4Off = {
  vihl: 0,
  tos: 1,
  totLen: 2,
  id: 4,
  fragOff: 6,
  ttl: 8,
  protocol: 9,
  check: 10,
  saddr: 12,
  daddr: 16,
  options: 20,
} as const;
/** Bytes of an IPv4 header without options. */
export const IPV4_MIN_HLEN = 20;
/** Bytes of the longest IPv4 header. */
export const IPV4_MAX_HLEN = 60;
/** Reserved, don't fragment, more fragments, and the mask of the offset in 8-byte units. Linux include/net/ip.h. */
export const IP_CE = 0x8000;
export const IP_DF = 0x4000;
export const IP_MF = 0x2000;
export const IP_OFFSET = 0x1fff;

/**
 * Rejects what would let an {@link Ipv4Header} reach outside `[off, end)`; the header checksum is
 * {@link ipv4ChecksumOk}. Linux net/ipv4/ip_input.c, ip_rcv_core().
 */
export function checkIpv4(buf: Uint8Array, off: number, end: number): DropReason | undefined {
  if (end - off < IPV4_MIN_HLEN) return 'ip_inhdr';
  const vihl = get8(buf, off);
  const hlen = (vihl & 0x0f) * 4;
  if (vihl >>> 4 !== 4 || hlen < IPV4_MIN_HLEN || off + hlen > end) return 'ip_inhdr';
  const totLen = get16(buf, off + Ipv4Off.totLen);
  if (totLen > end - off) return 'pkt_too_small';
  return totLen < hlen ? 'ip_inhdr' : undefined;
}

/** Whether the header of a checked packet is intact. */
export function ipv4ChecksumOk(buf: Uint8Array, off: number): boolean {
  return checksumOk(buf, off, (get8(buf, off) & 0x0f) * 4);
}

/** Takes one off the TTL and updates the checksum. Linux include/net/ip.h, ip_decrease_ttl(). */
export function decreaseTtl(buf: Uint8Array, off: number): void {
  const word = get16(buf, off + Ipv4Off.ttl);
  const check = get16(buf, off + Ipv4Off.check);
  put8(buf, off + Ipv4Off.ttl, (word >>> 8) - 1);
  put16(buf, off + Ipv4Off.check, updateCheck16(check, word, word - 0x100));
}

/** Zero-copy view, valid after {@link checkIpv4}. Keep it in a local: the skb owns the bytes. */
export class Ipv4Header {
  readonly #buf: Uint8Array;
  readonly #off: number;

  constructor(buf: Uint8Array, off: number) {
    this.#buf = buf;
    this.#off = off;
  }

  /** Bytes of the header, options included. */
  get hlen(): number {
    return (get8(this.#buf, this.#off) & 0x0f) * 4;
  }
  get tos(): number {
    return get8(this.#buf, this.#off + Ipv4Off.tos);
  }
  /** Bytes of header and payload. */
  get totLen(): number {
    return get16(this.#buf, this.#off + Ipv4Off.totLen);
  }
  get id(): number {
    return get16(this.#buf, this.#off + Ipv4Off.id);
  }
  /** The flags {@link IP_DF}, {@link IP_MF} and the offset in 8-byte units, as they stand. */
  get fragOff(): number {
    return get16(this.#buf, this.#off + Ipv4Off.fragOff);
  }
  get df(): boolean {
    return (this.fragOff & IP_DF) !== 0;
  }
  /** Whether it is part of a packet. Linux include/net/ip.h, ip_is_fragment(). */
  get isFragment(): boolean {
    return (this.fragOff & (IP_MF | IP_OFFSET)) !== 0;
  }
  get ttl(): number {
    return get8(this.#buf, this.#off + Ipv4Off.ttl);
  }
  get protocol(): number {
    return get8(this.#buf, this.#off + Ipv4Off.protocol);
  }
  get check(): number {
    return get16(this.#buf, this.#off + Ipv4Off.check);
  }
  get saddr(): Ipv4Addr {
    return get32(this.#buf, this.#off + Ipv4Off.saddr) as Ipv4Addr;
  }
  get daddr(): Ipv4Addr {
    return get32(this.#buf, this.#off + Ipv4Off.daddr) as Ipv4Addr;
  }
}

/** An IPv4 header as a record. */
export interface Ipv4Fields {
  readonly tos: number;
  /** Bytes of header and payload. */
  readonly totLen: number;
  readonly id: number;
  /** The flags {@link IP_DF}, {@link IP_MF} and the offset in 8-byte units. */
  readonly fragOff: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly saddr: Ipv4Addr;
  readonly daddr: Ipv4Addr;
  /** At most 40 bytes, padded with zeros to a multiple of four when written; undefined if there are none. */
  readonly options: Uint8Array | undefined;
}

/** Bytes of the header that {@link writeIpv4} writes for these options. */
export function ipv4Length(options: Uint8Array | undefined): number {
  return options === undefined ? IPV4_MIN_HLEN : IPV4_MIN_HLEN + ((options.length + 3) & ~3);
}

/** Reads a checked header. */
export function readIpv4(buf: Uint8Array, off: number): Ipv4Fields {
  const h = new Ipv4Header(buf, off);
  const { tos, totLen, id, fragOff, ttl, protocol, saddr, daddr, hlen } = h;
  const options = hlen > IPV4_MIN_HLEN ? buf.slice(off + IPV4_MIN_HLEN, off + hlen) : undefined;
  return { tos, totLen, id, fragOff, ttl, protocol, saddr, daddr, options };
}

/** Writes a header with its checksum. The packet path refills one record and passes that. */
export function writeIpv4(buf: Uint8Array, off: number, f: Ipv4Fields): void {
  const hlen = ipv4Length(f.options);
  put8(buf, off, 0x40 | (hlen >>> 2));
  put8(buf, off + Ipv4Off.tos, f.tos);
  put16(buf, off + Ipv4Off.totLen, f.totLen);
  put16(buf, off + Ipv4Off.id, f.id);
  put16(buf, off + Ipv4Off.fragOff, f.fragOff);
  put8(buf, off + Ipv4Off.ttl, f.ttl);
  put8(buf, off + Ipv4Off.protocol, f.protocol);
  put16(buf, off + Ipv4Off.check, 0);
  put32(buf, off + Ipv4Off.saddr, f.saddr);
  put32(buf, off + Ipv4Off.daddr, f.daddr);
  if (f.options !== undefined) {
    buf.fill(0, off + IPV4_MIN_HLEN, off + hlen);
    buf.set(f.options, off + IPV4_MIN_HLEN);
  }
  put16(buf, off + Ipv4Off.check, checksum(buf, off, hlen));
}
