import { type Ipv4Addr, ipv6, parseIpv6 } from '@labwire/core/addr';
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';
import { Exit } from './exit.ts';
import { parseUnsigned } from './number.ts';

/** What `-4`, `-6`, `-0`, `-B`, `-M` prefer; undefined for any. */
export type AnyFamily = Family | 'link' | 'mpls' | 'bridge' | undefined;

/** An address or prefix of a command line: iproute2's `inet_prefix`. */
export interface InetPrefix {
  /** undefined for a family that is not known yet: `default`, `any`, `all`. */
  readonly family: Family | undefined;
  /** undefined for `any` and `all`, and for `default` of no family. */
  readonly addr: InetAddr | undefined;
  /** -1 for an address with no length, -2 for `default`, `any` and `all`; else the prefix length. */
  readonly bitlen: number;
  /** Whether a length was written, or `default`: PREFIXLEN_SPECIFIED. */
  readonly lengthGiven: boolean;
}

/** Bits of an address. */
export function familyBits(family: AnyFamily): number {
  return family === 'inet' ? 32 : family === 'inet6' ? 128 : 0;
}

/** The address all of whose bits are zero. */
export function anyAddr(family: Family): InetAddr {
  return family === 'inet' ? (0 as Ipv4Addr) : ipv6(0, 0, 0, 0);
}

/** Reads one to four numbers with dots; what is left out on the right is zero. Source: lib/utils.c, get_addr_ipv4(). */
export function parseShortIpv4(text: string): Ipv4Addr | undefined {
  const parts = text.split('.');
  if (parts.length > 4) return undefined;
  let v = 0;
  for (let i = 0; i < 4; i++) {
    const part = parts[i];
    const n = part === undefined ? 0 : parseUnsigned(part, 255);
    if (n === undefined) return undefined;
    v = (v << 8) | n;
  }
  return v as Ipv4Addr;
}

/** Source: lib/utils.c, get_addr_1(). @returns undefined if it is no address of `family` */
export function tryAddr(text: string, family: AnyFamily): InetPrefix | undefined {
  const inet = family === 'inet' || family === 'inet6' ? family : undefined;
  if (text === 'default') {
    const addr = inet === undefined ? undefined : anyAddr(inet);
    return { family: inet, addr, bitlen: -2, lengthGiven: true };
  }
  if (text === 'all' || text === 'any')
    return { family: inet, addr: undefined, bitlen: -2, lengthGiven: false };
  if (text.includes(':')) {
    const addr = family === undefined || family === 'inet6' ? parseIpv6(text) : undefined;
    return addr === undefined
      ? undefined
      : { family: 'inet6', addr, bitlen: -1, lengthGiven: false };
  }
  const addr = family === undefined || family === 'inet' ? parseShortIpv4(text) : undefined;
  return addr === undefined ? undefined : { family: 'inet', addr, bitlen: -1, lengthGiven: false };
}

/** A length or a dotted netmask. Source: lib/utils.c, get_netmask(). */
function parseMask(text: string): number | undefined {
  const length = parseUnsigned(text);
  if (length !== undefined) return length;
  const mask = parseShortIpv4(text);
  if (mask === undefined) return undefined;
  const host = ~mask;
  return (host & (host + 1)) === 0 ? Math.clz32(host) : undefined;
}

/** Source: lib/utils.c, get_prefix_1(). @returns undefined if it is no prefix of `family` */
export function tryPrefix(text: string, family: AnyFamily): InetPrefix | undefined {
  const slash = text.indexOf('/');
  const base = tryAddr(slash < 0 ? text : text.slice(0, slash), family);
  if (base === undefined) return undefined;
  const bits = familyBits(base.family);
  if (slash < 0) return { ...base, bitlen: base.bitlen === -2 ? 0 : bits };
  const bitlen = base.bitlen === -2 ? undefined : parseMask(text.slice(slash + 1));
  return bitlen === undefined || bitlen > bits ? undefined : { ...base, bitlen, lengthGiven: true };
}

/** How messages call a family. */
function familyWords(family: AnyFamily): string {
  return family ?? 'any valid';
}

/** Reads an address. Source: lib/utils.c, get_addr(). @throws Exit */
export function parseAddr(text: string, family: AnyFamily): InetPrefix {
  const addr = tryAddr(text, family);
  if (addr !== undefined) return addr;
  throw new Exit(1, `Error: ${familyWords(family)} address is expected rather than "${text}".\n`);
}

/** Reads a prefix. Source: lib/utils.c, get_prefix(). @throws Exit */
export function parsePrefix(text: string, family: AnyFamily): InetPrefix {
  if (family === 'link') {
    throw new Exit(
      1,
      `Error: "${text}" may be inet prefix, but it is not allowed in this context.\n`,
    );
  }
  const prefix = tryPrefix(text, family);
  if (prefix !== undefined) return prefix;
  throw new Exit(1, `Error: ${familyWords(family)} prefix is expected rather than "${text}".\n`);
}

/** Source: lib/utils.c, read_family(). @returns undefined if it is no family's name */
export function parseFamily(text: string): AnyFamily {
  const names: readonly string[] = ['inet', 'inet6', 'link', 'mpls', 'bridge'];
  return names.includes(text) ? (text as AnyFamily) : undefined;
}

/** Whether `addr` lies in a prefix's first `bits` bits. Source: lib/utils.c, inet_addr_match(). */
export function sameBits(a: InetAddr, b: InetAddr, bits: number): boolean {
  if (typeof a === 'number' || typeof b === 'number')
    return a === b || (typeof a === typeof b && sameWord(a as number, b as number, bits));
  const words = [a.w0, a.w1, a.w2, a.w3].map((w, i) => [w, [b.w0, b.w1, b.w2, b.w3][i]] as const);
  return words.every(([x, y], i) => sameWord(x, y as number, Math.max(0, bits - 32 * i)));
}

function sameWord(a: number, b: number, bits: number): boolean {
  return bits >= 32 ? a === b : bits <= 0 || (a ^ b) >>> (32 - bits) === 0;
}
