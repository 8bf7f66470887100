import { formatIpv6, type Ipv6Addr, parseIpv6, putIpv6 } from '@labwire/core/addr';
import { concat, get16, put16, put32 } from './bytes.ts';
import { type Bytes, ICMPV6, TCP, UDP } from './ipv4.ts';

export const HOP_BY_HOP = 0;
export const ROUTING = 43;
export const FRAGMENT = 44;
export const NO_NEXT = 59;
export const DESTINATION = 60;
export const HLEN = 40;

export function parseAddr6(text: string): Bytes {
  const b = new Uint8Array(16);
  putIpv6(b, 0, parseIpv6(text) as Ipv6Addr);
  return b;
}

/** The link-local address, or that of a prefix, that follows from a MAC address. RFC 4291 appendix A */
export function eui64(prefix: string, mac: string): string {
  const m = mac.split(':').map((x) => Number.parseInt(x, 16)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const words = [
    ((m[0] ^ 2) << 8) | m[1],
    (m[2] << 8) | 0xff,
    0xfe00 | m[3],
    (m[4] << 8) | m[5],
  ].map((w) => w.toString(16));
  return formatIpv6(parseIpv6(`${prefix}${words.join(':')}`) as Ipv6Addr);
}

export interface Ipv6Spec {
  readonly src: Bytes;
  readonly dst: Bytes;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly trafficClass?: number;
  readonly flowLabel?: number;
}

/** An IPv6 packet. RFC 8200 section 3 */
export function ipv6(spec: Ipv6Spec, payload: Bytes): Bytes {
  const b = new Uint8Array(HLEN + payload.length);
  put32(b, 0, ((6 << 28) | ((spec.trafficClass ?? 0) << 20) | (spec.flowLabel ?? 0)) >>> 0);
  put16(b, 4, payload.length);
  b[6] = spec.nextHeader;
  b[7] = spec.hopLimit;
  b.set(spec.src, 8);
  b.set(spec.dst, 24);
  b.set(payload, HLEN);
  return b;
}

/** A header between the fixed one and the transport: its type, and its bytes with any next header. */
export interface Extension {
  readonly type: number;
  readonly bytes: Bytes;
}

/** Extension headers in front of a transport, each naming what follows it. */
export function chained(
  extensions: readonly Extension[],
  protocol: number,
  transport: Bytes,
): { readonly nextHeader: number; readonly payload: Bytes } {
  let [nextHeader, payload] = [protocol, transport];
  for (const { type, bytes } of [...extensions].reverse()) {
    const head = bytes.slice();
    head[0] = nextHeader;
    payload = concat(head, payload);
    nextHeader = type;
  }
  return { nextHeader, payload };
}

/** A hop-by-hop or destination options header of these options, padded to whole eights. RFC 8200 section 4.2 */
export function optionsHeader(type: number, options: readonly number[]): Extension {
  const length = Math.ceil((2 + options.length) / 8) * 8;
  const pad = length - 2 - options.length;
  const padding = pad === 1 ? [0] : pad > 1 ? [1, pad - 2, ...Array(pad - 2).fill(0)] : [];
  return { type, bytes: Uint8Array.from([0, length / 8 - 1, ...options, ...padding]) };
}

/** A fragment header. RFC 8200 section 4.5 @param at what stands in its offset and flags */
export function fragmentHeader(at: number, id: number): Extension {
  const bytes = new Uint8Array(8);
  put16(bytes, 2, at);
  put32(bytes, 4, id);
  return { type: FRAGMENT, bytes };
}

/** Cuts a packet without extension headers into fragments whose payloads begin at `cuts` (multiples of 8), in order. */
export function fragment6(packet: Bytes, id: number, cuts: readonly number[]): Bytes[] {
  const body = packet.subarray(HLEN);
  const starts = [0, ...cuts.filter((c) => c > 0 && c < body.length)];
  return starts.map((start, i) => {
    const end = starts[i + 1] ?? body.length;
    const head = fragmentHeader(start | (end < body.length ? 1 : 0), id).bytes;
    head[0] = packet[6] as number;
    const piece = concat(packet.subarray(0, HLEN), head, body.subarray(start, end));
    piece[6] = FRAGMENT;
    put16(piece, 4, piece.length - HLEN);
    return piece;
  });
}

/** Where the transport of a packet is, and what it is. */
export interface Found {
  readonly protocol: number;
  readonly at: number;
  /** It is no first fragment. */
  readonly later: boolean;
}

const EXTENSIONS = new Set([HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION]);

/** Walks over the extension headers. */
export function transportOf(packet: Bytes): Found {
  let [protocol, at, later] = [packet[6] as number, HLEN, false];
  while (EXTENSIONS.has(protocol) && at + 8 <= packet.length) {
    if (protocol === FRAGMENT && (get16(packet, at + 2) & 0xfff8) !== 0) later = true;
    const length = protocol === FRAGMENT ? 8 : ((packet[at + 1] as number) + 1) * 8;
    protocol = packet[at] as number;
    at += length;
    if (later) break;
  }
  return { protocol, at, later };
}

/** Whether a next header is of a transport whose checksum covers addresses. */
export const isTransport = (protocol: number): boolean =>
  protocol === TCP || protocol === UDP || protocol === ICMPV6;
