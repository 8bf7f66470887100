import type { ConnbytesMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { UINT64_MAX } from '../../core/numbers.ts';
import type { OptionCall } from '../../core/option.ts';
import { not } from '../format.ts';

type State = { -readonly [K in keyof ConnbytesMatch]: ConnbytesMatch[K] };

const DIRS = ['original', 'reply', 'both'] as const;
const MODES = ['packets', 'bytes', 'avgpkt'] as const;

function choice<T extends string>(option: string, text: string, of: readonly T[]): T {
  const found = of.find((x) => x === text);
  if (found === undefined) throw parameterProblem(`Unknown --${option} \`${text}'`);
  return found;
}

function parse({ name, value, invert }: OptionCall, state: State): void {
  if (name === 'connbytes-dir') state.dir = choice(name, value.text, DIRS);
  else if (name === 'connbytes-mode') state.mode = choice(name, value.text, MODES);
  else {
    const [from = 0n, to = UINT64_MAX] = value.big;
    if (to < from) throw parameterProblem(`${from} should be less than ${to}`);
    Object.assign(state, { from, to, invert: invert && from !== to });
  }
}

function amounts({ from, to }: ConnbytesMatch): string {
  return to !== 0n && to < UINT64_MAX ? `${from}:${to}` : String(from);
}

/** `-m connbytes`. extensions/libxt_connbytes.c */
export const connbytes: MatchExtension = defineMatch<ConnbytesMatch, State>({
  name: 'connbytes',
  kinds: ['connbytes'],
  options: [
    { name: 'connbytes', type: 'uint64rc', mandatory: true, invert: true },
    { name: 'connbytes-dir', type: 'string', mandatory: true },
    { name: 'connbytes-mode', type: 'string', mandatory: true },
  ],
  init: () => ({
    kind: 'connbytes',
    from: 0n,
    to: 0n,
    dir: 'original',
    mode: 'packets',
    invert: false,
  }),
  parse,
  finish: (state) => state,
  print: (m) =>
    `${not(m)} connbytes ${amounts(m)} connbytes mode ${m.mode} connbytes direction ${m.dir}`,
  save: (m) =>
    `${not(m)} --connbytes ${amounts(m)} --connbytes-mode ${m.mode} --connbytes-dir ${m.dir}`,
});
