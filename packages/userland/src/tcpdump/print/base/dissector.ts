import { formatIpv4, formatIpv6, getIpv6, type Ipv4Addr } from '@labwire/core/addr';
import { get16, get32, getU32 } from '@labwire/core/bytes';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { bytesAndText, bytesOnly } from './hex.ts';
import { OUIS } from './protocols.ts';

/** How packets are printed: the flags of the command line. */
export interface PrintOptions {
  readonly verbose: number;
  readonly quiet: boolean;
  readonly ether: boolean;
  /** Shows hosts and ports as numbers. */
  readonly numeric: boolean;
  readonly absoluteSeq: boolean;
  /** Does not check checksums. -K */
  readonly noChecksums: boolean;
  /** Whether bytes of unknown protocols are left out, since they are dumped anyway. */
  readonly dumped: boolean;
  /** What datagrams and segments hold, whatever their ports. -T */
  readonly packetType: string | undefined;
  /** The names that are known. */
  readonly hostName: (addr: InetAddr) => string | undefined;
  readonly portName: (port: number, proto: 'tcp' | 'udp') => string | undefined;
  readonly protocolName: (proto: number) => string | undefined;
}

/** The network header above a transport message. */
export interface IpContext {
  readonly version: 4 | 6;
  /** Where the header is. */
  readonly off: number;
  readonly fragmented: boolean;
  /** Time to live, or hop limit. */
  readonly ttl: number;
}

/** Printers that lead to each other: a frame may be within a datagram, a packet within an error. */
export interface Layers {
  /** @returns the length of the header */
  readonly ether: (d: Dissector, off: number, length: number) => number;
  /** @returns whether there is a printer for the type; `macs` is where an Ethernet header is, if there is one */
  readonly etherType: (
    d: Dissector,
    type: number,
    off: number,
    length: number,
    macs?: number,
  ) => boolean;
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

  /** Says that the packet ends too early. nd_print_trunc() */
  trunc(): void {
    this.text += ` [|${this.protocol}]`;
  }

  /** nd_print_invalid() */
  invalid(): void {
    this.text += ' (invalid)';
  }

  /** Whether `n` bytes at `off` were captured. */
  has(off: number, n: number): boolean {
    return off >= 0 && off + n <= this.end;
  }

  /** Bytes that were captured from `off` on. */
  left(off: number): number {
    return Math.max(0, this.end - off);
  }

  /** @throws Truncated */
  need(off: number, n: number): void {
    if (!this.has(off, n)) throw new Truncated();
  }

  u8(off: number): number {
    this.need(off, 1);
    return this.buf[off] as number;
  }

  s8(off: number): number {
    return (this.u8(off) << 24) >> 24;
  }

  u16(off: number): number {
    this.need(off, 2);
    return get16(this.buf, off);
  }

  u24(off: number): number {
    this.need(off, 3);
    return (get16(this.buf, off) << 8) | (this.buf[off + 2] as number);
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

  /** An IPv4 address as a number. intoa() */
  ip4Number(off: number): string {
    this.need(off, 4);
    return formatIpv4(get32(this.buf, off) as Ipv4Addr);
  }

  /** An IPv6 address, by name if that is wanted and known. */
  ip6(off: number): string {
    this.need(off, 16);
    const addr = getIpv6(this.buf, off);
    return (this.o.numeric ? undefined : this.o.hostName(addr)) ?? formatIpv6(addr);
  }

  /** An IPv6 address as a number. addrtostr6() */
  ip6Number(off: number): string {
    this.need(off, 16);
    return formatIpv6(getIpv6(this.buf, off));
  }

  /** An Ethernet address, with its vendor unless addresses are to be numbers. etheraddr_string() */
  mac(off: number): string {
    this.need(off, 6);
    const text = this.lladdr(off, 6);
    if (this.o.numeric) return text;
    if (text === 'ff:ff:ff:ff:ff:ff') return 'Broadcast';
    return `${text} (oui ${OUIS[this.u24(off)] ?? 'Unknown'})`;
  }

  /** Bytes of a link-layer address. */
  lladdr(off: number, n: number): string {
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
    for (const byte of this.buf.subarray(off, off + n)) out += shownChar(byte);
    return out;
  }

  /** Prints as much of a text as was captured. nd_printn() @returns whether it was all */
  printn(off: number, n: number): boolean {
    const there = Math.min(n, this.left(off));
    this.text += this.chars(off, there);
    return there === n;
  }

  /** Prints a text up to its zero. nd_printztn() @returns bytes of it with the zero; 0 if there is none */
  printz(off: number, n: number): number {
    for (let i = 0; ; i++) {
      if (i === n || !this.has(off + i, 1)) return 0;
      const byte = this.u8(off + i);
      if (byte === 0) return i + 1;
      this.text += shownChar(byte);
    }
  }

  /** Prints a text that may be filled up with zeros. nd_printjnp() */
  printPadded(off: number, n: number): void {
    for (let i = 0; i < n; i++) {
      const byte = this.u8(off + i);
      if (byte === 0) return;
      this.text += shownChar(byte);
    }
  }

  /** Bytes that nobody can take apart, as many as were captured, each row behind `lead`. print_unknown_data() */
  unknown(off: number, lead: string, length: number): void {
    if (off > this.end) {
      this.print(
        `${lead}Dissector error: print_unknown_data called with pointer past end of packet`,
      );
      return;
    }
    this.text += bytesOnly(this.buf.subarray(off, off + Math.min(length, this.left(off))), lead);
  }

  /** Bytes of an unknown protocol, with their text. ND_DEFAULTPRINT @throws Truncated */
  rest(off: number, length: number): void {
    const there = Math.min(length, this.left(off));
    this.text += bytesAndText(this.buf.subarray(off, off + there), '\n\t');
    if (there < length) throw new Truncated();
  }

  /** The same where bytes are not dumped anyway. */
  restUnlessDumped(off: number, length: number): void {
    if (!this.o.dumped) this.rest(off, length);
  }
}

/** fn_print_char() */
export function shownChar(byte: number): string {
  const high = byte >= 0x80 ? 'M-' : '';
  const c = byte & 0x7f;
  const low = c < 0x20 || c === 0x7f ? `^${String.fromCharCode(c ^ 0x40)}` : String.fromCharCode(c);
  return high + low;
}

/** Bytes in hexadecimal. */
export function hexPairs(bytes: Uint8Array, separator: string): string {
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(separator);
}
