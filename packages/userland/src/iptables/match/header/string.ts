import { utf8Encode } from '@labwire/core/bytes';
import type { StringMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { bang, not } from '../format.ts';

type State = { -readonly [K in keyof StringMatch]: StringMatch[K] };

/** XT_STRING_MAX_PATTERN_SIZE */
const MAX_PATTERN = 128;
const OFFSET_MAX = 0xffff;
const BACKSLASH = '\\';

/** One character per byte. */
function bytesAsText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function parseText(text: string): Uint8Array {
  const pattern = utf8Encode(text);
  if (pattern.length > MAX_PATTERN) throw parameterProblem(`STRING too long "${text}"`);
  return pattern;
}

/** Text with `|` around bytes in hexadecimal; a backslash takes the meaning from the next character. `parse_hex_string()` */
function parseHexText(typed: string): Uint8Array {
  if (typed === '') throw parameterProblem('STRING must contain at least one char');
  const s = bytesAsText(utf8Encode(typed));
  const pattern: number[] = [];
  let hex = false;
  for (let i = 0; i < s.length; ) {
    if (pattern.length >= MAX_PATTERN) throw parameterProblem(`STRING too long "${typed}"`);
    if (s[i] === BACKSLASH) {
      if (hex) throw parameterProblem('Cannot include literals in hex data');
      if (i + 1 >= s.length) throw parameterProblem('Bad literal placement at end of string');
      pattern.push(s.charCodeAt(i + 1));
      i += 2;
      continue;
    }
    if (s[i] === '|') {
      hex = !hex;
      while (hex && s[i + 1] === ' ') i++;
      i++;
      if (i >= s.length) break;
    }
    if (hex) {
      pattern.push(hexByte(s, i));
      i += s[i + 2] === ' ' ? 3 : 2;
    } else {
      pattern.push(s.charCodeAt(i));
      i++;
    }
  }
  return Uint8Array.from(pattern);
}

function hexByte(s: string, i: number): number {
  if (i + 1 >= s.length) throw parameterProblem('Odd number of hex digits');
  if (i + 2 >= s.length) throw parameterProblem('Invalid hex block');
  const digits = s.slice(i, i + 2);
  const bad = [...digits].find((c) => !/[0-9a-f]/i.test(c));
  if (bad !== undefined) throw parameterProblem(`Invalid hex char '${bad}'`);
  return Number.parseInt(digits, 16);
}

function isText(pattern: Uint8Array): boolean {
  return pattern.every((c) => c >= 0x20 && c < 0x7f) && pattern.at(-1) !== BACKSLASH.charCodeAt(0);
}

/** In quotes; in hexadecimal if it cannot be text. */
function quoted(pattern: Uint8Array): string {
  if (!isText(pattern))
    return ` "|${[...pattern].map((c) => c.toString(16).padStart(2, '0')).join('')}|"`;
  return ` "${bytesAsText(pattern).replace(/["\\]/g, '\\$&')}"`;
}

/** `-m string`. extensions/libxt_string.c */
export const string: MatchExtension = defineMatch<StringMatch, State>({
  name: 'string',
  kinds: ['string'],
  options: [
    { name: 'from', type: 'uint16' },
    { name: 'to', type: 'uint16' },
    { name: 'algo', type: 'string', mandatory: true },
    { name: 'string', type: 'string', invert: true, excl: ['hex-string'] },
    { name: 'hex-string', type: 'string', invert: true, excl: ['string'] },
    { name: 'icase', type: 'none' },
  ],
  init: () => ({
    kind: 'string',
    algo: '',
    from: 0,
    to: OFFSET_MAX,
    pattern: new Uint8Array(0),
    icase: false,
    invert: false,
  }),
  parse({ name, value, invert }, state) {
    if (name === 'from' || name === 'to') state[name] = value.num;
    else if (name === 'algo') state.algo = value.text.slice(0, 15);
    else if (name === 'icase') state.icase = true;
    else {
      state.pattern = name === 'string' ? parseText(value.text) : parseHexText(value.text);
      state.invert = invert;
    }
  },
  check(_state, seen) {
    if (!seen.has('string') && !seen.has('hex-string'))
      throw parameterProblem("STRING match: You must specify `--string' or `--hex-string'");
  },
  finish: (state) => state,
  print: (m) =>
    ` STRING match ${bang(m)}${quoted(m.pattern)} ALGO name ${m.algo}` +
    (m.from === 0 ? '' : ` FROM ${m.from}`) +
    (m.to === OFFSET_MAX ? '' : ` TO ${m.to}`) +
    (m.icase ? ' ICASE' : ''),
  save: (m) =>
    `${not(m)} --${isText(m.pattern) ? 'string' : 'hex-string'}${quoted(m.pattern)} --algo ${m.algo}` +
    (m.from === 0 ? '' : ` --from ${m.from}`) +
    (m.to === OFFSET_MAX ? '' : ` --to ${m.to}`) +
    (m.icase ? ' --icase' : ''),
});
