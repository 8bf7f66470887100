import { formatIpv4, formatIpv6, getIpv6, type Ipv4Addr } from '@labwire/core/addr';
import { get16, get32, getU32 } from '@labwire/core/bytes';
import type { InetAddr } from '@labwire/devices/rtnetlink';

/** How packets are printed: the flags of the command line. */
export interface PrintOptions {
  readonly verbose: number;
  readonly quiet: boolean;
  readonly ether: boolean;
  /** 0: names of hosts and ports; 1: numbers. */
  readonly numeric: boolean;
  readonly absoluteSeq: boolean;
  /** Does not check checksums. -K */
  readonly noChecksums: boolean;
  /** The names that are known. */
  readonly hostName: (addr: InetAddr) => string | undefined;
  readonly portName: (port: number, proto: 'tcp' | 'udp') => string | undefined;
}

/** The network header above a transport message. */
export interface IpContext {
  readonly version: 4 | 6;
  /** Where the header is. */
  readonly off: number;
  readonly fragmented: boolean;
}

/** Printers that lead to each other: a frame may be within a datagram, a packet within an error. */
export interface Layers {
  readonly ether: (d: Dissector, off: number, length: number) => void;
  readonly ip4: (d: Dissector, off: number, length: number) => void;
  readonly ip6: (d: Dissector, off: number, length: number) => void;
  readonly transport: (
    d: Dissector,
    proto: number,
    off: number,
    length: number,
    ip: IpContext,
  ) => void;
}

/** Thrown where a packet ends before what is to be printed. nd_trunc_longjmp() */
export class Truncated extends Error {}

/** What is remembered of a TCP connection: the sequence numbers that the others are shown relative to. */
export interface SeqBase {
  seq: number;
  ack: number;
}

/** A packet on its way into text: bytes that were captured, and what has been printed of them. tcpdump netdissect.h */
export class Dissector {
  readonly buf: Uint8Array;
  /** Where the captured bytes, or those of the innermost datagram, end. */
  end: number;
  readonly o: PrintOptions;
  /** Connections seen so far. */
  readonly seqs: Map<string, SeqBase>;
  text = '';
  /** Named when a packet ends too early. */
  protocol = '';

  readonly layers: Layers;

  constructor(buf: Uint8Array, options: PrintOptions, seqs: Map<string, SeqBase>, layers: Layers) {
    this.layers = layers;
    this.buf = buf;
    this.end = buf.length;
    this.o = options;
    this.seqs = seqs;
  }

  print(text: string): void {
    this.text += text;
  }

  /** Whether `n` bytes at `off` were captured. */
  has(off: number, n: number): boolean {
    return off >= 0 && off + n <= this.end;
  }

  need(off: number, n: number): void {
    if (!this.has(off, n)) throw new Truncated();
  }

  u8(off: number): number {
    this.need(off, 1);
    return this.buf[off] as number;
  }

  u16(off: number): number {
    this.need(off, 2);
    return get16(this.buf, off);
  }

  u32(off: number): number {
    this.need(off, 4);
    return getU32(this.buf, off);
  }

  /** An IPv4 address, by name if that is wanted and known. */
  ip4(off: number): string {
    this.need(off, 4);
    const addr = get32(this.buf, off) as Ipv4Addr;
    return (this.o.numeric ? undefined : this.o.hostName(addr)) ?? formatIpv4(addr);
  }

  /** An IPv6 address, by name if that is wanted and known. */
  ip6(off: number): string {
    this.need(off, 16);
    const addr = getIpv6(this.buf, off);
    return (this.o.numeric ? undefined : this.o.hostName(addr)) ?? formatIpv6(addr);
  }

  mac(off: number, n = 6): string {
    this.need(off, n);
    return hexPairs(this.buf.subarray(off, off + n), ':');
  }

  port(port: number, proto: 'tcp' | 'udp'): string {
    return (this.o.numeric ? undefined : this.o.portName(port, proto)) ?? String(port);
  }

  /** Cuts off what lies behind a datagram: padding. nd_push_snaplen() @returns where the end was */
  limit(end: number): number {
    const was = this.end;
    if (end < this.end) this.end = end;
    return was;
  }

  hex(off: number, n: number): string {
    this.need(off, n);
    return hexPairs(this.buf.subarray(off, off + n), '');
  }

  /** Bytes as text, as fn_print_char() shows them: control characters as ^X, others above 127 as M-X. */
  chars(off: number, n: number): string {
    this.need(off, n);
    let out = '';
    for (const byte of this.buf.subarray(off, off + n)) {
      let c = byte;
      if (c >= 0x80) {
        out += 'M-';
        c &= 0x7f;
      }
      out += c < 0x20 || c === 0x7f ? `^${String.fromCharCode(c ^ 0x40)}` : String.fromCharCode(c);
    }
    return out;
  }
}

/** Bytes in hexadecimal. */
export function hexPairs(bytes: Uint8Array, separator: string): string {
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(separator);
}

/** The names of the bits that are set; `none` for none. bittok2str() */
export function bitNames(
  table: readonly (readonly [bit: number, name: string])[],
  value: number,
  separator: string,
  none = 'none',
): string {
  const names = table.filter(([bit]) => (value & bit) === bit).map(([, name]) => name);
  return names.length === 0 ? none : names.join(separator);
}

/** The Internet checksum over a range, added to a pseudo-header's sum; 0 if it is right. */
export function internetSum(buf: Uint8Array, off: number, n: number, initial = 0): number {
  let sum = initial;
  for (let i = 0; i + 1 < n; i += 2) sum += get16(buf, off + i);
  if ((n & 1) === 1) sum += (buf[off + n - 1] as number) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** What a checksum field should hold, from what it holds and the sum over everything. in_cksum_shouldbe() */
export function shouldBe(field: number, sum: number): number {
  let shift = field + sum;
  shift = (shift & 0xffff) + (shift >> 16);
  return (shift + (shift >> 16)) & 0xffff;
}
