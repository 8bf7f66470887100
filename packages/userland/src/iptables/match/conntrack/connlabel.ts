import type { ConnlabelMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension, type PrintContext } from '../../core/extension.ts';
import { strtoui } from '../../core/numbers.ts';
import type { OptionCall } from '../../core/option.ts';
import { not } from '../format.ts';

type State = { -readonly [K in keyof ConnlabelMatch]: ConnlabelMatch[K] };

/** Bits and their names. */
const LABELS = '/etc/xtables/connlabel.conf';

function parse({ name, value, invert, rule }: OptionCall, state: State): void {
  if (name === 'set') {
    state.set = true;
    return;
  }
  state.invert = invert;
  const number = strtoui(value.text, 0, 0x7fff_ffff);
  const map = number === undefined ? rule.idMap(LABELS) : undefined;
  if (number === undefined && map === undefined)
    rule.warn(`Warning: cannot open ${LABELS}: No such file or directory\n`);
  const bit = number ?? map?.get(value.text);
  if (bit === undefined) throw parameterProblem(`label '${value.text}' not found or invalid value`);
  state.bit = bit;
}

function labelName(bit: number, ctx: PrintContext): string | undefined {
  return [...(ctx.names.idMap(LABELS) ?? [])].find(([, n]) => n === bit)?.[0];
}

/** `-m connlabel`. extensions/libxt_connlabel.c */
export const connlabel: MatchExtension = defineMatch<ConnlabelMatch, State>({
  name: 'connlabel',
  kinds: ['connlabel'],
  options: [
    { name: 'label', type: 'string', min: 1, mandatory: true, invert: true },
    { name: 'set', type: 'none' },
  ],
  init: () => ({ kind: 'connlabel', bit: 0, set: false, invert: false }),
  parse,
  finish: (state) => state,
  print(m, ctx) {
    const name = ctx.numeric ? undefined : labelName(m.bit, ctx);
    return ` connlabel${not(m)} ${name === undefined ? m.bit : `'${name}'`}${m.set ? ' set' : ''}`;
  },
  save: (m, ctx) => `${not(m)} --label "${labelName(m.bit, ctx) ?? m.bit}"${m.set ? ' --set' : ''}`,
});
