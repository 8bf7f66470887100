import { utf8Encode } from '@labwire/core/bytes';

/** What came of a text with backslash escapes. */
export interface Escaped {
  /** For {@link escapedBytes}: bytes that escapes name stand in it as lone surrogates. */
  readonly text: string;
  /** `\c` stood in it: nothing more is printed. */
  readonly stop: boolean;
}

const NAMED: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** Puts in place of backslash escapes what they stand for; `octal` tells how `\0NNN` (echo, %b) or `\NNN` (printf) is written. */
export function expandEscapes(text: string, octal: 'zero' | 'plain'): Escaped {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c !== '\\' || i + 1 >= text.length) {
      out += c;
      continue;
    }
    const next = text[i + 1] as string;
    if (next === 'c') return { text: out, stop: true };
    const named = NAMED[next];
    const number = named === undefined ? numbered(text.slice(i + 1), octal) : undefined;
    if (number !== undefined) {
      out += number.text;
      i += number.length;
    } else {
      out += named ?? (octal === 'plain' && (next === '"' || next === "'") ? next : `\\${next}`);
      i++;
    }
  }
  return { text: out, stop: false };
}

function numbered(
  rest: string,
  octal: 'zero' | 'plain',
): { text: string; length: number } | undefined {
  const m = (octal === 'zero' ? /^0([0-7]{0,3})/ : /^([0-7]{1,3})/).exec(rest);
  if (m !== null) return byte(m, Number.parseInt(m[1] || '0', 8) & 0xff);
  const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
  if (hex !== null) return byte(hex, Number.parseInt(hex[1] as string, 16));
  const point = /^u([0-9a-fA-F]{1,4})/.exec(rest) ?? /^U([0-9a-fA-F]{1,8})/.exec(rest);
  return point === null ? undefined : character(point, Number.parseInt(point[1] as string, 16));
}

/** Where bytes above 0x7f are kept in texts, which no character has. */
const BYTES = 0xdc00;

function byte(m: RegExpExecArray, value: number): { text: string; length: number } {
  return character(m, value < 0x80 ? value : BYTES + value);
}

/** The bytes of an {@link Escaped} text. */
export function escapedBytes(text: string): Uint8Array {
  const raw = /[\udc80-\udcff]/.test(text);
  if (!raw) return utf8Encode(text);
  const pieces = [...text];
  return Uint8Array.from(
    pieces.flatMap((p) => {
      const code = p.charCodeAt(0);
      const isByte = p.length === 1 && code >= BYTES + 0x80 && code <= BYTES + 0xff;
      return isByte ? [code - BYTES] : [...utf8Encode(p)];
    }),
  );
}

function character(m: RegExpExecArray, code: number): { text: string; length: number } {
  return { text: String.fromCodePoint(code), length: m[0].length };
}

/** What echo prints for its arguments; `escapes`: as dash does, without being asked. */
export function echoText(args: readonly string[], escapes = false): string {
  let newline = true;
  let expand = escapes;
  let at = 0;
  for (; at < args.length && /^-[neE]+$/.test(args[at] as string); at++) {
    const letters = args[at] as string;
    if (escapes && letters !== '-n') break;
    if (letters.includes('n')) newline = false;
    for (const c of letters) if (c === 'e' || c === 'E') expand = c === 'e';
  }
  const text = args.slice(at).join(' ');
  if (!expand) return text + (newline ? '\n' : '');
  const done = expandEscapes(text, 'zero');
  return done.text + (newline && !done.stop ? '\n' : '');
}
