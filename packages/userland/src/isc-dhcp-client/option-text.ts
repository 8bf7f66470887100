import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { get16, get32, getU32 } from '@labwire/core/bytes';
import type { DhclientOption } from './option-table.ts';

const SIZES: Readonly<Record<string, number>> = { I: 4, L: 4, l: 4, S: 2, B: 1, f: 1 };

/** How a value is written: with commas and quotes in a lease file, without in the script's environment. */
export type TextStyle = 'file' | 'environment';

/** An option's value as text. common/options.c, pretty_print_option() */
export function optionText(option: DhclientOption, data: Uint8Array, style: TextStyle): string {
  const { format } = option;
  if (format === 't') return quoted(data, style);
  if (format === 'X') return bytesText(data, style);
  if (format === 'D') return namesText(data, style);
  return elementsText(format.replace(/[Aa]$/, ''), /[Aa]$/.test(format), data, style);
}

function elementsText(format: string, many: boolean, data: Uint8Array, style: TextStyle): string {
  const size = [...format].reduce((sum, letter) => sum + (SIZES[letter] ?? 1), 0);
  const groups: string[] = [];
  for (let at = 0; at + size <= data.length && (many || groups.length === 0); at += size)
    groups.push(groupText(format, data, at));
  return groups.join(many && style === 'file' ? ',' : ' ');
}

function groupText(format: string, data: Uint8Array, start: number): string {
  let at = start;
  const words: string[] = [];
  for (const letter of format) {
    words.push(elementText(letter, data, at));
    at += SIZES[letter] ?? 1;
  }
  return words.join(' ');
}

function elementText(letter: string, data: Uint8Array, at: number): string {
  switch (letter) {
    case 'I':
      return formatIpv4(get32(data, at) as Ipv4Addr);
    case 'L':
      return String(getU32(data, at));
    case 'l':
      return String(get32(data, at));
    case 'S':
      return String(get16(data, at));
    case 'f':
      return data[at] === 0 ? 'false' : 'true';
    default:
      return String(data[at]);
  }
}

/** A text up to its zero byte. */
function quoted(data: Uint8Array, style: TextStyle): string {
  const end = data.at(-1) === 0 ? data.length - 1 : data.length;
  const text = [...data.subarray(0, end)].map((b) => characterText(b, style)).join('');
  return style === 'file' ? `"${text}"` : text;
}

function characterText(byte: number, style: TextStyle): string {
  const c = String.fromCharCode(byte);
  if (byte < 0x20 || byte >= 0x7f) return `\\${byte.toString(8).padStart(3, '0')}`;
  return style === 'file' && /["'$`\\]/.test(c) ? `\\${c}` : c;
}

/** Bytes, as a text if all of them can be printed. */
function bytesText(data: Uint8Array, style: TextStyle): string {
  const isText =
    data.length > 0 &&
    data.every((b, i) => isPrintable(b) || (b === 0 && i === data.length - 1 && i > 0));
  if (isText) return quoted(data, style);
  return Array.from(data, (b) => b.toString(16)).join(':');
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

/** Domain names with a dot at the end each, pointers followed. */
function namesText(data: Uint8Array, style: TextStyle): string {
  const names: string[] = [];
  for (let at = 0; at < data.length; ) {
    const found = nameAt(data, at);
    if (found === undefined) break;
    names.push(style === 'file' ? `"${found.name}"` : found.name);
    at = found.next;
  }
  return names.join(style === 'file' ? ', ' : ' ');
}

function nameAt(data: Uint8Array, start: number): { name: string; next: number } | undefined {
  let name = '';
  let at = start;
  let next = -1;
  for (let steps = 0; steps < 128; steps++) {
    const length = data[at];
    if (length === undefined) return undefined;
    if (length === 0) return { name: name === '' ? '.' : name, next: next < 0 ? at + 1 : next };
    if ((length & 0xc0) === 0xc0) {
      if (at + 1 >= data.length) return undefined;
      if (next < 0) next = at + 2;
      at = ((length & 0x3f) << 8) | (data[at + 1] as number);
    } else {
      if (at + 1 + length > data.length) return undefined;
      name += `${String.fromCharCode(...data.subarray(at + 1, at + 1 + length))}.`;
      at += 1 + length;
    }
  }
  return undefined;
}
