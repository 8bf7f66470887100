import { get32, put32 } from '../bytes/index.ts';
import { formatIpv4, type Ipv4Addr, parseIpv4 } from './ipv4.ts';
import type { MacAddr } from './mac.ts';

/** An IPv6 address: four signed 32-bit words, most significant first. Immutable; compare with {@link sameIpv6}. */
export interface Ipv6Addr {
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
}

/** Makes an address of four words. */
export function ipv6(w0: number, w1: number, w2: number, w3: number): Ipv6Addr {
  return { w0: w0 | 0, w1: w1 | 0, w2: w2 | 0, w3: w3 | 0 };
}

/** :: */
export const IPV6_ANY: Ipv6Addr = ipv6(0, 0, 0, 0);
/** ::1 */
export const IPV6_LOOPBACK: Ipv6Addr = ipv6(0, 0, 0, 1);
/** ff02::1, all nodes on the link */
export const IPV6_ALL_NODES: Ipv6Addr = ipv6(0xff020000, 0, 0, 1);
/** ff02::2, all routers on the link */
export const IPV6_ALL_ROUTERS: Ipv6Addr = ipv6(0xff020000, 0, 0, 2);

/** Whether two addresses are equal. */
export function sameIpv6(a: Ipv6Addr, b: Ipv6Addr): boolean {
  return a.w3 === b.w3 && a.w2 === b.w2 && a.w1 === b.w1 && a.w0 === b.w0;
}

/** Reads 16 bytes. */
export function getIpv6(buf: Uint8Array, off: number): Ipv6Addr {
  return {
    w0: get32(buf, off),
    w1: get32(buf, off + 4),
    w2: get32(buf, off + 8),
    w3: get32(buf, off + 12),
  };
}

/** Writes 16 bytes. */
export function putIpv6(buf: Uint8Array, off: number, a: Ipv6Addr): void {
  put32(buf, off, a.w0);
  put32(buf, off + 4, a.w1);
  put32(buf, off + 8, a.w2);
  put32(buf, off + 12, a.w3);
}

/** Reads groups between colons, the last of which may be an IPv4 address if `last` says so. */
function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const v4 = last && i === parts.length - 1 ? parseIpv4(part) : undefined;
    if (v4 === undefined) return undefined;
    groups.push(v4 >>> 16, v4 & 0xffff);
  }
  return groups;
}

/** Parses the text forms of RFC 4291 section 2.2, as inet_pton() does. @returns undefined if it is not an address. */
export function parseIpv6(text: string): Ipv6Addr | undefined {
  const [first = '', second, more] = text.split('::');
  if (more !== undefined) return undefined;
  const head = parseGroups(first, second === undefined);
  const tail = second === undefined ? [] : parseGroups(second, true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (second === undefined ? missing !== 0 : missing < 1) return undefined;
  const g = [...head, ...new Array<number>(missing).fill(0), ...tail] as number[];
  const word = (i: number) => ((g[i] as number) << 16) | (g[i + 1] as number);
  return ipv6(word(0), word(2), word(4), word(6));
}

/** Where the longest run of two or more zero groups starts and ends. */
function longestZeroRun(g: readonly number[]): readonly [start: number, end: number] {
  let best: readonly [number, number] = [-1, -1];
  for (let i = 0; i < 8; ) {
    let j = i;
    while (j < 8 && g[j] === 0) j++;
    if (j - i >= 2 && j - i > best[1] - best[0]) best = [i, j];
    i = Math.max(j, i + 1);
  }
  return best;
}

/** Formats as RFC 5952 asks, IPv4-mapped and IPv4-compatible addresses in the mixed form, as inet_ntop() does. */
export function formatIpv6(a: Ipv6Addr): string {
  if (a.w0 === 0 && a.w1 === 0) {
    if (a.w2 === 0xffff) return `::ffff:${formatIpv4(a.w3 as Ipv4Addr)}`;
    if (a.w2 === 0 && a.w3 >>> 16 !== 0) return `::${formatIpv4(a.w3 as Ipv4Addr)}`;
  }
  const g = [a.w0, a.w1, a.w2, a.w3].flatMap((w) => [w >>> 16, w & 0xffff]);
  const hex = (from: number, to: number) =>
    g
      .slice(from, to)
      .map((x) => x.toString(16))
      .join(':');
  const [start, end] = longestZeroRun(g);
  return start < 0 ? hex(0, 8) : `${hex(0, start)}::${hex(end, 8)}`;
}

/** ff00::/8, RFC 4291 section 2.7. */
export function isMulticast6(a: Ipv6Addr): boolean {
  return a.w0 >>> 24 === 0xff;
}

/** fe80::/10, RFC 4291 section 2.5.6. */
export function isLinkLocal6(a: Ipv6Addr): boolean {
  return a.w0 >>> 22 === 0x3fa;
}

/** The link-local address whose interface identifier is the modified EUI-64 of a MAC. RFC 4291 appendix A. */
export function linkLocalOf(mac: MacAddr): Ipv6Addr {
  const hi = Math.floor(mac / 0x100_0000);
  const lo = mac % 0x100_0000;
  return ipv6(0xfe800000, 0, ((hi ^ 0x020000) << 8) | 0xff, 0xfe000000 | lo);
}

/** The solicited-node multicast address. RFC 4291 section 2.7.1. */
export function solicitedNode(a: Ipv6Addr): Ipv6Addr {
  return ipv6(0xff020000, 0, 1, 0xff000000 | (a.w3 & 0xffffff));
}
