import type { Ipv6Addr } from '@labwire/core/addr';
import {
  type DnsRecord,
  type FieldKind,
  type FieldValue,
  layoutOf,
  typeName,
} from '@labwire/devices/dns';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../libc-net/index.ts';

const TYPE_SOA = 6;
const TYPE_CAA = 257;

/** Bytes in hexadecimal. */
export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0').toUpperCase()).join('');
}

/** A string between quotes. */
export function quoted(bytes: Uint8Array): string {
  const text = Array.from(bytes, (b) => {
    if (b < 0x20 || b > 0x7e) return `\\${String(b).padStart(3, '0')}`;
    const c = String.fromCharCode(b);
    return c === '"' || c === '\\' ? `\\${c}` : c;
  });
  return `"${text.join('')}"`;
}

/** A name with its dot at the end. */
export function absolute(name: string): string {
  return `${name}.`;
}

/** A name as it is shown alone: without the last dot. dns_name_format() */
export function shownName(name: string): string {
  return name === '' ? '.' : name;
}

/** The name of a type; `TYPE…` for one without. */
export function typeText(type: number): string {
  return typeName(type) ?? `TYPE${type}`;
}

function fieldText(kind: FieldKind, value: FieldValue, type: number): string {
  switch (kind) {
    case 'u8':
    case 'u16':
    case 'u32':
      return String(value);
    case 'ipv4':
    case 'ipv6':
      return formatInet(value as InetAddr | Ipv6Addr as InetAddr);
    case 'cname':
    case 'name':
      return absolute(value as string);
    case 'string':
      return type === TYPE_CAA
        ? String.fromCharCode(...(value as Uint8Array))
        : quoted(value as Uint8Array);
    case 'strings':
      return (value as readonly Uint8Array[]).map(quoted).join(' ');
    case 'rest':
      return type === TYPE_CAA ? quoted(value as Uint8Array) : hexText(value as Uint8Array);
  }
}

/** The data of a type that has no layout: RFC 3597 section 5. */
function unknownText(bytes: Uint8Array): string {
  const hex = hexText(bytes);
  return hex === '' ? '\\# 0' : `\\# ${bytes.length} ${hex}`;
}

/** The data of a record as zone files hold it. dns_rdata_totext() */
export function rdataText({ type, data }: DnsRecord): string {
  const layout = layoutOf(type);
  if (layout.length === 1 && layout[0] === 'rest') return unknownText(data[0] as Uint8Array);
  return layout.map((kind, i) => fieldText(kind, data[i] as FieldValue, type)).join(' ');
}

/** How long a time is: `1h30m`. dns_ttl_totext() */
export function ttlUnits(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 604_800), 'w'],
    [Math.floor(seconds / 86_400) % 7, 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  const shown = parts.filter(([n]) => n > 0);
  return shown.length === 0 ? '0s' : shown.map(([n, unit]) => `${n}${unit}`).join('');
}

/** Lines of an SOA record's data with what each number is, for +multiline. */
export function soaLines({ data }: DnsRecord): string[] {
  const names = ['serial', 'refresh', 'retry', 'expire', 'minimum'];
  const lines = names.map((name, i) => {
    const value = data[i + 2] as number;
    const units = i === 0 ? '' : ` (${longUnits(value)})`;
    return `${String(value).padEnd(10)} ; ${name}${units}`;
  });
  return [`${absolute(data[0] as string)} ${absolute(data[1] as string)} (`, ...lines, ')'];
}

function longUnits(seconds: number): string {
  const names: Readonly<Record<string, string>> = {
    w: 'week',
    d: 'day',
    h: 'hour',
    m: 'minute',
    s: 'second',
  };
  const words = [...ttlUnits(seconds).matchAll(/(\d+)(.)/g)].map(([, n = '', unit = '']) => {
    const word = names[unit] ?? '';
    return `${n} ${word}${n === '1' ? '' : 's'}`;
  });
  return words.join(' ');
}

/** Whether a record's data takes several lines with +multiline. */
export function isMultiline({ type }: DnsRecord): boolean {
  return type === TYPE_SOA;
}
