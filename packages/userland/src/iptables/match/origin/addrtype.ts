import type { AddrTypeName, AddrtypeMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import type { OptionCall } from '../../core/option.ts';
import { abbreviates, bang, not } from '../format.ts';

type State = { -readonly [K in keyof AddrtypeMatch]: AddrtypeMatch[K] };
type Types = NonNullable<AddrtypeMatch['source']>;

const NAMES: readonly AddrTypeName[] = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
];

function parseTypes(list: string): AddrTypeName[] {
  const words = list.split(',');
  const found = words.map((word, i) => {
    const name = word === '' ? undefined : NAMES.find((n) => abbreviates(word, n));
    if (name !== undefined) return name;
    const left = words.slice(i).join(',');
    const last = i === words.length - 1;
    throw parameterProblem(`addrtype: bad type ${last ? `"${left}"` : `\`${left}'`}`);
  });
  return NAMES.filter((n) => found.includes(n));
}

function parse({ name, value, invert }: OptionCall, state: State): void {
  if (name === 'src-type') state.source = { in: parseTypes(value.text), invert };
  else if (name === 'dst-type') state.dest = { in: parseTypes(value.text), invert };
  else if (name === 'limit-iface-in') state.limitIfaceIn = true;
  else state.limitIfaceOut = true;
}

function printTypes(label: string, t: Types | undefined): string {
  return t === undefined ? '' : ` ${label} ${bang(t)}${t.in.join(',')}`;
}

function saveTypes(option: string, t: Types | undefined): string {
  return t === undefined ? '' : `${not(t)} --${option} ${t.in.join(',')}`;
}

/** `-m addrtype`. extensions/libxt_addrtype.c */
export const addrtype: MatchExtension = defineMatch<AddrtypeMatch, State>({
  name: 'addrtype',
  kinds: ['addrtype'],
  options: [
    { name: 'src-type', type: 'string', invert: true },
    { name: 'dst-type', type: 'string', invert: true },
    { name: 'limit-iface-in', type: 'none', excl: ['limit-iface-out'] },
    { name: 'limit-iface-out', type: 'none', excl: ['limit-iface-in'] },
  ],
  init: () => ({ kind: 'addrtype', limitIfaceIn: false, limitIfaceOut: false }),
  parse,
  check(_state, seen) {
    if (!seen.has('src-type') && !seen.has('dst-type'))
      throw parameterProblem('addrtype: you must specify --src-type or --dst-type');
  },
  finish: (state) => state,
  print: (m) =>
    ` ADDRTYPE match${printTypes('src-type', m.source)}${printTypes('dst-type', m.dest)}` +
    (m.limitIfaceIn ? ' limit-in' : '') +
    (m.limitIfaceOut ? ' limit-out' : ''),
  save: (m) =>
    saveTypes('src-type', m.source) +
    saveTypes('dst-type', m.dest) +
    (m.limitIfaceIn ? ' --limit-iface-in' : '') +
    (m.limitIfaceOut ? ' --limit-iface-out' : ''),
});
