import type { DccpMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import type { OptionCall } from '../../core/option.ts';
import { bang, not, rangeOf } from '../format.ts';
import { printPorts, saveGivenPorts } from './ports.ts';

type State = { -readonly [K in keyof DccpMatch]: DccpMatch[K] };

/** Types of packets by number; the last stands for all that are left. RFC 4340 section 5.1 */
const TYPES = [
  'REQUEST',
  'RESPONSE',
  'DATA',
  'ACK',
  'DATAACK',
  'CLOSEREQ',
  'CLOSE',
  'RESET',
  'SYNC',
  'SYNCACK',
  'INVALID',
];
const INVALID = 10;

function parseTypes(list: string): number[] {
  const found = list.split(',').filter((w) => w !== '');
  const types = found.map((word) => {
    const type = TYPES.indexOf(word.toUpperCase());
    if (type < 0) throw parameterProblem(`Unknown DCCP type \`${word}'`);
    return type;
  });
  return TYPES.map((_, i) => i).filter((i) => types.includes(i));
}

function parse({ name, value, invert }: OptionCall, state: State): void {
  if (name === 'source-port') state.sports = { ...rangeOf(value.range), invert };
  else if (name === 'destination-port') state.dports = { ...rangeOf(value.range), invert };
  else if (name === 'dccp-types') state.types = { in: parseTypes(value.text), invert };
  else state.option = { kind: value.num, invert };
}

/** By number all that are left have a number each. */
function typeList(types: readonly number[], numeric: boolean): string {
  if (!numeric) return types.map((t) => TYPES[t]).join(',');
  return types.flatMap((t) => (t === INVALID ? [10, 11, 12, 13, 14, 15] : [t])).join(',');
}

/** `-m dccp`. extensions/libxt_dccp.c */
export const dccp: MatchExtension = defineMatch<DccpMatch, State>({
  name: 'dccp',
  kinds: ['dccp'],
  options: [
    { name: 'source-port', type: 'portrc', invert: true },
    { name: 'sport', type: 'portrc', invert: true, sameAs: 'source-port' },
    { name: 'destination-port', type: 'portrc', invert: true },
    { name: 'dport', type: 'portrc', invert: true, sameAs: 'destination-port' },
    { name: 'dccp-types', type: 'string', invert: true },
    { name: 'dccp-option', type: 'uint8', min: 1, invert: true },
  ],
  needsProtocol: [33],
  init: () => ({ kind: 'dccp' }),
  parse,
  finish: (state) => state,
  print: (m, ctx) =>
    ` dccp${printPorts('spt', m.sports, 'dccp', ctx)}${printPorts('dpt', m.dports, 'dccp', ctx)}` +
    (m.types === undefined ? '' : `${not(m.types)} ${typeList(m.types.in, ctx.numeric)}`) +
    (m.option === undefined ? '' : ` option=${bang(m.option)}${m.option.kind}`),
  save: (m) =>
    saveGivenPorts('sport', m.sports) +
    saveGivenPorts('dport', m.dports) +
    (m.types === undefined ? '' : `${not(m.types)} --dccp-types ${typeList(m.types.in, false)}`) +
    (m.option === undefined ? '' : `${not(m.option)} --dccp-option ${m.option.kind}`),
});
