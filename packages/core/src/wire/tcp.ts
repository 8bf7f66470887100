import { get8, get16, getU32, put8, put16, put32 } from '../bytes/index.ts';
import type { DropReason } from '../skb/index.ts';

/*
 * RFC 9293 section 3.1:
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |          Source Port          |       Destination Port        |
 *   |                        Sequence Number                        |
 *   |                    Acknowledgment Number                      |
 *   |  Data |       |C|E|U|A|P|R|S|F|                               |
 *   | Offset| Rsrvd |W|C|R|C|S|S|Y|I|            Window             |
 *   |       |       |R|E|G|K|H|T|N|N|                               |
 *   |           Checksum            |         Urgent Pointer        |
 *   |                           [Options]                           |
 */

/** Offsets of the fields of a TCP header. */
export const TcpOff = {
  sport: 0,
  dport: 2,
  seq: 4,
  ack: 8,
  dataOffset: 12,
  flags: 13,
  window: 14,
  check: 16,
  urgPtr: 18,
  options: 20,
} as const;
/** Bytes of a TCP header without options. */
export const TCP_MIN_HLEN = 20;
/** Bytes of the longest TCP header. */
export const TCP_MAX_HLEN = 60;

/** Flags. Linux include/net/tcp.h. */
export const TCPHDR_FIN = 0x01;
export const TCPHDR_SYN = 0x02;
export const TCPHDR_RST = 0x04;
export const TCPHDR_PSH = 0x08;
export const TCPHDR_ACK = 0x10;
export const TCPHDR_URG = 0x20;
export const TCPHDR_ECE = 0x40;
export const TCPHDR_CWR = 0x80;

/** Rejects what lies about the length of its header. Linux net/ipv4/tcp_ipv4.c, tcp_v4_rcv(). */
export function checkTcp(buf: Uint8Array, off: number, end: number): DropReason | undefined {
  if (end - off < TCP_MIN_HLEN) return 'pkt_too_small';
  const hlen = (get8(buf, off + TcpOff.dataOffset) >>> 4) * 4;
  return hlen < TCP_MIN_HLEN || hlen > end - off ? 'pkt_too_small' : undefined;
}

/** Zero-copy view, valid after {@link checkTcp}. */
export class TcpHeader {
  readonly #buf: Uint8Array;
  readonly #off: number;

  constructor(buf: Uint8Array, off: number) {
    this.#buf = buf;
    this.#off = off;
  }

  get sport(): number {
    return get16(this.#buf, this.#off + TcpOff.sport);
  }
  get dport(): number {
    return get16(this.#buf, this.#off + TcpOff.dport);
  }
  /** Sequence number, unsigned. */
  get seq(): number {
    return getU32(this.#buf, this.#off + TcpOff.seq);
  }
  /** Acknowledgment number, unsigned; means nothing without {@link TCPHDR_ACK}. */
  get ack(): number {
    return getU32(this.#buf, this.#off + TcpOff.ack);
  }
  /** Bytes of the header, options included. */
  get hlen(): number {
    return (get8(this.#buf, this.#off + TcpOff.dataOffset) >>> 4) * 4;
  }
  /** An or of TCPHDR_*. */
  get flags(): number {
    return get8(this.#buf, this.#off + TcpOff.flags);
  }
  /** Unscaled. */
  get window(): number {
    return get16(this.#buf, this.#off + TcpOff.window);
  }
  get check(): number {
    return get16(this.#buf, this.#off + TcpOff.check);
  }
  get urgPtr(): number {
    return get16(this.#buf, this.#off + TcpOff.urgPtr);
  }
}

/** A TCP header without its options as a record. */
export interface TcpFields {
  readonly sport: number;
  readonly dport: number;
  readonly seq: number;
  readonly ack: number;
  /** Bytes of the header with its options: a multiple of four. */
  readonly hlen: number;
  /** An or of TCPHDR_*. */
  readonly flags: number;
  readonly window: number;
  readonly check: number;
  readonly urgPtr: number;
}

/** Reads a checked header. */
export function readTcp(buf: Uint8Array, off: number): TcpFields {
  const { sport, dport, seq, ack, hlen, flags, window, check, urgPtr } = new TcpHeader(buf, off);
  return { sport, dport, seq, ack, hlen, flags, window, check, urgPtr };
}

/** Writes the first {@link TCP_MIN_HLEN} bytes, the checksum as given; options are `writeTcpOptions`. */
export function writeTcp(buf: Uint8Array, off: number, f: TcpFields): void {
  put16(buf, off + TcpOff.sport, f.sport);
  put16(buf, off + TcpOff.dport, f.dport);
  put32(buf, off + TcpOff.seq, f.seq);
  put32(buf, off + TcpOff.ack, f.ack);
  put8(buf, off + TcpOff.dataOffset, (f.hlen >>> 2) << 4);
  put8(buf, off + TcpOff.flags, f.flags);
  put16(buf, off + TcpOff.window, f.window);
  put16(buf, off + TcpOff.check, f.check);
  put16(buf, off + TcpOff.urgPtr, f.urgPtr);
}
