import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { get16, get32, getU32 } from '@labwire/core/bytes';
import { decodeNames } from './domain-names.ts';
import type { OptionType } from './option-table.ts';

/** Bytes of one element. networking/udhcp/common.c, dhcp_option_lengths */
const ELEMENT: Readonly<Partial<Record<OptionType, number>>> = {
  ip: 4,
  'ip-pair': 8,
  u16: 2,
  u32: 4,
  s32: 4,
  routes: 5,
  '6rd': 12,
};

const ip = (data: Uint8Array, at: number): string => formatIpv4(get32(data, at) as Ipv4Addr);

/** What the script's environment says of an option. `xmalloc_optname_optval()` */
export function optionText(type: OptionType, data: Uint8Array): string {
  const size = ELEMENT[type] ?? 1;
  if (data.length < size) return '';
  switch (type) {
    case 'string':
      return latin1(data);
    case 'host':
      return hostText(latin1(data));
    case 'routes':
      return routesText(data);
    case 'dns-names':
      return decodeNames(data) ?? '';
    case 'sip-servers':
      if (data[0] === 1) return each(data.subarray(1), 4, ip);
      return data[0] === 0 ? (decodeNames(data.subarray(1)) ?? '') : '';
    case '6rd':
      return sixRdText(data);
    case 'ip':
      return each(data, size, ip);
    case 'ip-pair':
      return each(data, size, (d, at) => `${ip(d, at)}/${ip(d, at + 4)}`);
    case 'u8':
      return each(data, size, (d, at) => String(d[at]));
    case 'u16':
      return each(data, size, (d, at) => String(get16(d, at)));
    case 'u32':
    case 's32':
      // both print the unsigned value: it is widened before it is formatted
      return each(data, size, (d, at) => String(getU32(d, at)));
  }
}

function each(
  data: Uint8Array,
  size: number,
  format: (data: Uint8Array, at: number) => string,
): string {
  const parts: string[] = [];
  for (let at = 0; at + size <= data.length; at += size) parts.push(format(data, at));
  return parts.join(' ');
}

/** Bytes as text, one character each, up to a zero byte. */
export function latin1(data: Uint8Array): string {
  let text = '';
  for (const byte of data) {
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** A name that a shell command could take for something else becomes `bad`. `good_hostname()` */
function hostText(name: string): string {
  return /^(?!-)[A-Za-z0-9_.-]*$/.test(name) ? name : 'bad'.slice(0, Math.max(0, name.length - 1));
}

/** Routes as `NET/LENGTH ROUTER …`. RFC 3442 */
function routesText(data: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; data.length - at >= 5; ) {
    const length = data[at] as number;
    const bytes = (length + 7) >> 3;
    if (length > 32 || at + 1 + bytes + 4 > data.length) break;
    const net = new Uint8Array(4);
    net.set(data.subarray(at + 1, at + 1 + bytes));
    parts.push(`${ip(net, 0)}/${length} ${ip(data, at + 1 + bytes)}`);
    at += 1 + bytes + 4;
  }
  return parts.join(' ');
}

/** RFC 5969 section 7.1.1 */
function sixRdText(data: Uint8Array): string {
  const [maskLength = 0, prefixLength = 0] = data;
  if (data.length < 22 || maskLength > 32 || prefixLength + 32 - maskLength > 128) return '';
  const words = each(data.subarray(2, 18), 2, (d, at) =>
    get16(d, at).toString(16).padStart(4, '0'),
  );
  return `${maskLength} ${prefixLength} ${words.replaceAll(' ', ':')} ${each(data.subarray(18), 4, ip)}`;
}
