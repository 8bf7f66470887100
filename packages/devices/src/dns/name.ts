import { get8, get16 } from '@labwire/core/bytes';

/**
 * Domain names as text: labels with dots between, none at the end, empty for the root. A byte that is no printable
 * character is `\DDD`, and a character that has a meaning in zone files has a backslash before it, as BIND prints
 * them. RFC 1035 sections 3.1, 4.1.4 and 5.1
 */

/** Bytes of a label, and of a whole name on the wire. RFC 1035 section 2.3.4 */
export const MAX_LABEL = 63;
export const MAX_NAME = 255;
/** A pointer's top bits. */
const POINTER = 0xc0;
/** Pointers that a name may follow; each leads further back, so a longer chain is no name. */
const MAX_JUMPS = 127;
const SPECIAL = '"().;\\@$';

/** A name that was read, and where the bytes behind it begin. */
export interface ReadName {
  readonly name: string;
  readonly end: number;
}

function byteText(byte: number): string {
  if (byte <= 0x20 || byte >= 0x7f) return `\\${String(byte).padStart(3, '0')}`;
  const c = String.fromCharCode(byte);
  return SPECIAL.includes(c) ? `\\${c}` : c;
}

function labelText(buf: Uint8Array, off: number, len: number): string {
  let text = '';
  for (let i = off; i < off + len; i++) text += byteText(get8(buf, i));
  return text;
}

/** Reads a name, through its pointers. @returns undefined if it leaves the message, is too long or does not end */
export function readName(buf: Uint8Array, off: number): ReadName | undefined {
  const labels: string[] = [];
  let at = off;
  let end = -1;
  let length = 1;
  let jumps = 0;
  while (at < buf.length) {
    const len = get8(buf, at);
    if (len === 0) return { name: labels.join('.'), end: end < 0 ? at + 1 : end };
    if (len >= POINTER) {
      if (at + 2 > buf.length || ++jumps > MAX_JUMPS) return undefined;
      if (end < 0) end = at + 2;
      at = get16(buf, at) & 0x3fff;
      continue;
    }
    length += len + 1;
    if (len > MAX_LABEL || at + 1 + len > buf.length || length > MAX_NAME) return undefined;
    labels.push(labelText(buf, at + 1, len));
    at += 1 + len;
  }
  return undefined;
}

/** The byte that begins at `i` of a name's text, and how many characters it takes. @returns undefined if the escape is none */
function textByte(
  name: string,
  i: number,
): { readonly byte: number; readonly size: number } | undefined {
  const code = name.charCodeAt(i);
  if (code !== 0x5c) return code > 0xff ? undefined : { byte: code, size: 1 };
  const digits = /^\d{3}/.exec(name.slice(i + 1, i + 4))?.[0];
  if (digits !== undefined)
    return Number(digits) > 0xff ? undefined : { byte: Number(digits), size: 4 };
  const next = name.charCodeAt(i + 1);
  return Number.isNaN(next) || next > 0xff || (next >= 0x30 && next <= 0x39)
    ? undefined
    : { byte: next, size: 2 };
}

/** What is wrong with a name's text, in the words of BIND. lib/isc/result.c */
export type NameError =
  | 'empty label'
  | 'label too long'
  | 'name too long'
  | 'bad escape'
  | 'bad name';

/** Cuts a name into the bytes of its labels; a dot at the end may be there. */
export function nameLabels(text: string): readonly (readonly number[])[] | NameError {
  if (text === '' || text === '.') return [];
  const labels: number[][] = [];
  let label: number[] = [];
  let length = 1;
  for (let i = 0; i < text.length; ) {
    if (text[i] === '.') {
      if (label.length === 0) return 'empty label';
      labels.push(label);
      label = [];
      i++;
      continue;
    }
    const found = textByte(text, i);
    if (found === undefined) return 'bad escape';
    label.push(found.byte);
    if (label.length > MAX_LABEL) return 'label too long';
    i += found.size;
  }
  if (label.length > 0) labels.push(label);
  for (const each of labels) length += each.length + 1;
  return length > MAX_NAME ? 'name too long' : labels;
}

/** A name's text as {@link readName} gives it. @returns undefined if it is none */
export function normalName(text: string): string | undefined {
  const labels = nameLabels(text);
  if (typeof labels === 'string') return undefined;
  return labels.map((label) => label.map(byteText).join('')).join('.');
}

/** Whether two names are the same: case does not count. RFC 4343 */
export function sameName(a: string, b: string): boolean {
  return a.length === b.length && a.toLowerCase() === b.toLowerCase();
}

/** Whether a name is a domain or is below it. */
export function isInDomain(name: string, domain: string): boolean {
  if (domain === '') return true;
  const at = name.length - domain.length;
  if (at < 0 || !sameName(name.slice(at), domain)) return false;
  return at === 0 || (name[at - 1] === '.' && name[at - 2] !== '\\');
}
