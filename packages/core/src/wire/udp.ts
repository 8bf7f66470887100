import { get16, put16 } from '../bytes/index.ts';
import type { DropReason } from '../skb/index.ts';

/*
 * RFC 768:
 *
 *    0      7 8     15 16    23 24    31
 *   |   Source Port   |Destination Port |
 *   |     Length      |    Checksum     |
 */

/** Offsets of the fields of a UDP header. */
export const UdpOff = { sport: 0, dport: 2, len: 4, check: 6 } as const;
/** Bytes of a UDP header. */
export const UDP_HLEN = 8;

/** Rejects what lies about its length. Linux net/ipv4/udp.c, __udp4_lib_rcv(). */
export function checkUdp(buf: Uint8Array, off: number, end: number): DropReason | undefined {
  if (end - off < UDP_HLEN) return 'pkt_too_small';
  const len = get16(buf, off + UdpOff.len);
  return len < UDP_HLEN || len > end - off ? 'pkt_too_small' : undefined;
}

/** Zero-copy view, valid after {@link checkUdp}. */
export class UdpHeader {
  readonly #buf: Uint8Array;
  readonly #off: number;

  constructor(buf: Uint8Array, off: number) {
    this.#buf = buf;
    this.#off = off;
  }

  get sport(): number {
    return get16(this.#buf, this.#off + UdpOff.sport);
  }
  get dport(): number {
    return get16(this.#buf, this.#off + UdpOff.dport);
  }
  /** Bytes of header and payload. */
  get len(): number {
    return get16(this.#buf, this.#off + UdpOff.len);
  }
  /** 0 if the sender made none, which only IPv4 allows. */
  get check(): number {
    return get16(this.#buf, this.#off + UdpOff.check);
  }
}

/** A UDP header as a record. */
export interface UdpFields {
  readonly sport: number;
  readonly dport: number;
  /** Bytes of header and payload. */
  readonly len: number;
  readonly check: number;
}

/** Bytes of a datagram with a payload of `payload` bytes. */
export function udpLength(payload: number): number {
  return UDP_HLEN + payload;
}

/** Reads a checked header. */
export function readUdp(buf: Uint8Array, off: number): UdpFields {
  const { sport, dport, len, check } = new UdpHeader(buf, off);
  return { sport, dport, len, check };
}

/** Writes a header: {@link UDP_HLEN} bytes, the checksum as given. */
export function writeUdp(buf: Uint8Array, off: number, f: UdpFields): void {
  put16(buf, off + UdpOff.sport, f.sport);
  put16(buf, off + UdpOff.dport, f.dport);
  put16(buf, off + UdpOff.len, f.len);
  put16(buf, off + UdpOff.check, f.check);
}
