import type { ConnlimitMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import type { OptionCall } from '../../core/option.ts';

type State = { -readonly [K in keyof ConnlimitMatch]: ConnlimitMatch[K] };

function parse({ name, value, invert }: OptionCall, state: State): void {
  if (name === 'connlimit-upto' || name === 'connlimit-above') {
    state.limit = value.num;
    state.upto = (name === 'connlimit-upto') !== invert;
  } else if (name === 'connlimit-mask') state.mask = value.num;
  else state.side = name === 'connlimit-daddr' ? 'dest' : 'source';
}

/** `-m connlimit`. extensions/libxt_connlimit.c */
export const connlimit: MatchExtension = defineMatch<ConnlimitMatch, State>({
  name: 'connlimit',
  kinds: ['connlimit'],
  options: [
    { name: 'connlimit-upto', type: 'uint32', invert: true, excl: ['connlimit-above'] },
    { name: 'connlimit-above', type: 'uint32', invert: true, excl: ['connlimit-upto'] },
    { name: 'connlimit-mask', type: 'plenmask' },
    { name: 'connlimit-saddr', type: 'none', excl: ['connlimit-daddr'] },
    { name: 'connlimit-daddr', type: 'none', excl: ['connlimit-saddr'] },
  ],
  init: (rule) => ({
    kind: 'connlimit',
    limit: 0,
    upto: false,
    mask: rule.family === 'inet' ? 32 : 128,
    side: 'source',
  }),
  parse,
  check(_state, seen) {
    if (!seen.has('connlimit-upto') && !seen.has('connlimit-above'))
      throw parameterProblem('You must specify "--connlimit-above" or "--connlimit-upto".');
  },
  finish: (state) => state,
  print: (m) =>
    ` #conn ${m.side === 'dest' ? 'dst' : 'src'}/${m.mask} ${m.upto ? '<=' : '>'} ${m.limit}`,
  save: (m) =>
    ` --connlimit-${m.upto ? 'upto' : 'above'} ${m.limit} --connlimit-mask ${m.mask}` +
    (m.side === 'dest' ? ' --connlimit-daddr' : ' --connlimit-saddr'),
});
