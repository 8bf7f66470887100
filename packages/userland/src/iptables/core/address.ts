import {
  formatIpv4,
  formatIpv6,
  type Ipv4Addr,
  type Ipv6Addr,
  ipv4Mask,
  ipv6,
  parseIpv4,
  parseIpv6,
} from '@labwire/core/addr';
import type { Masked } from '@labwire/devices/netfilter';
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';

/** Parses a numeric address of a family. IPv4 may leave out trailing bytes as inet_aton(3) lets it. */
export function parseAddr(text: string, family: Family): InetAddr | undefined {
  return family === 'inet' ? (parseIpv4(text) ?? parseShortIpv4(text)) : parseIpv6(text);
}

/** `10.1` is 10.1.0.0 to iptables: missing bytes are zero. libxtables, numeric_to_ipaddr() */
function parseShortIpv4(text: string): Ipv4Addr | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){0,2}$/.test(text)) return undefined;
  const parts = text.split('.');
  return parseIpv4([...parts, ...new Array<string>(4 - parts.length).fill('0')].join('.'));
}

/** Formats an address. */
export function formatAddr(a: InetAddr): string {
  return typeof a === 'number' ? formatIpv4(a) : formatIpv6(a);
}

/** The mask of a prefix length. */
export function maskOf(plen: number, family: Family): InetAddr {
  if (family === 'inet') return ipv4Mask(plen);
  const word = (i: number): number => ipv4Mask(Math.min(32, Math.max(0, plen - 32 * i)));
  return ipv6(word(0), word(1), word(2), word(3));
}

/** The prefix length of a mask; undefined if its ones are not all in front. */
export function plenOf(mask: InetAddr): number | undefined {
  const words = typeof mask === 'number' ? [mask] : [mask.w0, mask.w1, mask.w2, mask.w3];
  let plen = 0;
  let ended = false;
  for (const w of words) {
    const ones = Math.clz32(~w);
    if (ipv4Mask(ones) !== w || (ended && w !== 0)) return undefined;
    plen += ones;
    if (ones < 32) ended = true;
  }
  return plen;
}

/** The network part of an address. */
export function maskAddr(a: InetAddr, mask: InetAddr): InetAddr {
  if (typeof a === 'number') return (a & (mask as number)) as Ipv4Addr;
  const m = mask as Ipv6Addr;
  return ipv6(a.w0 & m.w0, a.w1 & m.w1, a.w2 & m.w2, a.w3 & m.w3);
}

/** Whether an address is 0.0.0.0 or ::. */
export function isAny(a: InetAddr): boolean {
  return typeof a === 'number' ? a === 0 : (a.w0 | a.w1 | a.w2 | a.w3) === 0;
}

/** `/24`, `/255.0.255.0`, or nothing for a whole address. libxtables, xtables_ipmask_to_numeric() */
export function maskText(mask: InetAddr): string {
  const plen = plenOf(mask);
  if (plen === undefined) return `/${formatAddr(mask)}`;
  return plen === (typeof mask === 'number' ? 32 : 128) ? '' : `/${plen}`;
}

/** As a listing shows it: `0.0.0.0/0`, `10.0.0.1`, `10.0.0.0/8`; the address by its name if `hosts` has one. */
export function listAddr(
  m: Masked | undefined,
  family: Family,
  numeric: boolean,
  hosts?: ReadonlyMap<string, string>,
): string {
  const any = family === 'inet' ? '0.0.0.0/0' : '::/0';
  if (m === undefined || isAny(m.mask)) return numeric ? any : 'anywhere';
  const addr = formatAddr(m.addr);
  return (hosts?.get(addr) ?? addr) + maskText(m.mask);
}

/** As iptables-save prints it: always with the mask. */
export function saveAddr(m: Masked): string {
  const plen = plenOf(m.mask);
  return `${formatAddr(m.addr)}/${plen ?? formatAddr(m.mask)}`;
}
