import type { TcpmssMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { bang, not, rangeOf, rangeText } from '../format.ts';

/** `-m tcpmss`. extensions/libxt_tcpmss.c */
export const tcpmss: MatchExtension = defineMatch<TcpmssMatch, { match?: TcpmssMatch }>({
  name: 'tcpmss',
  kinds: ['tcpmss'],
  options: [{ name: 'mss', type: 'uint16rc', mandatory: true, invert: true }],
  needsProtocol: [6],
  init: () => ({}),
  parse({ value, invert }, state) {
    const mss = rangeOf(value.range);
    if (mss.max < mss.min) throw parameterProblem('tcpmss: invalid range given');
    state.match = { kind: 'tcpmss', mss, invert };
  },
  finish: (state) => state.match as TcpmssMatch,
  print: (m) => ` tcpmss match ${bang(m)}${rangeText(m.mss)}`,
  save: (m) => `${not(m)} --mss ${rangeText(m.mss)}`,
});
