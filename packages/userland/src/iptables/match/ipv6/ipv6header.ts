import type { Ipv6headerMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension, type PrintContext } from '../../core/extension.ts';
import type { RuleContext } from '../../core/option.ts';
import { bang, not } from '../format.ts';

type State = { -readonly [K in keyof Ipv6headerMatch]: Ipv6headerMatch[K] };

/** Headers by protocol number, in the order in which they are printed, with the kernel's bits. MASK_* */
const HEADERS: readonly (readonly [proto: number, bit: number])[] = [
  [0, 0x80],
  [60, 0x40],
  [43, 0x20],
  [44, 0x10],
  [51, 0x08],
  [50, 0x04],
  [59, 0x02],
  [255, 0x01],
];
const NAMES: readonly (readonly [string, number])[] = [
  ['hop-by-hop', 0],
  ['protocol', 255],
  ['hop', 0],
  ['dst', 60],
  ['route', 43],
  ['frag', 44],
  ['auth', 51],
  ['esp', 50],
  ['none', 59],
  ['prot', 255],
];

function parseHeaders(list: string, rule: RuleContext): number {
  let bits = 0;
  for (const word of list.split(',').filter((w) => w !== '')) {
    const numeric = HEADERS.find(([p]) => String(p) === word)?.[0];
    const proto = rule.protocolNumber(word) ?? NAMES.find(([n]) => n === word)?.[1] ?? numeric;
    if (proto === undefined) throw parameterProblem(`unknown header \`${word}' specified`);
    const bit = HEADERS.find(([p]) => p === proto)?.[1];
    if (bit === undefined) throw parameterProblem(`unknown header \`${proto}' specified`);
    bits |= bit;
  }
  if (bits === 0) throw parameterProblem('ip6t_ipv6header: cannot parse header names');
  return bits;
}

function headerName(proto: number, ctx: PrintContext): string {
  const known = proto === 0 ? undefined : ctx.names.protocolName(proto, true);
  return known ?? NAMES.find(([, p]) => p === proto)?.[0] ?? String(proto);
}

function headerList(bits: number, ctx: PrintContext): string {
  return HEADERS.filter(([, bit]) => (bits & bit) !== 0)
    .map(([proto]) => headerName(proto, ctx))
    .join(',');
}

/** `-m ipv6header`. extensions/libip6t_ipv6header.c */
export const ipv6header: MatchExtension = defineMatch<Ipv6headerMatch, State>({
  name: 'ipv6header',
  family: 'inet6',
  kinds: ['ipv6header'],
  options: [
    { name: 'header', type: 'string', mandatory: true, invert: true },
    { name: 'soft', type: 'none' },
  ],
  init: () => ({ kind: 'ipv6header', headers: 0, soft: false, invert: false }),
  parse({ name, value, invert, rule }, state) {
    if (name === 'soft') state.soft = true;
    else {
      state.headers = parseHeaders(value.text, rule);
      state.invert = invert;
    }
  },
  finish: (state) => state,
  print(m, ctx) {
    const hex = `0x${m.headers.toString(16).toUpperCase().padStart(2, '0')}`;
    const list = ctx.numeric ? hex : headerList(m.headers, ctx);
    return ` ipv6header flags:${bang(m)}${list}${m.soft ? ' soft' : ''}`;
  },
  save: (m, ctx) => `${not(m)} --header ${headerList(m.headers, ctx)}${m.soft ? ' --soft' : ''}`,
});
