import { concat, get16, pseudoSum, put16, put32, sum } from './bytes.ts';

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const ICMPV6 = 58;

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;

export type Bytes = Uint8Array;

export function parseAddr(text: string): Bytes {
  return Uint8Array.from(text.split('.').map(Number));
}

export function parseMac(text: string): Bytes {
  return Uint8Array.from(text.split(':').map((x) => Number.parseInt(x, 16)));
}

export function ethernet(dst: Bytes, src: Bytes, type: number, body: Bytes): Bytes {
  return concat(dst, src, [type >>> 8, type & 0xff], body);
}

export interface Ipv4Spec {
  readonly src: Bytes;
  readonly dst: Bytes;
  readonly protocol: number;
  readonly id: number;
  readonly ttl: number;
  readonly tos?: number;
  /** Flags and offset, as in the header. */
  readonly frag?: number;
  /** Padded to whole words by the caller. */
  readonly options?: Bytes;
}

/** An IPv4 packet. RFC 791 section 3.1 */
export function ipv4(spec: Ipv4Spec, payload: Bytes): Bytes {
  const options = spec.options ?? new Uint8Array(0);
  const hlen = 20 + options.length;
  const b = new Uint8Array(hlen + payload.length);
  b[0] = 0x40 | (hlen / 4);
  b[1] = spec.tos ?? 0;
  put16(b, 2, b.length);
  put16(b, 4, spec.id);
  put16(b, 6, spec.frag ?? 0);
  b[8] = spec.ttl;
  b[9] = spec.protocol;
  b.set(spec.src, 12);
  b.set(spec.dst, 16);
  b.set(options, 20);
  b.set(payload, hlen);
  put16(b, 10, ~sum(b, 0, hlen) & 0xffff);
  return b;
}

/** Sets the checksum of an IPv4 header right. */
export function mendIpv4(b: Bytes): void {
  const hlen = ((b[0] as number) & 15) * 4;
  put16(b, 10, 0);
  put16(b, 10, ~sum(b, 0, hlen) & 0xffff);
}

/** Where the checksum of a transport header is; -1 for one without. */
export function checksumAt(protocol: number): number {
  if (protocol === TCP) return 16;
  if (protocol === UDP) return 6;
  return protocol === ICMP || protocol === ICMPV6 ? 2 : -1;
}

/** Sets the checksum of a transport payload right; `addresses` are those of its packet. */
export function mendTransport(addresses: Bytes, protocol: number, b: Bytes): void {
  const at = checksumAt(protocol);
  if (at < 0 || b.length < at + 2) return;
  put16(b, at, 0);
  const pseudo = protocol === ICMP ? 0 : pseudoSum(addresses, protocol, b.length);
  const check = ~sum(b, 0, b.length, pseudo) & 0xffff;
  put16(b, at, check === 0 && protocol === UDP ? 0xffff : check);
}

export function udp(sport: number, dport: number, data: Bytes): Bytes {
  const b = new Uint8Array(8 + data.length);
  put16(b, 0, sport);
  put16(b, 2, dport);
  put16(b, 4, b.length);
  b.set(data, 8);
  return b;
}

export interface TcpSpec {
  readonly sport: number;
  readonly dport: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly window: number;
  readonly options?: Bytes;
  readonly urgent?: number;
}

/** A segment without a checksum. RFC 9293 section 3.1 */
export function tcp(spec: TcpSpec, data: Bytes): Bytes {
  const options = spec.options ?? new Uint8Array(0);
  const b = new Uint8Array(20 + options.length + data.length);
  put16(b, 0, spec.sport);
  put16(b, 2, spec.dport);
  put32(b, 4, spec.seq);
  put32(b, 8, spec.ack);
  put16(b, 12, ((20 + options.length) << 10) | spec.flags);
  put16(b, 14, spec.window);
  put16(b, 18, spec.urgent ?? 0);
  b.set(options, 20);
  b.set(data, 20 + options.length);
  return b;
}

export function icmp(type: number, code: number, rest: number, data: Bytes): Bytes {
  const b = new Uint8Array(8 + data.length);
  b[0] = type;
  b[1] = code;
  put32(b, 4, rest);
  b.set(data, 8);
  return b;
}

/** Cuts a packet into fragments whose payloads begin at `cuts` (multiples of 8), in order. */
export function fragment(packet: Bytes, cuts: readonly number[]): Bytes[] {
  const hlen = ((packet[0] as number) & 15) * 4;
  const body = packet.subarray(hlen);
  const starts = [0, ...cuts.filter((c) => c > 0 && c < body.length)];
  return starts.map((start, i) => {
    const end = starts[i + 1] ?? body.length;
    const piece = concat(packet.subarray(0, hlen), body.subarray(start, end));
    put16(piece, 2, piece.length);
    const more = end < body.length ? 0x2000 : 0;
    put16(piece, 6, (get16(packet, 6) & 0xc000) | more | (start / 8));
    mendIpv4(piece);
    return piece;
  });
}
