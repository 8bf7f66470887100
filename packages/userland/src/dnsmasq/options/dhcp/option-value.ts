import { parseIpv4, parseIpv6, putIpv6 } from '@labwire/core/addr';
import { put16, put32 } from '@labwire/core/bytes';
import { DhcpOpt } from '@labwire/devices/dhcp';
import type { OptionRule } from '../../config/index.ts';
import type { NamedOption } from '../../dhcp/option-names/index.ts';
import { OptionError } from '../../fatal.ts';
import { canonicalise, splitAll, splitAt, unhide } from '../option-text.ts';
import { parseHex, parseTime, textBytes } from './dhcp-words.ts';

const SIP_SERVER = 120;
const NTP_SERVER6 = 56;
const SIZES: Readonly<Record<string, number>> = { b: 1, s: 2, i: 4 };

/** An option's data, and what they are. */
export type Value = Pick<OptionRule, 'data' | 'type' | 'wildcards'>;

/** For which option a value is read. */
export interface ValueTarget {
  readonly code: number;
  readonly option: NamedOption | undefined;
  readonly v6: boolean;
  /** It stands on its own in the message. */
  readonly plain: boolean;
  /** --dhcp-match */
  readonly match: boolean;
}

/** What a text could be. */
interface Character {
  readonly addresses: boolean;
  readonly addresses6: boolean;
  readonly hex: boolean;
  readonly decimal: boolean;
}

/** Which kinds of value a text can be, by its characters. */
function characterise(text: string, match: boolean): Character {
  const digit = /\d/.test(text);
  const inAddress = /^[\d.,:/ ]*$/.test(text) && !text.startsWith('/');
  return {
    addresses: digit && inAddress && !text.includes(':'),
    addresses6: /^[\da-fA-F.,: [\]]*$/.test(text) && text.includes(':'),
    hex: (match ? /^[\da-fA-F:*]*$/ : /^[\da-fA-F:]*$/).test(text) && text.includes(':'),
    decimal: digit && /^-?[\d-]*[bsi]?$/.test(text),
  };
}

/** Reads an option's value. @throws OptionError dnsmasq src/option.c, parse_dhcp_opt() */
export function readValue(text: string, target: ValueTarget): Value {
  const is = characterise(text, target.match);
  const kind = kindOf(target, is);
  if (kind === 'addresses' && target.v6 && !is.addresses6)
    throw new OptionError('bad IPv6 address');
  if (kind === 'addresses' && !target.v6 && !(is.addresses && text.includes('.')))
    throw new OptionError('bad IP address');
  if (kind === 'time' && /\d/.test(text)) return bytes(int32(parseTime(text) ?? 0));
  const named = kind === 'name' || kind === 'names' || kind === 'strings';
  if (!named && kind !== 'addresses') {
    if (is.hex) return hexValue(text);
    if (is.decimal) return bytes(number(text, target.option?.size ?? 0));
  }
  if (!named && is.addresses && !target.v6) return addressValue(text, target);
  if (!named && is.addresses6 && target.v6) return address6Value(text);
  return textValue(text, target, kind);
}

/** The kind that is known of an option; a time server of DHCPv6 is an address or a name. */
function kindOf({ code, option, v6, plain }: ValueTarget, is: Character): NamedOption['kind'] {
  if (v6 && code === NTP_SERVER6 && !is.hex) return is.addresses6 ? 'addresses' : 'names';
  return plain || v6 ? (option?.kind ?? 'bytes') : 'bytes';
}

function bytes(data: Uint8Array): Value {
  return { data, type: 'bytes', wildcards: 0 };
}

function hexValue(text: string): Value {
  const hex = parseHex(text, text.split(':').length, false);
  return { data: hex?.bytes ?? new Uint8Array(0), type: 'hex', wildcards: hex?.wildcards ?? 0 };
}

function int32(value: number): Uint8Array {
  const data = new Uint8Array(4);
  put32(data, 0, value);
  return data;
}

/** A number in as many bytes as the option has, as its letter says, or as it needs. */
function number(text: string, known: number): Uint8Array {
  const value = Number.parseInt(text, 10) | 0;
  const needed = (value & 0xffff_0000) !== 0 ? 4 : (value & 0xff00) !== 0 ? 2 : 1;
  const size = SIZES[text.at(-1) as string] ?? (known === 0 ? needed : known);
  return int32(value).slice(4 - size);
}

/** Addresses, or nets with their length in front (RFC 3442). */
function addressValue(text: string, { code, v6, plain }: ValueTarget): Value {
  const sip = plain && !v6 && code === SIP_SERVER;
  const data: number[] = sip ? [1] : [];
  let fixed = sip;
  for (const word of splitAll(text)) {
    const [head, tail] = splitAt(word, '/');
    const addr = parseIpv4(head);
    if (addr === undefined) throw new OptionError('bad IPv4 address');
    const four = [...int32(addr)];
    if (tail === undefined) data.push(...four);
    else {
      const length = Number.parseInt(tail, 10) || 0;
      data.push(length, ...four.slice(0, Math.min(4, (length + 7) >> 3)));
      fixed = true;
    }
  }
  return { data: new Uint8Array(data), type: fixed ? 'bytes' : 'addresses', wildcards: 0 };
}

function address6Value(text: string): Value {
  const words = splitAll(text).map((w) => w.replace(/^\[/, '').replace(/\]$/, ''));
  const data = new Uint8Array(16 * words.length);
  for (const [i, word] of words.entries()) {
    const addr = parseIpv6(word);
    if (addr === undefined) throw new OptionError('bad IPv6 address');
    putIpv6(data, 16 * i, addr);
  }
  return { data, type: 'addresses6', wildcards: 0 };
}

function textValue(text: string, target: ValueTarget, kind: NamedOption['kind']): Value {
  const { code, v6, plain } = target;
  if (!v6 && plain && (code === DhcpOpt.domainSearch || code === SIP_SERVER))
    return bytes(compressedNames(splitAll(text), code === SIP_SERVER));
  if (v6 && kind === 'strings') return bytes(countedStrings(splitAll(text)));
  if (v6 && kind === 'names') return bytes(names6(splitAll(text), code));
  return { data: textBytes(text), type: 'string', wildcards: 0 };
}

function labels(word: string): string[] {
  if (word === '.') return [];
  const name = canonicalise(unhide(word));
  if (name === undefined) throw new OptionError('bad domain in dhcp-option');
  return name.split('.');
}

function labelBytes(label: string): number[] {
  return [label.length, ...[...label].map((c) => c.charCodeAt(0))];
}

/** Domain names whose endings point to earlier ones. RFC 3397, RFC 3361 */
function compressedNames(words: readonly string[], sip: boolean): Uint8Array {
  const data: number[] = [];
  const places = new Map<string, number>();
  for (const word of words.filter((w) => w !== '')) {
    const rest = labels(word);
    let pointed = false;
    const before = new Map(places);
    while (rest.length > 0 && !pointed) {
      const tail = rest.join('.');
      const at = before.get(tail);
      if (at !== undefined) {
        data.push(0xc0 | (at >> 8), at & 0xff);
        pointed = true;
      } else {
        places.set(tail, data.length);
        data.push(...labelBytes(rest.shift() as string));
      }
    }
    if (!pointed) data.push(0);
  }
  return new Uint8Array(sip ? [0, ...data] : data);
}

function names6(words: readonly string[], code: number): Uint8Array {
  const data: number[] = [];
  for (const word of words.filter((w) => w !== '')) {
    const name = [...labels(word).flatMap(labelBytes), 0];
    if (code === NTP_SERVER6) data.push(0, 3, name.length >> 8, name.length & 0xff);
    data.push(...name);
  }
  return new Uint8Array(data);
}

function countedStrings(words: readonly string[]): Uint8Array {
  const parts = words.map((word) => {
    const text = textBytes(word);
    const part = new Uint8Array(2 + text.length);
    put16(part, 0, text.length);
    part.set(text, 2);
    return [...part];
  });
  return new Uint8Array(parts.flat());
}
