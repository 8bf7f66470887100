import { formatMac, type Ipv6Addr, type MacAddr, parseMac } from '@labwire/core/addr';
import type { Bits, Is, Span } from '@labwire/devices/bridge';
import {
  formatAddr,
  maskAddr,
  maskOf,
  maskText,
  parameterProblem,
  parseAddr,
  strtoui,
} from '../iptables/index.ts';
import type { Names } from './names.ts';

const ALL_ONES = 0xffff_ffff_ffff as MacAddr;

/** Addresses that have names, as they are printed. Source: libxtables xtables_print_well_known_mac_and_mask() */
const MAC_NAMES: readonly (readonly [string, Bits<MacAddr>])[] = [
  ['Unicast', { addr: 0 as MacAddr, mask: 0x0100_0000_0000 as MacAddr }],
  ['Multicast', { addr: 0x0100_0000_0000 as MacAddr, mask: 0x0100_0000_0000 as MacAddr }],
  ['Broadcast', { addr: ALL_ONES, mask: ALL_ONES }],
  ['BGA', { addr: 0x0180_c200_0000 as MacAddr, mask: ALL_ONES }],
];

/** Both words of 48 bits together. */
function and48(a: number, b: number): MacAddr {
  const hi = (Math.floor(a / 2 ** 24) & Math.floor(b / 2 ** 24)) * 2 ** 24;
  return (hi + ((a % 2 ** 24) & (b % 2 ** 24))) as MacAddr;
}

/** Bytes may be written with one digit. ether_aton(3) */
export function etherAton(text: string): MacAddr | undefined {
  return parseMac(text.replace(/(^|:)([0-9a-fA-F])(?=:|$)/g, '$10$2'));
}

/** A MAC address by name or in digits, with or without a mask; undefined if it is none. */
export function readMac(text: string): Bits<MacAddr> | undefined {
  const named = MAC_NAMES.find(([name]) => name.toLowerCase() === text.toLowerCase());
  if (named !== undefined) return named[1];
  const slash = text.lastIndexOf('/');
  const addr = etherAton(slash < 0 ? text : text.slice(0, slash));
  const mask = slash < 0 ? ALL_ONES : etherAton(text.slice(slash + 1));
  if (addr === undefined || mask === undefined) return undefined;
  return { addr: and48(addr, mask), mask };
}

/** {@link readMac} back, but for names. `xtables_print_mac_and_mask()` */
export function plainMac({ addr, mask }: Bits<MacAddr>): string {
  return mask === ALL_ONES ? formatMac(addr) : `${formatMac(addr)}/${formatMac(mask)}`;
}

/** {@link readMac} back. */
export function macText(m: Bits<MacAddr>): string {
  const named = MAC_NAMES.find(([, n]) => n.addr === m.addr && n.mask === m.mask);
  return named === undefined ? plainMac(m) : named[0];
}

function readMasked(text: string, family: 'inet' | 'inet6'): Bits<number | Ipv6Addr> {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const mask = readMask(slash < 0 ? undefined : text.slice(slash + 1), family);
  const addr = parseAddr(host, family);
  if (addr === undefined) throw parameterProblem(`host/network \`${host}' not found`);
  return { addr: maskAddr(addr, mask as never), mask };
}

/** A mask by its length or in full. `parse_ipmask()` */
function readMask(text: string | undefined, family: 'inet' | 'inet6'): number | Ipv6Addr {
  const bits = family === 'inet' ? 32 : 128;
  const plen = text === undefined ? bits : strtoui(text, 0, bits);
  const isAddr = family === 'inet6' || text?.includes('.') === true;
  const full = isAddr ? parseAddr(text ?? '', family) : undefined;
  const mask = plen === undefined ? full : maskOf(plen, family);
  if (mask === undefined) throw parameterProblem(`invalid mask \`${text}' specified`);
  return mask;
}

/** An IPv4 address with or without a mask. @throws {@link IptablesError} */
export function readIp(text: string): Bits<number> {
  return readMasked(text, 'inet') as Bits<number>;
}

/** An IPv6 address with or without a mask. @throws {@link IptablesError} */
export function readIp6(text: string): Bits<Ipv6Addr> {
  return readMasked(text, 'inet6') as Bits<Ipv6Addr>;
}

/** {@link readIp} and {@link readIp6} back. */
export function ipText(m: Bits<number> | Bits<Ipv6Addr>): string {
  return formatAddr(m.addr as never) + maskText(m.mask as never);
}

/** An IP protocol by number or name. `xtables_parse_protocol()` */
export function readIpProto(text: string, names: Names): number {
  const proto = strtoui(text, 0, 255) ?? names.protocolNumber(text);
  if (proto === undefined) throw parameterProblem(`unknown protocol "${text}" specified`);
  return proto;
}

/** A port or a range of ports, either end of which may be left out. @throws {@link IptablesError} */
export function readPorts(text: string, names: Names): Span {
  const port = (word: string, otherwise: number): number => {
    if (word === '') return otherwise;
    const found = strtoui(word, 0, 65_535) ?? names.servicePort(word);
    if (found === undefined) throw parameterProblem(`invalid port/service \`${word}' specified`);
    return found;
  };
  const colon = text.indexOf(':');
  if (colon < 0) {
    const one = port(text, 0);
    return [one, one];
  }
  const span = [port(text.slice(0, colon), 0), port(text.slice(colon + 1), 65_535)] as const;
  if (span[0] > span[1]) throw parameterProblem('invalid portrange (min > max)');
  return span;
}

/** `5` or `5:7`. */
export function spanText([from, to]: Span): string {
  return from === to ? String(from) : `${from}:${to}`;
}

/** `0x5`, with at least so many digits. */
export function hexText(n: number, digits = 0): string {
  return `0x${n.toString(16).padStart(digits, '0')}`;
}

/** `OPTION ! VALUE `, as ebtables prints it; nothing if it is not asked for. */
export function shown<T>(
  option: string,
  is: Is<T> | undefined,
  text: (value: T) => string,
): string {
  return is === undefined ? '' : `${option} ${is.invert ? '! ' : ''}${text(is.value)} `;
}
