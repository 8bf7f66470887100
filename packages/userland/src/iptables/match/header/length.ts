import type { LengthMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { bang, not, rangeOf, rangeText } from '../format.ts';

/** `-m length`. extensions/libxt_length.c */
export const length: MatchExtension = defineMatch<LengthMatch, { match?: LengthMatch }>({
  name: 'length',
  kinds: ['length'],
  options: [{ name: 'length', type: 'uint16rc', mandatory: true, invert: true }],
  init: () => ({}),
  parse({ value, invert }, state) {
    state.match = { kind: 'length', range: rangeOf(value.range), invert };
  },
  finish: (state) => state.match as LengthMatch,
  print: (m) => ` length ${bang(m)}${rangeText(m.range)}`,
  save: (m) => `${not(m)} --length ${rangeText(m.range)}`,
});
