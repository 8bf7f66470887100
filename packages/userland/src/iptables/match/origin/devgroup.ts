import type { DevgroupMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension, type PrintContext } from '../../core/extension.ts';
import { hex, strtoui, strtouiPrefix } from '../../core/numbers.ts';
import type { RuleContext } from '../../core/option.ts';
import { not } from '../format.ts';

type State = { -readonly [K in keyof DevgroupMatch]: DevgroupMatch[K] };
type Side = NonNullable<DevgroupMatch['src']>;

/** Numbers and names of groups. */
const GROUPS = '/etc/iproute2/group';
const UINT32_MAX = 0xffff_ffff;

/** A number, a number and a mask, or a name. xtables_parse_val_mask() */
function parseGroup(text: string, option: string, rule: RuleContext): Omit<Side, 'invert'> {
  const first = strtouiPrefix(text, 0, UINT32_MAX);
  if (first?.rest === '') return { group: first.value, mask: UINT32_MAX };
  if (first?.rest.startsWith('/') === true) {
    const mask = strtoui(first.rest.slice(1), 0, UINT32_MAX);
    if (mask !== undefined) return { group: first.value, mask };
    throw parameterProblem(
      `devgroup: bad integer value for option "--${option}", or out of range.\n`,
    );
  }
  const group = rule.idMap(GROUPS)?.get(text);
  if (group !== undefined) return { group, mask: UINT32_MAX };
  throw parameterProblem(
    `devgroup: could not map name ${text} to an integer value for option "--${option}".\n`,
  );
}

function groupText({ group, mask }: Side, ctx: PrintContext, numeric: boolean): string {
  if (mask !== UINT32_MAX) return `${hex(group)}/${hex(mask)}`;
  const names = numeric ? [] : [...(ctx.names.idMap(GROUPS) ?? [])];
  return names.find(([, n]) => n === group)?.[0] ?? hex(group);
}

function show(m: DevgroupMatch, prefix: string, ctx: PrintContext, numeric: boolean): string {
  const side = (name: string, s: Side | undefined): string =>
    s === undefined ? '' : `${not(s)} ${prefix}${name} ${groupText(s, ctx, numeric)}`;
  return side('src-group', m.src) + side('dst-group', m.dst);
}

/** `-m devgroup`. extensions/libxt_devgroup.c */
export const devgroup: MatchExtension = defineMatch<DevgroupMatch, State>({
  name: 'devgroup',
  kinds: ['devgroup'],
  options: [
    { name: 'src-group', type: 'string', invert: true },
    { name: 'dst-group', type: 'string', invert: true },
  ],
  init: () => ({ kind: 'devgroup' }),
  parse({ name, value, invert, rule }, state) {
    const side = { ...parseGroup(value.text, name, rule), invert };
    if (name === 'src-group') state.src = side;
    else state.dst = side;
  },
  check(_state, seen) {
    if (seen.size === 0)
      throw parameterProblem(
        "devgroup match: You must specify either '--src-group' or '--dst-group'",
      );
  },
  finish: (state) => state,
  print: (m, ctx) => show(m, '', ctx, ctx.numeric),
  save: (m, ctx) => show(m, '--', ctx, false),
});
