/** IPv4 packets as records: what properties send, and what they see arrive. */
import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { get16, put16 } from '@labwire/core/bytes';
import {
  checksum,
  echoRest,
  ICMP_DEST_UNREACH,
  ICMP_ECHO,
  ICMP_HLEN,
  ICMP_PARAMETERPROB,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  IP_DF,
  IP_MF,
  IP_OFFSET,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_MIN_HLEN,
  ipv4Length,
  pseudoSum4,
  TCP_MIN_HLEN,
  TcpOff,
  UDP_HLEN,
  UdpOff,
  writeIcmp,
  writeIpv4,
  writeTcp,
  writeUdp,
} from '@labwire/core/wire';

/** A transport that has ends: ICMP's are the identifiers of its queries. */
export type Proto = 'udp' | 'tcp' | 'icmp';

/** One end of a flow. */
export interface End {
  readonly addr: Ipv4Addr;
  /** A port, or the identifier of an ICMP query. */
  readonly port: number;
}

/** What a sender may choose of a packet beside its ends. Every field has a default. */
export interface PacketTraits {
  /** Default: `ping`; of TCP: nothing. */
  readonly payload?: Uint8Array;
  /** Default: 64. */
  readonly ttl?: number;
  readonly tos?: number;
  /** Don't fragment. */
  readonly df?: boolean;
  /** The identification; 0 lets the sender's kernel choose. Default: 1. */
  readonly id?: number;
  /** IP options, a multiple of four bytes. */
  readonly options?: Uint8Array;
  /** TCPHDR_* bits. Default: SYN. */
  readonly flags?: number;
  readonly seq?: number;
  readonly ack?: number;
  /** Type and code of an ICMP query. Default: echo request. */
  readonly icmpType?: number;
  readonly icmpCode?: number;
  /** Has the transport's checksum be wrong. */
  readonly badSum?: boolean;
}

/** A whole packet to send. */
export interface Packet extends PacketTraits {
  readonly proto: Proto;
  readonly src: End;
  readonly dst: End;
}

/** Protocol numbers by name. */
export const PROTO: Readonly<Record<Proto, number>> = {
  udp: IPPROTO_UDP,
  tcp: IPPROTO_TCP,
  icmp: IPPROTO_ICMP,
};

const PING = Uint8Array.from([0x70, 0x69, 0x6e, 0x67]);
const NOTHING = new Uint8Array(0);
const SYN = 0x02;
const WINDOW = 64_240;

function headerLength(proto: Proto): number {
  return proto === 'udp' ? UDP_HLEN : proto === 'tcp' ? TCP_MIN_HLEN : ICMP_HLEN;
}

/** The bytes of a packet, checksums included. */
export function packetBytes(p: Packet): Uint8Array {
  const payload = p.payload ?? (p.proto === 'tcp' ? NOTHING : PING);
  const ihl = ipv4Length(p.options);
  const buf = new Uint8Array(ihl + headerLength(p.proto) + payload.length);
  buf.set(payload, buf.length - payload.length);
  writeTransport(buf, ihl, p);
  writeHeader(buf, p, PROTO[p.proto]);
  return buf;
}

function writeHeader(
  buf: Uint8Array,
  p: PacketTraits & Pick<Packet, 'src' | 'dst'>,
  protocol: number,
): void {
  writeIpv4(buf, 0, {
    tos: p.tos ?? 0,
    totLen: buf.length,
    id: p.id ?? 1,
    fragOff: p.df === true ? IP_DF : 0,
    ttl: p.ttl ?? 64,
    protocol,
    saddr: p.src.addr,
    daddr: p.dst.addr,
    options: p.options,
  });
}

function writeTransport(buf: Uint8Array, at: number, p: Packet): void {
  const len = buf.length - at;
  const spoil = p.badSum === true ? 0x5555 : 0;
  const pseudo = pseudoSum4(p.src.addr, p.dst.addr, PROTO[p.proto], len);
  if (p.proto === 'icmp') {
    const type = p.icmpType ?? ICMP_ECHO;
    writeIcmp(buf, at, { type, code: p.icmpCode ?? 0, rest: echoRest(p.src.port, 1) }, buf.length);
    put16(buf, at + 2, get16(buf, at + 2) ^ spoil);
  } else if (p.proto === 'udp') {
    writeUdp(buf, at, { sport: p.src.port, dport: p.dst.port, len, check: 0 });
    put16(buf, at + UdpOff.check, (checksum(buf, at, len, pseudo) || 0xffff) ^ spoil);
  } else {
    writeTcp(buf, at, {
      sport: p.src.port,
      dport: p.dst.port,
      seq: p.seq ?? 1000,
      ack: p.ack ?? 0,
      hlen: TCP_MIN_HLEN,
      flags: p.flags ?? SYN,
      window: WINDOW,
      check: 0,
      urgPtr: 0,
    });
    put16(buf, at + TcpOff.check, checksum(buf, at, len, pseudo) ^ spoil);
  }
}

/** An ICMP error to send. */
export interface IcmpErrorTraits {
  readonly type: number;
  readonly code: number;
  /** The lower half of the second word: the next hop's MTU. */
  readonly mtu?: number;
  readonly badSum?: boolean;
  /** Has the quoted IP header's checksum be wrong. */
  readonly badQuotedSum?: boolean;
  /** Has the quoted transport checksum be wrong, as far as it is quoted. */
  readonly badQuotedTransportSum?: boolean;
  /** Quoted bytes behind the quoted IP header. Default: 8. */
  readonly quoted?: number;
}

/** The bytes of an ICMP error about a packet. */
export function icmpErrorBytes(
  from: Ipv4Addr,
  to: Ipv4Addr,
  about: Uint8Array,
  e: IcmpErrorTraits,
): Uint8Array {
  const ihl = ((about[0] as number) & 15) * 4;
  const quote = about.slice(0, ihl + (e.quoted ?? 8));
  if (e.badQuotedSum === true) quote[10] = (quote[10] as number) ^ 0x55;
  if (e.badQuotedTransportSum === true) quote[ihl + 6] = (quote[ihl + 6] as number) ^ 0x55;
  const buf = new Uint8Array(IPV4_MIN_HLEN + ICMP_HLEN + quote.length);
  buf.set(quote, IPV4_MIN_HLEN + ICMP_HLEN);
  const at = IPV4_MIN_HLEN;
  writeIcmp(buf, at, { type: e.type, code: e.code, rest: e.mtu ?? 0 }, buf.length);
  if (e.badSum === true) buf[at + 2] = (buf[at + 2] as number) ^ 0x55;
  writeHeader(buf, { src: { addr: from, port: 0 }, dst: { addr: to, port: 0 } }, IPPROTO_ICMP);
  return buf;
}

/** Cuts a packet without DF into fragments of at most `size` bytes of payload each, a multiple of eight. */
export function fragmentsOf(packet: Uint8Array, size: number): Uint8Array[] {
  const ihl = ((packet[0] as number) & 15) * 4;
  const cuts: Uint8Array[] = [];
  for (let at = ihl; at < packet.length; at += size) {
    const end = Math.min(at + size, packet.length);
    const piece = new Uint8Array(ihl + end - at);
    piece.set(packet.subarray(0, ihl));
    piece.set(packet.subarray(at, end), ihl);
    put16(piece, 2, piece.length);
    put16(piece, 6, (end < packet.length ? IP_MF : 0) | ((at - ihl) >> 3));
    put16(piece, 10, 0);
    put16(piece, 10, checksum(piece, 0, ihl));
    cuts.push(piece);
  }
  return cuts;
}

const ERRORS: readonly number[] = [
  ICMP_DEST_UNREACH,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  ICMP_PARAMETERPROB,
];

/** A packet that was seen: its bytes, and what is read out of them. */
export class Seen {
  readonly bytes: Uint8Array;
  readonly proto: Proto | undefined;
  readonly src: End;
  readonly dst: End;
  readonly #at: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    const at = (this.#byte(0) % 16) * 4;
    this.#at = at;
    const protocol = this.#byte(9);
    this.proto = (Object.keys(PROTO) as Proto[]).find((p) => PROTO[p] === protocol);
    const first = this.isLaterFragment ? 0 : this.#word(at);
    const second = this.isLaterFragment ? 0 : this.#word(at + 2);
    const isQuery = this.proto === 'icmp' && !ERRORS.includes(this.icmpType);
    const id = this.proto === 'icmp' ? (isQuery ? this.#word(at + 4) : 0) : undefined;
    this.src = { addr: (this.#long(12) | 0) as Ipv4Addr, port: id ?? first };
    this.dst = { addr: (this.#long(16) | 0) as Ipv4Addr, port: id ?? second };
  }

  #byte(at: number): number {
    return this.bytes[at] ?? 0;
  }

  #word(at: number): number {
    return this.#byte(at) * 256 + this.#byte(at + 1);
  }

  #long(at: number): number {
    return this.#word(at) * 0x1_0000 + this.#word(at + 2);
  }

  get tos(): number {
    return this.#byte(1);
  }
  get id(): number {
    return this.#word(4);
  }
  get ttl(): number {
    return this.#byte(8);
  }
  get df(): boolean {
    return (this.#word(6) & IP_DF) !== 0;
  }
  /** Whether it is a piece of a packet. */
  get isFragment(): boolean {
    return (this.#word(6) & (IP_MF | IP_OFFSET)) !== 0;
  }
  /** Whether it is one without the transport's header. */
  get isLaterFragment(): boolean {
    return (this.#word(6) & IP_OFFSET) !== 0;
  }
  get icmpType(): number {
    return this.#byte(this.#at);
  }
  get icmpCode(): number {
    return this.#byte(this.#at + 1);
  }
  get flags(): number {
    return this.#byte(this.#at + TcpOff.flags);
  }
  get seq(): number {
    return this.#long(this.#at + 4);
  }
  get ack(): number {
    return this.#long(this.#at + 8);
  }
  /** IP options. */
  get options(): Uint8Array {
    return this.bytes.slice(IPV4_MIN_HLEN, this.#at);
  }
  /** What the transport carries. */
  get payload(): Uint8Array {
    const hlen =
      this.proto === 'tcp'
        ? (this.#byte(this.#at + 12) >> 4) * 4
        : headerLength(this.proto ?? 'udp');
    return this.bytes.slice(this.#at + hlen);
  }
  /** Whether it is an ICMP error. */
  get isError(): boolean {
    return this.proto === 'icmp' && !this.isLaterFragment && ERRORS.includes(this.icmpType);
  }
  /** What an ICMP error quotes. */
  get quote(): Seen {
    return new Seen(this.bytes.slice(this.#at + ICMP_HLEN));
  }
  /** Whether the checksum of the IP header is right. */
  get headerSumOk(): boolean {
    return checksum(this.bytes, 0, this.#at) === 0;
  }
  /** Whether the checksums of IP and of the transport are right; that of a fragment's transport can't be told. */
  get sumsOk(): boolean {
    if (!this.headerSumOk) return false;
    if (this.isFragment || this.proto === undefined) return true;
    const len = this.bytes.length - this.#at;
    const pseudo =
      this.proto === 'icmp' ? 0 : pseudoSum4(this.src.addr, this.dst.addr, PROTO[this.proto], len);
    if (this.proto === 'udp' && this.#word(this.#at + UdpOff.check) === 0) return true;
    return checksum(this.bytes, this.#at, len, pseudo) === 0;
  }

  /** As tcpdump begins its line: `203.0.113.10.4000 > 203.0.113.8.9000`. */
  get ends(): string {
    const port = (e: End): string =>
      this.proto === 'icmp' || this.proto === undefined || this.isLaterFragment ? '' : `.${e.port}`;
    const { src, dst } = this;
    return `${formatIpv4(src.addr)}${port(src)} > ${formatIpv4(dst.addr)}${port(dst)}`;
  }

  /** In a few words, for people. */
  toString(): string {
    const what = this.isError
      ? `ICMP error ${this.icmpType}/${this.icmpCode} about ${this.quote.ends}`
      : this.proto === 'icmp'
        ? `ICMP ${this.icmpType} id ${this.src.port}`
        : (this.proto ?? 'IP').toUpperCase();
    return `${this.ends}: ${what}, ttl ${this.ttl}, ${this.bytes.length} bytes`;
  }
}
