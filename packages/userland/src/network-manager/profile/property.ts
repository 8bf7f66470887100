import { formatMac, parseMac } from '@labwire/core/addr';
import { formatInet, parseInet } from '../../libc-net/index.ts';
import { parseCidr } from '../../network-config/index.ts';

/** What values a property takes. Values are kept as text; a list's parts stand between commas. */
export type PropertyKind =
  | 'text'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'list'
  | 'mac'
  | 'mtu'
  | 'addresses'
  | 'servers'
  | 'gateway'
  | 'routes'
  | 'options'
  | 'user'
  | 'fixed';

/** One property of a setting. libnm-client-impl/nm-meta-setting-desc.c, `property_infos_*` */
export interface Property {
  readonly name: string;
  readonly kind: PropertyKind;
  /** What it is unless it is set. */
  readonly initial: string;
  /** Bounds of a number as nmcli checks them, and as the daemon does. */
  readonly range?: readonly [min: number, max: number];
  readonly daemonRange?: readonly [min: number, max: number];
  /** What a choice may be. */
  readonly choices?: readonly string[];
  /** What stands in brackets behind a number, by its value. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A value that a property does not take: the words behind `failed to modify SETTING.PROPERTY: `. */
export class BadValue extends Error {}

const TRUE = ['true', 'yes', 'on', '1', 'y', 't'];
const FALSE = ['false', 'no', 'off', '0', 'n', 'f'];

/** yes or no, however it is written. @throws BadValue */
function parseBoolean(text: string): string {
  const word = text.toLowerCase();
  if (TRUE.includes(word)) return 'yes';
  if (FALSE.includes(word)) return 'no';
  throw new BadValue(`'${text}' is not valid; use [true, yes, on] or [false, no, off]`);
}

function parseNumber({ range = [-2147483648, 2147483647] }: Property, text: string): string {
  const value = /^[+-]?\d+$/.test(text.trim())
    ? Number(text)
    : /^0x[0-9a-f]+$/i.test(text.trim())
      ? Number.parseInt(text, 16)
      : Number.NaN;
  if (Number.isNaN(value)) throw new BadValue(`'${text}' is not a valid number`);
  const [min, max] = range;
  if (value < min || value > max) throw new BadValue(`'${text}' is out of range [${min}, ${max}]`);
  return String(value);
}

/** Parts of a list of words, addresses, … as nmcli splits them. */
export function splitList(text: string, separators: RegExp = /[\s,]+/): string[] {
  return text.split(separators).filter((part) => part !== '');
}

function family(setting: string): 'IPv4' | 'IPv6' {
  return setting === 'ipv6' ? 'IPv6' : 'IPv4';
}

function inetOf(setting: string, text: string) {
  const addr = parseInet(text);
  return (typeof addr === 'number') === (setting === 'ipv4') ? addr : undefined;
}

function parseAddress(setting: string, text: string): string {
  const [head = ''] = text.split('/');
  const cidr = parseCidr(text);
  if (cidr === undefined || inetOf(setting, head) === undefined) {
    if (inetOf(setting, head) === undefined)
      throw new BadValue(`invalid IP address: Invalid ${family(setting)} address '${head}'`);
    const max = setting === 'ipv4' ? 32 : 128;
    throw new BadValue(`invalid prefix '${text.split('/')[1]}'; <1-${max}> allowed`);
  }
  return `${formatInet(cidr.address)}/${cidr.prefixLen}`;
}

/** `DST[/LEN] [VIA] [METRIC]`, as nmcli keeps it. @throws BadValue */
function parseRoute(setting: string, text: string): string {
  const [dst = '', ...rest] = text.trim().split(/\s+/);
  const cidr = dst === '' ? undefined : parseCidr(dst);
  if (cidr === undefined || inetOf(setting, dst.split('/')[0] ?? '') === undefined)
    throw new BadValue(
      `invalid route: invalid IP address: Invalid ${family(setting)} address '${dst.split('/')[0]}'. The valid syntax is: 'ip[/prefix] [next-hop] [metric] [attribute=val]... [,ip[/prefix] ...]'`,
    );
  const parts = [`${formatInet(cidr.address)}/${cidr.prefixLen}`];
  for (const word of rest) {
    const addr = inetOf(setting, word);
    if (addr !== undefined && parts.length === 1) parts.push(formatInet(addr));
    else if (/^\d+$/.test(word)) parts.push(word);
    else
      throw new BadValue(
        `invalid route: unrecognized argument '${word}'. Labwire has routes of destination, next hop and metric`,
      );
  }
  return parts.join(' ');
}

/** A value in the form in which it is kept. @throws BadValue */
export function normalize(setting: string, property: Property, text: string): string {
  if (text === '') return property.initial;
  switch (property.kind) {
    case 'boolean':
      return parseBoolean(text);
    case 'number':
      return parseNumber(property, text);
    case 'choice': {
      const choices = property.choices ?? [];
      const found = choices.find((c) => c === text);
      if (found !== undefined) return found;
      throw new BadValue(`'${text}' not among [${choices.join(', ')}]`);
    }
    case 'mac': {
      const mac = parseMac(text);
      if (mac === undefined) throw new BadValue(`'${text}' is not a valid Ethernet MAC`);
      return formatMac(mac).toUpperCase();
    }
    case 'mtu':
      return text === 'auto' ? '0' : parseNumber({ ...property, range: [0, 4294967295] }, text);
    case 'addresses':
      return splitList(text)
        .map((a) => parseAddress(setting, a))
        .join(',');
    case 'servers':
      return splitList(text)
        .map((server) => {
          const addr = inetOf(setting, server);
          if (addr === undefined)
            throw new BadValue(
              `invalid DNS server address: Invalid ${family(setting)} address '${server}'`,
            );
          return formatInet(addr);
        })
        .join(',');
    case 'gateway': {
      const addr = inetOf(setting, text);
      if (addr === undefined) throw new BadValue(`invalid gateway address '${text}'`);
      return formatInet(addr);
    }
    case 'routes':
      return splitList(text, /,/)
        .map((r) => parseRoute(setting, r))
        .join(',');
    case 'list':
    case 'options':
      return splitList(text).join(',');
    case 'user': {
      if (!/^\d+$/.test(text)) throw new BadValue(`'${text}' is not a valid number`);
      return text;
    }
    case 'fixed':
      throw new BadValue(
        `Labwire does not act on this property: it stays ${property.initial === '' ? 'unset' : `'${property.initial}'`}`,
      );
    case 'text':
      return text;
  }
}

/** A value as it is shown. @param terse without what stands in brackets */
export function shown(property: Property, value: string, terse: boolean): string {
  const { kind, labels } = property;
  if (kind === 'mtu' && value === '0') return 'auto';
  if (kind === 'addresses') return value.replaceAll(',', ', ');
  if (kind === 'routes')
    return value === ''
      ? ''
      : value
          .split(',')
          .map((r) => routeText(r, terse))
          .join(terse ? ', ' : '; ');
  const label = labels?.[value];
  return label === undefined || terse ? value : `${value} (${label})`;
}

function routeText(route: string, terse: boolean): string {
  if (terse) return route;
  const [ip = '', ...rest] = route.split(' ');
  const via = rest.find((w) => /[.:]/.test(w));
  const metric = rest.find((w) => /^\d+$/.test(w));
  const parts = [`ip = ${ip}`];
  if (via !== undefined) parts.push(`nh = ${via}`);
  if (metric !== undefined) parts.push(`mt = ${metric}`);
  return `{ ${parts.join(', ')} }`;
}
