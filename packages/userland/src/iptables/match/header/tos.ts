import type { TosMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { TOS_NAMES } from '../../core/option-value.ts';
import { bang, hex2, not } from '../format.ts';

/** The mask under which values have names. */
const NAMED_MASK = 0x3f;

function symbol(m: TosMatch): string | undefined {
  const name = m.mask === NAMED_MASK ? TOS_NAMES.find(([value]) => value === m.value) : undefined;
  return name === undefined ? undefined : ` ${name[1]}`;
}

/** `-m tos`. extensions/libxt_tos.c */
export const tos: MatchExtension = defineMatch<TosMatch, { match?: TosMatch }>({
  name: 'tos',
  kinds: ['tos'],
  options: [{ name: 'tos', type: 'tosmask', invert: true, mandatory: true, max: NAMED_MASK }],
  init: () => ({}),
  parse({ value, invert }, state) {
    state.match = { kind: 'tos', value: value.num, mask: value.numMask, invert };
  },
  finish: (state) => state.match as TosMatch,
  print: (m, ctx) =>
    ` tos match${bang(m)}${(ctx.numeric ? undefined : symbol(m)) ?? `${hex2(m.value)}/${hex2(m.mask)}`}`,
  save: (m) => `${not(m)} --tos ${hex2(m.value)}/${hex2(m.mask)}`,
});
