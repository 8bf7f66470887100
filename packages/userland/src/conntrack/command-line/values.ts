/** Values of options, as conntrack(8) reads them. */
import type { Ipv4Addr, Ipv6Addr } from '@labwire/core/addr';
import {
  IPS_ASSURED,
  IPS_EXPECTED,
  IPS_FIXED_TIMEOUT,
  IPS_SEEN_REPLY,
} from '@labwire/devices/conntrack';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { inetAton, parseInet } from '../../libc-net/index.ts';
import { parameterProblem } from '../error.ts';

/** What strtoul(3) with base 0 reads at the start of a text, cut to 32 bits. */
export function strtoul(text: string): number {
  const m = /^\s*([+-]?)(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)/i.exec(text);
  if (m === null) return 0;
  const digits = m[2] as string;
  const octal = /^0[0-7]+$/.test(digits);
  const value = octal ? Number.parseInt(digits, 8) : Number(digits);
  const low = Number(BigInt.asUintN(32, BigInt(Math.min(value, Number.MAX_SAFE_INTEGER))));
  return m[1] === '-' ? -low >>> 0 : low;
}

/** What atol(3) finds, cut to 32 bits. */
export function atolU32(text: string): number {
  const m = /^\s*([+-]?\d+)/.exec(text);
  return m === null ? 0 : Number(BigInt.asUintN(32, BigInt(m[1] as string)));
}

/** `VALUE[/MASK]` of -m. `parse_u32_mask()` */
export function parseMark(text: string): { value: number; mask: number } {
  const m = /^\s*[+-]?(?:0x[0-9a-f]+|\d+)\/(.*)$/i.exec(text);
  return { value: strtoul(text), mask: m === null ? 0xffff_ffff : strtoul(m[1] as string) };
}

/** An address with what is behind its slash. */
export interface AddressValue {
  readonly addr: InetAddr;
  /** Prefix length; undefined without a slash, -1 if it makes no sense. */
  readonly plen: number | undefined;
}

/** `parse_addr()` @returns undefined for what is no address */
export function parseAddress(text: string): AddressValue | undefined {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const addr = inetAton(host) ?? parseInet(host);
  if (addr === undefined) return undefined;
  if (slash < 0) return { addr, plen: undefined };
  const rest = text.slice(slash + 1);
  const plen = rest === '' ? 0 : /^\s*[+-]?\d+$/.test(rest) ? Number(rest) : -1;
  const most = typeof addr === 'number' ? 32 : 128;
  return { addr, plen: plen < 0 || plen > most ? -1 : plen };
}

/** The mask of a prefix length. */
export function maskOf(like: InetAddr, plen: number): InetAddr {
  const word = (i: number): number => {
    const bits = Math.max(0, Math.min(32, plen - 32 * i));
    return bits === 0 ? 0 : (-1 << (32 - bits)) | 0;
  };
  if (typeof like === 'number') return word(0) as Ipv4Addr;
  return { w0: word(0), w1: word(1), w2: word(2), w3: word(3) } as Ipv6Addr;
}

/** Whether an address lies in a network. */
export function inNetwork(addr: InetAddr, network: InetAddr, mask: InetAddr): boolean {
  if (typeof addr === 'number')
    return (
      typeof network === 'number' && typeof mask === 'number' && ((addr ^ network) & mask) === 0
    );
  if (typeof network === 'number' || typeof mask === 'number') return false;
  return (
    ((addr.w0 ^ network.w0) & mask.w0) === 0 &&
    ((addr.w1 ^ network.w1) & mask.w1) === 0 &&
    ((addr.w2 ^ network.w2) & mask.w2) === 0 &&
    ((addr.w3 ^ network.w3) & mask.w3) === 0
  );
}

/** Splits `ADDRESS:PORT` or `[ADDRESS]:PORT` of the NAT options. `split_address_and_port()` */
export function splitPort(text: string): { host: string; port: number | undefined } {
  const open = text.indexOf('[');
  let colon: number;
  let host: string;
  if (open >= 0) {
    const close = text.indexOf(']', open + 1);
    if (close === open + 1) throw parameterProblem('No IPv6 address specified');
    if (close < 0) throw parameterProblem("No closing ']' around IPv6 address");
    colon = text.indexOf(':', close);
    host = text.slice(open + 1, close);
  } else {
    colon = text.indexOf(':');
    if (colon !== text.lastIndexOf(':')) colon = -1;
    host = text.slice(0, Math.max(colon, 0));
  }
  if (colon < 0) return { host: text, port: undefined };
  const port = text.slice(colon + 1);
  if (port === '') throw parameterProblem("No port specified after `:'");
  if (!/^\d+$/.test(port) || Number(port) > 65_535)
    throw parameterProblem(`Invalid port \`${port}'`);
  return { host, port: Number(port) };
}

/** Words that stand for bits, and the bits. */
export type BitNames = readonly (readonly [name: string, bits: number])[];

/** Words of -u; what is offloaded to hardware has bits that no program sets. */
export const STATUS_BITS: BitNames = [
  ['ASSURED', IPS_ASSURED],
  ['SEEN_REPLY', IPS_SEEN_REPLY],
  ['UNSET', 0],
  ['FIXED_TIMEOUT', IPS_FIXED_TIMEOUT],
  ['EXPECTED', IPS_EXPECTED],
  ['OFFLOAD', 1 << 14],
  ['HW_OFFLOAD', 1 << 15],
];

/** Words of -e, and their bits. */
export const EVENT_NEW = 1;
export const EVENT_UPDATE = 2;
export const EVENT_DESTROY = 4;
export const EVENT_BITS: BitNames = [
  ['ALL', EVENT_NEW | EVENT_UPDATE | EVENT_DESTROY],
  ['NEW', EVENT_NEW],
  ['UPDATES', EVENT_UPDATE],
  ['DESTROY', EVENT_DESTROY],
];

/** Words of -o, and their bits. */
export const O_XML = 1;
export const O_EXT = 2;
export const O_TMS = 4;
export const O_ID = 8;
export const O_KTMS = 16;
export const O_LABELS = 32;
export const O_SAVE = 64;
export const OUTPUT_BITS: BitNames = [
  ['xml', O_XML],
  ['extended', O_EXT],
  ['timestamp', O_TMS],
  ['id', O_ID],
  ['ktimestamp', O_KTMS],
  ['labels', O_LABELS],
  ['userspace', 0],
  ['save', O_SAVE],
];

/** A word may be cut short. `do_parse_parameter()` @returns its bits; undefined if it is not known */
function wordBits(word: string, names: BitNames, warn: (text: string) => void): number | undefined {
  const upper = word.toUpperCase();
  for (const way of ['SRC', 'DST']) {
    if (!`${way}_NAT`.startsWith(upper)) continue;
    warn(`WARNING: ignoring ${way}_NAT, use --${way.toLowerCase()}-nat instead\n`);
    return 0;
  }
  return names.find(([name]) => name.toUpperCase().startsWith(upper))?.[1];
}

/** Words between commas. `parse_parameter()` */
export function parseBits(text: string, names: BitNames, warn: (text: string) => void): number {
  let bits = 0;
  for (let rest = text; ; ) {
    const comma = rest.indexOf(',');
    const word = comma < 0 ? rest : rest.slice(0, comma);
    const found = word === '' ? undefined : wordBits(word, names, warn);
    if (found === undefined) throw parameterProblem(`Bad parameter \`${rest}'`);
    bits |= found;
    if (comma < 0) return bits;
    rest = rest.slice(comma + 1);
  }
}

/** Words of -u: a `!` before one puts its bit into the mask instead. `parse_parameter_mask()` */
export function parseStatus(
  text: string,
  warn: (text: string) => void,
): { readonly status: number; readonly mask: number } {
  let status = 0;
  let mask = 0;
  for (let rest = text; ; ) {
    const comma = rest.indexOf(',');
    const negated = rest.startsWith('!');
    if (negated) rest = rest.slice(1);
    const end = rest.indexOf(',');
    const word = end < 0 ? rest : rest.slice(0, end);
    if (!negated && rest.startsWith('UNREPLIED')) mask |= IPS_SEEN_REPLY;
    else {
      const found = word === '' ? undefined : wordBits(word, STATUS_BITS, warn);
      if (found === undefined) throw parameterProblem(`Bad parameter \`${rest}'`);
      if (negated) mask |= found;
      else status |= found;
    }
    if (comma < 0) return { status, mask };
    rest = rest.slice(end + 1);
  }
}
