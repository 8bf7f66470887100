import type { Ipv4Addr, MacAddr } from '../addr/index.ts';
import { get8, get16, get32, get48, put8, put16, put32, put48 } from '../bytes/index.ts';
import type { DropReason } from '../skb/index.ts';
import { ETH_P_IP } from './constants.ts';

/*
 * RFC 826 for Ethernet and IPv4:
 *
 *   0       2       4   5   6       8             14        18            24        28
 *   +-------+-------+---+---+-------+--------------+---------+--------------+---------+
 *   | htype | ptype |hln|pln|  op   |     sha      |   spa   |     tha      |   tpa   |
 *   +-------+-------+---+---+-------+--------------+---------+--------------+---------+
 */

/** Offsets of the fields of an ARP packet. */
export const ArpOff = {
  htype: 0,
  ptype: 2,
  hlen: 4,
  plen: 5,
  op: 6,
  sha: 8,
  spa: 14,
  tha: 18,
  tpa: 24,
} as const;
/** Bytes of an ARP packet for Ethernet and IPv4. */
export const ARP_LEN = 28;
/** Hardware type of Ethernet. Linux include/uapi/linux/if_arp.h. */
export const ARPHRD_ETHER = 1;
export const ARPOP_REQUEST = 1;
export const ARPOP_REPLY = 2;

/** Rejects what is not ARP for IPv4 over Ethernet. Linux net/ipv4/arp.c, arp_rcv() and arp_process(). */
export function checkArp(buf: Uint8Array, off: number, end: number): DropReason | undefined {
  if (end - off < ARP_LEN) return 'hdr_trunc';
  const fits =
    get16(buf, off + ArpOff.htype) === ARPHRD_ETHER &&
    get16(buf, off + ArpOff.ptype) === ETH_P_IP &&
    get8(buf, off + ArpOff.hlen) === 6 &&
    get8(buf, off + ArpOff.plen) === 4;
  return fits ? undefined : 'not_specified';
}

/** Zero-copy view, valid after {@link checkArp}. */
export class ArpHeader {
  readonly #buf: Uint8Array;
  readonly #off: number;

  constructor(buf: Uint8Array, off: number) {
    this.#buf = buf;
    this.#off = off;
  }

  get op(): number {
    return get16(this.#buf, this.#off + ArpOff.op);
  }
  /** Sender hardware address. */
  get sha(): MacAddr {
    return get48(this.#buf, this.#off + ArpOff.sha) as MacAddr;
  }
  /** Sender protocol address. */
  get spa(): Ipv4Addr {
    return get32(this.#buf, this.#off + ArpOff.spa) as Ipv4Addr;
  }
  /** Target hardware address. */
  get tha(): MacAddr {
    return get48(this.#buf, this.#off + ArpOff.tha) as MacAddr;
  }
  /** Target protocol address. */
  get tpa(): Ipv4Addr {
    return get32(this.#buf, this.#off + ArpOff.tpa) as Ipv4Addr;
  }
}

/** An ARP packet for IPv4 over Ethernet as a record. */
export interface ArpFields {
  readonly op: number;
  readonly sha: MacAddr;
  readonly spa: Ipv4Addr;
  readonly tha: MacAddr;
  readonly tpa: Ipv4Addr;
}

/** Reads a checked packet. */
export function readArp(buf: Uint8Array, off: number): ArpFields {
  const { op, sha, spa, tha, tpa } = new ArpHeader(buf, off);
  return { op, sha, spa, tha, tpa };
}

/** Writes a packet: {@link ARP_LEN} bytes. */
export function writeArp(buf: Uint8Array, off: number, f: ArpFields): void {
  put16(buf, off + ArpOff.htype, ARPHRD_ETHER);
  put16(buf, off + ArpOff.ptype, ETH_P_IP);
  put8(buf, off + ArpOff.hlen, 6);
  put8(buf, off + ArpOff.plen, 4);
  put16(buf, off + ArpOff.op, f.op);
  put48(buf, off + ArpOff.sha, f.sha);
  put32(buf, off + ArpOff.spa, f.spa);
  put48(buf, off + ArpOff.tha, f.tha);
  put32(buf, off + ArpOff.tpa, f.tpa);
}
