import type { Ipv4Addr } from '@labwire/core/addr';
import { get8, get16, get32, getU32, put8, put16, put32 } from '@labwire/core/bytes';

/*
 * RFC 2131 section 2:
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |     op (1)    |   htype (1)   |   hlen (1)    |   hops (1)    |
 *   |                            xid (4)                            |
 *   |           secs (2)            |           flags (2)           |
 *   |                          ciaddr  (4)                          |
 *   |                          yiaddr  (4)                          |
 *   |                          siaddr  (4)                          |
 *   |                          giaddr  (4)                          |
 *   |                          chaddr  (16)                         |
 *   |                          sname   (64)                         |
 *   |                          file    (128)                        |
 *   |              magic cookie (4), options (variable)             |
 */

/** Offsets of the fields of a message. */
export const DhcpOff = {
  op: 0,
  htype: 1,
  hlen: 2,
  hops: 3,
  xid: 4,
  secs: 8,
  flags: 10,
  ciaddr: 12,
  yiaddr: 16,
  siaddr: 20,
  giaddr: 24,
  chaddr: 28,
  sname: 44,
  file: 108,
  cookie: 236,
  options: 240,
} as const;

/** Bytes of the fields before the cookie. */
export const DHCP_FIXED_LEN = 236;
/** Bytes of the hardware address field. */
export const DHCP_CHADDR_MAX = 16;
/** Bytes of `sname` and `file`. */
export const DHCP_SNAME_LEN = 64;
export const DHCP_FILE_LEN = 128;
/** Bytes that a message is filled up to: those of a BOOTP message. RFC 1542 section 2.1. */
export const BOOTP_MIN_LEN = 300;
/** What stands before the options. RFC 2131 section 3. */
export const DHCP_COOKIE = 0x6382_5363;
/** `flags`: the client cannot take unicast yet. */
export const BOOTP_BROADCAST = 0x8000;

/** A message in its bytes, to be read and written in place; at least {@link DHCP_FIXED_LEN} of them. */
export class DhcpMessage {
  readonly buf: Uint8Array;

  constructor(buf: Uint8Array) {
    this.buf = buf;
  }

  get op(): number {
    return get8(this.buf, DhcpOff.op);
  }
  set op(v: number) {
    put8(this.buf, DhcpOff.op, v);
  }
  /** Hardware type; 1 is Ethernet. */
  get htype(): number {
    return get8(this.buf, DhcpOff.htype);
  }
  set htype(v: number) {
    put8(this.buf, DhcpOff.htype, v);
  }
  /** Bytes of the hardware address; a message may lie: at most {@link DHCP_CHADDR_MAX} are there. */
  get hlen(): number {
    return get8(this.buf, DhcpOff.hlen);
  }
  set hlen(v: number) {
    put8(this.buf, DhcpOff.hlen, v);
  }
  get hops(): number {
    return get8(this.buf, DhcpOff.hops);
  }
  set hops(v: number) {
    put8(this.buf, DhcpOff.hops, v);
  }
  /** Unsigned. */
  get xid(): number {
    return getU32(this.buf, DhcpOff.xid);
  }
  set xid(v: number) {
    put32(this.buf, DhcpOff.xid, v);
  }
  get secs(): number {
    return get16(this.buf, DhcpOff.secs);
  }
  set secs(v: number) {
    put16(this.buf, DhcpOff.secs, v);
  }
  get flags(): number {
    return get16(this.buf, DhcpOff.flags);
  }
  set flags(v: number) {
    put16(this.buf, DhcpOff.flags, v);
  }
  get ciaddr(): Ipv4Addr {
    return get32(this.buf, DhcpOff.ciaddr) as Ipv4Addr;
  }
  set ciaddr(v: Ipv4Addr) {
    put32(this.buf, DhcpOff.ciaddr, v);
  }
  get yiaddr(): Ipv4Addr {
    return get32(this.buf, DhcpOff.yiaddr) as Ipv4Addr;
  }
  set yiaddr(v: Ipv4Addr) {
    put32(this.buf, DhcpOff.yiaddr, v);
  }
  get siaddr(): Ipv4Addr {
    return get32(this.buf, DhcpOff.siaddr) as Ipv4Addr;
  }
  set siaddr(v: Ipv4Addr) {
    put32(this.buf, DhcpOff.siaddr, v);
  }
  get giaddr(): Ipv4Addr {
    return get32(this.buf, DhcpOff.giaddr) as Ipv4Addr;
  }
  set giaddr(v: Ipv4Addr) {
    put32(this.buf, DhcpOff.giaddr, v);
  }
  /** The hardware address: `hlen` bytes, in place. */
  get chaddr(): Uint8Array {
    const len = Math.min(this.hlen, DHCP_CHADDR_MAX);
    return this.buf.subarray(DhcpOff.chaddr, DhcpOff.chaddr + len);
  }
  /** The server's name, or options: 64 bytes, in place. */
  get sname(): Uint8Array {
    return this.buf.subarray(DhcpOff.sname, DhcpOff.file);
  }
  /** The boot file's name, or options: 128 bytes, in place. */
  get file(): Uint8Array {
    return this.buf.subarray(DhcpOff.file, DhcpOff.cookie);
  }
  /** Whether options follow. */
  get hasCookie(): boolean {
    return this.buf.length >= DhcpOff.options && getU32(this.buf, DhcpOff.cookie) === DHCP_COOKIE;
  }
}

/** The text of a field that ends at its first zero byte, one character a byte. */
export function fieldText(field: Uint8Array): string {
  let text = '';
  for (const byte of field) {
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Fills a field with a text, cut to leave a zero byte at its end. */
export function setFieldText(field: Uint8Array, text: string): void {
  field.fill(0);
  for (let i = 0; i < text.length && i < field.length - 1; i++) field[i] = text.charCodeAt(i);
}
