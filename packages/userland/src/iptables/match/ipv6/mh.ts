import type { MhMatch, Range } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { strtoui } from '../../core/numbers.ts';
import { abbreviates, bang, not, rangeText } from '../format.ts';

/** Types of mobility messages in the order of their numbers: in full and in short. */
const TYPES: readonly (readonly [string, string])[] = [
  ['binding-refresh-request', 'brr'],
  ['home-test-init', 'hoti'],
  ['careof-test-init', 'coti'],
  ['home-test', 'hot'],
  ['careof-test', 'cot'],
  ['binding-update', 'bu'],
  ['binding-acknowledgement', 'ba'],
  ['binding-error', 'be'],
];
const ALL: Range = { min: 0, max: 255 };

/** A name, the beginning of one (the first; a whole name counts more), or a number. `name_to_type()` */
function parseType(text: string): number {
  const whole = TYPES.findIndex((names) => names.includes(text.toLowerCase()));
  const begun = TYPES.findIndex((names) => names.some((n) => abbreviates(text, n)));
  const type = whole >= 0 ? whole : begun >= 0 ? begun : strtoui(text, 0, 255);
  if (type === undefined) throw parameterProblem(`Invalid MH type \`${text}'`);
  return type;
}

function parseTypes(text: string): Range {
  const colon = text.indexOf(':');
  if (colon < 0) {
    const type = parseType(text);
    return { min: type, max: type };
  }
  const [lo, hi] = [text.slice(0, colon), text.slice(colon + 1)];
  const types = { min: lo === '' ? 0 : parseType(lo), max: hi === '' ? 255 : parseType(hi) };
  if (types.min > types.max) throw parameterProblem('Invalid MH type range (min > max)');
  return types;
}

/** What is not saved, inverted or not. */
function isFull({ types }: MhMatch): boolean {
  return types.min === ALL.min && types.max === ALL.max;
}

function printTypes({ types: { min, max } }: MhMatch, numeric: boolean): string {
  const name = (type: number): string => (numeric ? undefined : TYPES[type]?.[0]) ?? String(type);
  return min === max ? name(min) : `${name(min)}:${name(max)}`;
}

/** `-m mh`. extensions/libip6t_mh.c */
export const mh: MatchExtension = defineMatch<MhMatch, { match: MhMatch }>({
  name: 'mh',
  family: 'inet6',
  kinds: ['mh'],
  options: [{ name: 'mh-type', type: 'string', invert: true }],
  needsProtocol: [135],
  init: () => ({ match: { kind: 'mh', types: ALL, invert: false } }),
  parse({ value, invert }, state) {
    state.match = { kind: 'mh', types: parseTypes(value.text), invert };
  },
  finish: (state) => state.match,
  print: (m, ctx) =>
    ` mh${isFull(m) && !m.invert ? '' : ` ${bang(m)}${printTypes(m, ctx.numeric)}`}`,
  save: (m) => (isFull(m) ? '' : `${not(m)} --mh-type ${rangeText(m.types)}`),
});
