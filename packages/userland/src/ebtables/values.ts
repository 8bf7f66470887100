import {
  formatIpv4,
  formatMac,
  type Ipv4Addr,
  type MacAddr,
  parseIpv4,
  parseMac,
} from '@labwire/core/addr';
import type { Bits, Is, Span } from '@labwire/devices/bridge';
import { badParameter } from './failure.ts';
import type { Names } from './names.ts';

const ALL_ONES = 0xffff_ffff_ffff as MacAddr;

/** Addresses that have names, as they are printed. Source: iptables xtables_print_well_known_mac_and_mask() */
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
function etherAton(text: string): MacAddr | undefined {
  return parseMac(text.replace(/(^|:)([0-9a-fA-F])(?=:|$)/g, '$10$2'));
}

/** A MAC address by name or in digits, with or without a mask; undefined if it is none. */
export function readMac(text: string): Bits<MacAddr> | undefined {
  const named = MAC_NAMES.find(([name]) => name.toLowerCase() === text.toLowerCase());
  if (named !== undefined) return named[1];
  const [addrText = '', maskText] = text.split('/');
  const addr = etherAton(addrText);
  const mask = maskText === undefined ? ALL_ONES : etherAton(maskText);
  if (addr === undefined || mask === undefined) return undefined;
  return { addr: and48(addr, mask), mask };
}

/** {@link readMac} back. */
export function macText({ addr, mask }: Bits<MacAddr>): string {
  const named = MAC_NAMES.find(([, m]) => m.addr === addr && m.mask === mask);
  if (named !== undefined) return named[0];
  return mask === ALL_ONES ? formatMac(addr) : `${formatMac(addr)}/${formatMac(mask)}`;
}

/** An IPv4 address with or without a mask. @throws {@link EbtFailure} */
export function readIp(text: string): Bits<number> {
  const [addrText = '', maskText] = text.split('/');
  const addr = parseIpv4(addrText);
  if (addr === undefined) throw badParameter(`host/network \`${addrText}' not found`);
  const mask = maskText === undefined ? -1 : readMask(maskText);
  return { addr: addr & mask, mask };
}

function readMask(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= 32) return text === '0' ? 0 : -1 << (32 - Number(text));
  const mask = parseIpv4(text);
  if (mask === undefined) throw badParameter(`invalid mask \`${text}' specified`);
  return mask;
}

/** {@link readIp} back. */
export function ipText({ addr, mask }: Bits<number>): string {
  const text = formatIpv4(addr as Ipv4Addr);
  if (mask === -1) return text;
  const ones = Math.clz32(~mask);
  const isPrefix = mask === (ones === 0 ? 0 : -1 << (32 - ones));
  return `${text}/${isPrefix ? ones : formatIpv4(mask as Ipv4Addr)}`;
}

/** A port or a range of ports, either end of which may be left out. @throws {@link EbtFailure} */
export function readPorts(text: string, names: Names): Span {
  const port = (word: string, otherwise: number): number => {
    if (word === '') return otherwise;
    const found = names.port(word);
    if (found === undefined) throw badParameter(`invalid port/service \`${word}' specified`);
    return found;
  };
  const [from = '', to] = text.split(':');
  const least = port(from, 0);
  return [least, to === undefined ? least : port(to, 65_535)];
}

/** {@link readPorts} back. */
export function portsText([from, to]: Span): string {
  return from === to ? String(from) : `${from}:${to}`;
}

/** `OPTION ! VALUE`, as ebtables prints it. */
export function shown<T>(
  option: string,
  is: Is<T> | undefined,
  text: (value: T) => string,
): string {
  return is === undefined ? '' : `${option} ${is.invert ? '! ' : ''}${text(is.value)} `;
}
