/** Elements as they are typed and shown. lib/parse.c, lib/print.c */
import { formatMac, parseMac } from '@labwire/core/addr';
import type { IpSet, IpSetDim, IpSetPart } from '@labwire/devices/netfilter';
import { formatInet, parseInet } from '../libc-net/index.ts';
import { syntaxError } from './failure.ts';
import type { IpsetNames } from './names.ts';

type Family = 'inet' | 'inet6';

const FAMILY_NAMES: Readonly<Record<Family, string>> = { inet: 'IPv4', inet6: 'IPv6' };
const PORT_PROTOCOLS: readonly string[] = ['tcp', 'udp', 'sctp', 'udplite'];
const ICMP_CODES: Readonly<Record<string, number>> = {
  'echo-reply': 0x0000,
  pong: 0x0000,
  'network-unreachable': 0x0300,
  'host-unreachable': 0x0301,
  'protocol-unreachable': 0x0302,
  'port-unreachable': 0x0303,
  'fragmentation-needed': 0x0304,
  'source-quench': 0x0400,
  'echo-request': 0x0800,
  ping: 0x0800,
  'ttl-exceeded': 0x0b00,
};

/** Bits of a family's addresses. */
export function addressBits(family: Family): number {
  return family === 'inet' ? 32 : 128;
}

/** @throws IpsetFailure */
export function parseAddr(text: string, family: Family): bigint {
  const a = parseInet(text);
  const fits = a !== undefined && (typeof a === 'number') === (family === 'inet');
  if (!fits)
    throw syntaxError(`cannot parse ${text}: resolving to ${FAMILY_NAMES[family]} address failed`);
  if (typeof a === 'number') return BigInt(a >>> 0);
  return [a.w0, a.w1, a.w2, a.w3].reduce((v, w) => (v << 32n) | BigInt(w >>> 0), 0n);
}

/** An address as text. */
export function formatAddr(v: bigint, family: Family): string {
  if (family === 'inet') return formatInet((Number(v) | 0) as never);
  const word = (i: bigint): number => Number((v >> (96n - 32n * i)) & 0xffffffffn) | 0;
  return formatInet({ w0: word(0n), w1: word(1n), w2: word(2n), w3: word(3n) } as never);
}

/** @throws IpsetFailure */
export function parseNumber(text: string, max: number): number {
  if (!/^\d+$/.test(text)) throw syntaxError(`'${text}' is invalid as number`);
  const n = Number(text);
  if (n > max) throw syntaxError(`'${text}' is out of range 0-${max}`);
  return n;
}

function part(value: bigint, extra = 0, name = ''): IpSetPart {
  return { value, extra, name };
}

/** The networks that cover a range. */
function networks(from: bigint, to: bigint, bits: number): IpSetPart[] {
  const out: IpSetPart[] = [];
  let at = from;
  while (at <= to) {
    let host = 0n;
    while (
      host < BigInt(bits) &&
      (at & ((1n << (host + 1n)) - 1n)) === 0n &&
      at + (1n << (host + 1n)) - 1n <= to
    )
      host++;
    out.push(part(at, bits - Number(host)));
    at += 1n << host;
  }
  return out;
}

const MOST_ADDRESSES = 1n << 20n;

/** Addresses from a text: one, a network's, or a range's. */
function ipParts(text: string, set: IpSet): IpSetPart[] {
  const { family, netmask } = set.options;
  const bits = addressBits(family);
  const [from, to] = addrRange(text, family);
  const step = netmask === undefined ? 1n : 1n << BigInt(bits - netmask);
  if ((to - from) / step > MOST_ADDRESSES) throw syntaxError(`${text} has too many addresses`);
  const out: IpSetPart[] = [];
  for (let a = (from / step) * step; a <= to; a += step) out.push(part(a));
  return out;
}

/** First and last address of `A`, `A/N`, `A-B`. @throws IpsetFailure */
export function addrRange(text: string, family: Family): readonly [bigint, bigint] {
  const bits = addressBits(family);
  const dash = text.indexOf('-');
  if (dash > 0) {
    const [a, b] = [
      parseAddr(text.slice(0, dash), family),
      parseAddr(text.slice(dash + 1), family),
    ];
    return a <= b ? [a, b] : [b, a];
  }
  const [addr = '', prefix] = text.split('/');
  const value = parseAddr(addr, family);
  if (prefix === undefined) return [value, value];
  const n = parseNumber(prefix, bits);
  const host = (1n << BigInt(bits - n)) - 1n;
  return [value & ~host, value | host];
}

function netParts(text: string, set: IpSet): IpSetPart[] {
  const { family } = set.options;
  const bits = addressBits(family);
  const [from, to] = addrRange(text, family);
  const [, prefix] = text.split('/');
  if (prefix === '0')
    throw syntaxError('The value of the CIDR parameter of the IP address is invalid');
  return networks(from, to, bits);
}

function portParts(text: string, set: IpSet, names: IpsetNames): IpSetPart[] {
  const bare = set.type.dims.length === 1;
  const colon = text.indexOf(':');
  const proto = colon < 0 ? 'tcp' : text.slice(0, colon);
  const rest = colon < 0 ? text : text.slice(colon + 1);
  const number = bare ? 0 : (names.protocolNumber(proto) ?? undefined);
  if (number === undefined) throw syntaxError(`cannot parse '${proto}' as a protocol`);
  if (proto === 'icmp' || proto === 'icmpv6') return [part(icmpValue(rest), number)];
  if (colon >= 0 && !bare && !PORT_PROTOCOLS.includes(proto)) return [part(0n, number)];
  const one = (t: string): number => names.servicePort(t, proto) ?? portNumber(t, proto);
  const [a = '', b] = rest.split('-');
  const [from, to] = [one(a), one(b ?? a)];
  const out: IpSetPart[] = [];
  for (let p = Math.min(from, to); p <= Math.max(from, to); p++) out.push(part(BigInt(p), number));
  return out;
}

function portNumber(text: string, proto: string): number {
  const more = `\nSyntax error: 'tcp' is invalid as number\ncannot parse '${text}' as a ${proto} port`;
  if (!/^\d+$/.test(text)) throw syntaxError(`'${text}' is invalid as number${more}`);
  if (Number(text) > 65_535) throw syntaxError(`'${text}' is out of range 0-65535${more}`);
  return Number(text);
}

function icmpValue(text: string): bigint {
  const known = ICMP_CODES[text];
  if (known !== undefined) return BigInt(known);
  const [type = '', code = '0'] = text.split('/');
  return BigInt(parseNumber(type, 255) * 256 + parseNumber(code, 255));
}

function dimParts(dim: IpSetDim, text: string, set: IpSet, names: IpsetNames): IpSetPart[] {
  switch (dim) {
    case 'ip':
      return ipParts(text, set);
    case 'net':
      return netParts(text, set);
    case 'port':
      return portParts(text, set, names);
    case 'iface':
      return [part(0n, 0, text)];
    case 'set':
      return [part(0n, 0, text)];
    case 'mac': {
      const mac = parseMac(text);
      if (mac === undefined) throw syntaxError(`cannot parse '${text}' as ethernet address`);
      return [part(BigInt(mac))];
    }
  }
}

const ORDINALS = ['First', 'Second', 'Third'];

/** The elements that a text stands for. @throws IpsetFailure */
export function parseElement(text: string, set: IpSet, names: IpsetNames): IpSetPart[][] {
  const { dims, name } = set.type;
  const words = text.split(',');
  if (words.length > dims.length) {
    const most = dims.length === 1 ? 'supports none' : `supports ${dims.length - 1} only`;
    throw syntaxError(`Elem separator in ${text}, but settype ${name} ${most}.`);
  }
  const lists = dims.map((d, i) => {
    const word = words[i];
    if (word === undefined || word === '')
      throw syntaxError(`${ORDINALS[i]} element is missing from ${text}.`);
    return dimParts(d, word, set, names);
  });
  return lists.reduce<IpSetPart[][]>(
    (all, list) => all.flatMap((head) => list.map((p) => [...head, p])),
    [[]],
  );
}

function portText(p: IpSetPart, set: IpSet, names: IpsetNames): string {
  if (set.type.dims.length === 1) return p.value.toString();
  const proto = names.protocolName(p.extra) ?? String(p.extra);
  if (proto !== 'icmp' && proto !== 'ipv6-icmp') return `${proto}:${p.value}`;
  const known = Object.entries(ICMP_CODES).find(([, n]) => BigInt(n) === p.value)?.[0];
  return `${proto === 'icmp' ? 'icmp' : 'icmpv6'}:${known ?? `${p.value >> 8n}/${p.value & 0xffn}`}`;
}

function partText(dim: IpSetDim, p: IpSetPart, set: IpSet, names: IpsetNames): string {
  const { family } = set.options;
  switch (dim) {
    case 'ip':
      return formatAddr(p.value, family);
    case 'net':
      return `${formatAddr(p.value, family)}${p.extra === addressBits(family) ? '' : `/${p.extra}`}`;
    case 'port':
      return portText(p, set, names);
    case 'mac':
      return formatMac(Number(p.value) as never).toUpperCase();
    default:
      return p.name;
  }
}

/** An element as it is listed. */
export function formatElement(parts: readonly IpSetPart[], set: IpSet, names: IpsetNames): string {
  return set.type.dims.map((d, i) => partText(d, parts[i] as IpSetPart, set, names)).join(',');
}
