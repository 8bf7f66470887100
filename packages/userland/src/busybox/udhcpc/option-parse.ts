import { put16, put32 } from '@labwire/core/bytes';
import type { DhcpOption } from '@labwire/devices/dhcp';
import { inetAton } from '../../libc-net/index.ts';
import { encodeName } from './domain-names.ts';
import { UdhcpcError } from './errors.ts';
import { type OptionType, optionByName, unknownOption } from './option-table.ts';

/** Bytes that a list may come to. */
const LIST_MAX = 255;
const STRING_MAX = 254;

/** An option that -x puts into every message; its bytes grow with a list. */
export interface SentOption extends DhcpOption {
  data: Uint8Array;
}

/** Reads an unsigned number in any base, as bb_strtou(3) with base 0. */
export function parseUnsigned(text: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return Number.parseInt(text, 16);
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Adds what one -x says to the options, which stay ordered by code. A wrong value is left out in silence. `udhcp_str2optset()` */
export function addSentOption(options: SentOption[], text: string): void {
  const m = /^[ \t=:]*([^ \t=:]+)[ \t=:]?([\s\S]*)$/.exec(text);
  if (m === null) return;
  const [, name = '', value = ''] = m;
  const code = parseUnsigned(name);
  if (code !== undefined && code < 255) {
    addRaw(options, code, value.trim());
    return;
  }
  const known = optionByName(name);
  if (known === undefined) throw new UdhcpcError(unknownOption(name));
  const words = value.split(/[, \t]+/).filter((w) => w !== '');
  for (let at = 0; at < words.length; ) {
    const taken = known.type === 'ip-pair' || known.type === 'routes' ? 2 : 1;
    const data = encode(known.type, words.slice(at, at + taken));
    if (data === undefined) return;
    attach(options, known.code, data, known.list);
    if (!known.list) return;
    at += taken;
  }
}

/** An option by number: hexadecimal bytes, or a text in quotes. */
function addRaw(options: SentOption[], code: number, value: string): void {
  if (value === '') return;
  const quoted = /^(["'])([\s\S]*)\1$/.exec(value);
  if (quoted !== null) {
    if (quoted[2] !== '') attach(options, code, bytesOf(quoted[2] as string), false);
    return;
  }
  const hex = value.replace(/:/g, '');
  if (!/^([0-9a-fA-F]{2})*$/.test(hex)) throw new UdhcpcError(`malformed hex string '${value}'`);
  const data = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  attach(options, code, data.subarray(0, 255), false);
}

function encode(type: OptionType, words: readonly string[]): Uint8Array | undefined {
  const [first = '', second] = words;
  switch (type) {
    case 'ip':
      return address(first);
    case 'ip-pair':
      return second === undefined ? undefined : join(address(first), address(second));
    case 'string':
    case 'host':
      return bytesOf(first);
    case 'dns-names':
      return encodeName(first);
    case 'u8':
      return number(first, 1);
    case 'u16':
      return number(first, 2);
    case 'u32':
    case 's32':
      return number(first, 4);
    case 'routes':
      return route(first, second);
    case 'sip-servers':
    case '6rd':
      return undefined;
  }
}

function address(text: string): Uint8Array {
  const addr = inetAton(text);
  if (addr === undefined) throw new UdhcpcError(`bad address '${text}'`);
  const data = new Uint8Array(4);
  put32(data, 0, addr);
  return data;
}

function number(text: string, size: 1 | 2 | 4): Uint8Array | undefined {
  const value = parseUnsigned(text.replace(/^-/, ''));
  if (value === undefined || value > 0xffff_ffff) return undefined;
  const data = new Uint8Array(size);
  const signed = text.startsWith('-') ? -value : value;
  if (size === 1) data[0] = signed;
  else if (size === 2) put16(data, 0, signed);
  else put32(data, 0, signed | 0);
  return data;
}

/** `NET/LENGTH ROUTER`. RFC 3442 */
function route(net: string, router: string | undefined): Uint8Array | undefined {
  const m = /^(.*)\/(\d+)$/.exec(net);
  if (m === null || router === undefined || Number(m[2]) > 32) return undefined;
  const length = Number(m[2]);
  const prefix = address(m[1] as string).subarray(0, (length + 7) >> 3);
  return join(new Uint8Array([length]), prefix, address(router));
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((p) => [...p]));
}

/** The bytes of a text, at most as many as an option of a client may have. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from([...text].slice(0, STRING_MAX), (c) => c.charCodeAt(0));
}

/** Puts an option in its place; a list is added to what is there, of anything else the first one stays. `attach_option()` */
function attach(options: SentOption[], code: number, data: Uint8Array, list: boolean): void {
  const existing = options.find((o) => o.code === code);
  if (existing === undefined) insertOption(options, { code, data });
  else if (list && existing.data.length + data.length < LIST_MAX)
    existing.data = join(existing.data, data);
}

/** Inserts an option before the first of the same or a higher code. `udhcp_insert_new_option()` */
export function insertOption(options: SentOption[], option: SentOption): void {
  const at = options.findIndex((o) => o.code >= option.code);
  options.splice(at < 0 ? options.length : at, 0, option);
}
