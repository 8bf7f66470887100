import type { SetMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { parseSetRef } from '../../core/set-ref.ts';

/** What may be asked beside being there, which Labwire's kernel refuses by name. */
const MORE = [
  'return-nomatch',
  'packets-eq',
  'packets-lt',
  'packets-gt',
  'bytes-eq',
  'bytes-lt',
  'bytes-gt',
];

interface State {
  match?: SetMatch;
  readonly options: string[];
  readonly hasSet: (name: string) => boolean;
}

/** `-m set`. extensions/libxt_set.c */
export const set: MatchExtension = defineMatch<SetMatch, State>({
  name: 'set',
  kinds: ['set'],
  options: [
    { name: 'match-set', type: 'string', words: 2, invert: true },
    ...MORE.map((name) =>
      name === 'return-nomatch'
        ? ({ name, type: 'none' } as const)
        : ({ name, type: 'string', invert: true } as const),
    ),
    { name: 'update-counters', type: 'none', invert: true },
    { name: 'update-subcounters', type: 'none', invert: true },
  ],
  init: (rule) => ({ options: [], hasSet: rule.hasSet }),
  parse({ name, value, invert }, state) {
    if (name !== 'match-set') {
      state.options.push(`--${name}`);
      return;
    }
    if (state.match !== undefined) throw parameterProblem('--match-set can be specified only once');
    const ref = parseSetRef(value.text, state.hasSet);
    state.match = { kind: 'set', name: ref.name, dirs: ref.dirs, invert, options: state.options };
  },
  finish(state) {
    if (state.match === undefined)
      throw parameterProblem("You must specify `--match-set' with proper arguments");
    return state.match;
  },
  print: (m) => ` ${m.invert ? '! ' : ''}match-set ${m.name} ${m.dirs.join(',')}`,
  save: (m) => `${m.invert ? ' !' : ''} --match-set ${m.name} ${m.dirs.join(',')}`,
});
