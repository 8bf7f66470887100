import type { StatisticMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import type { OptionCall } from '../../core/option.ts';

type State = { -readonly [K in keyof StatisticMatch]: StatisticMatch[K] };

/** What stands for certainty. */
const ONE = 0x8000_0000;

function parse({ name, value, invert }: OptionCall, state: State): void {
  if (invert) state.invert = true;
  if (name === 'probability') state.probability = Math.round(ONE * value.num);
  else if (name === 'every' || name === 'packet') state[name] = value.num;
  else if (value.text === 'random' || value.text === 'nth') state.mode = value.text;
  else throw parameterProblem(`Bad mode "${value.text}"`);
}

function check(state: State, seen: ReadonlySet<string>): void {
  if (state.mode === 'random' && !seen.has('probability'))
    throw parameterProblem('--probability must be specified when using random mode');
  if (state.mode === 'nth' && !seen.has('every') && !seen.has('packet'))
    throw parameterProblem('--every and --packet must be specified when using nth mode');
  if (state.mode === 'nth' && state.packet >= state.every)
    throw parameterProblem('the --packet p must be 0 <= p <= n-1');
}

function dump(m: StatisticMatch, prefix: string): string {
  const not = m.invert ? ' !' : '';
  if (m.mode === 'random')
    return ` ${prefix}mode random${not} ${prefix}probability ${(m.probability / ONE).toFixed(11)}`;
  const packet = m.packet > 0 || prefix !== '' ? ` ${prefix}packet ${m.packet}` : '';
  return ` ${prefix}mode nth${not} ${prefix}every ${m.every}${packet}`;
}

/** `-m statistic`. extensions/libxt_statistic.c */
export const statistic: MatchExtension = defineMatch<StatisticMatch, State>({
  name: 'statistic',
  kinds: ['statistic'],
  options: [
    { name: 'mode', type: 'string', mandatory: true },
    {
      name: 'probability',
      type: 'double',
      min: 0,
      max: 1,
      invert: true,
      excl: ['every', 'packet'],
    },
    {
      name: 'every',
      type: 'uint32',
      min: 1,
      invert: true,
      excl: ['probability'],
      also: ['packet'],
    },
    { name: 'packet', type: 'uint32', excl: ['probability'], also: ['every'] },
  ],
  init: () => ({
    kind: 'statistic',
    mode: 'random',
    probability: 0,
    every: 0,
    packet: 0,
    invert: false,
  }),
  parse,
  check,
  finish: (state) => state,
  print: (m) => ` statistic${dump(m, '')}`,
  save: (m) => dump(m, '--'),
});
