import { getIpv6, type Ipv4Addr } from '@labwire/core/addr';
import { get16, get32 } from '@labwire/core/bytes';
import { LEASE_INFINITE } from '@labwire/devices/dhcp';
import { formatInet } from '../../../libc-net/index.ts';
import { type NamedOption, OPTIONS6, optionByCode } from './option-table.ts';

/** Bytes of an unknown option that a log line shows. */
const SHOWN_BYTES = 14;

/** Bytes in hexadecimal with colons between. dnsmasq src/util.c, print_mac() */
export function hexText(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<null>';
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join(':');
}

/** A time as days, hours, minutes and seconds: `1h30m`. prettyprint_time() */
export function prettyTime(seconds: number): string {
  if (seconds === LEASE_INFINITE) return 'infinite';
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.map(([n, unit]) => (n === 0 ? '' : `${n}${unit}`)).join('');
}

/** The characters of bytes that can be printed. */
export function printable(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.filter((b) => b >= 0x20 && b < 0x7f));
}

/** An option's value as a log line shows it. option_string() */
export function optionString(
  table: readonly NamedOption[],
  code: number,
  data: Uint8Array,
): string {
  const option = optionByCode(table, code);
  switch (option?.kind) {
    case 'addresses':
      return addresses(data, table === OPTIONS6);
    case 'name':
      return printable(data);
    case 'decimal':
      return data.length === 0 ? '' : String(unsigned(data));
    case 'time':
      return data.length === 0 ? '' : prettyTime(unsigned(data));
    case 'names':
      return table === OPTIONS6 ? domainNames(data) : unknown(data);
    case 'strings':
      return countedStrings(data);
    default:
      return unknown(data);
  }
}

function addresses(data: Uint8Array, v6: boolean): string {
  const size = v6 ? 16 : 4;
  const texts: string[] = [];
  for (let at = 0; at + size <= data.length; at += size)
    texts.push(formatInet(v6 ? getIpv6(data, at) : (get32(data, at) as Ipv4Addr)));
  return texts.join(', ');
}

function unsigned(data: Uint8Array): number {
  return data.reduce((sum, byte) => ((sum << 8) | byte) >>> 0, 0);
}

function unknown(data: Uint8Array): string {
  if (data.length === 0) return '';
  const more = data.length > SHOWN_BYTES ? '...' : '';
  return `${hexText(data.subarray(0, SHOWN_BYTES))}${more}`;
}

/** The labels of names up to the first zero byte, with dots between. */
function domainNames(data: Uint8Array): string {
  const labels: string[] = [];
  for (let at = 0; at < data.length && data[at] !== 0; at += (data[at] as number) + 1)
    labels.push(printable(data.subarray(at + 1, at + 1 + (data[at] as number))));
  return labels.join('.');
}

function countedStrings(data: Uint8Array): string {
  const texts: string[] = [];
  for (let at = 0; at + 2 <= data.length; ) {
    const length = get16(data, at);
    texts.push(printable(data.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  return texts.join(',');
}
