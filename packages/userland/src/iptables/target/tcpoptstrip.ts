import type { TcpoptstripTarget } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import { strtoui } from '../core/numbers.ts';

/** Options by name. extensions/libxt_TCPOPTSTRIP.c, tcp_optionmap[] */
const NAMES: Readonly<Record<string, number>> = {
  wscale: 3,
  mss: 2,
  'sack-permitted': 4,
  sack: 5,
  timestamp: 8,
  md5: 19,
};

function parseList(text: string): number[] {
  const options: number[] = [];
  for (const word of text.split(',')) {
    const kind = NAMES[word] ?? strtoui(word, 0, 255);
    if (kind === undefined) throw parameterProblem(`Bad TCP option value "${word}"`);
    if (kind < 2) throw parameterProblem('Option value may not be 0 or 1');
    if (options.includes(kind)) throw parameterProblem(`Option "${word}" already specified`);
    options.push(kind);
  }
  return options.sort((a, b) => a - b);
}

function list(t: TcpoptstripTarget, numeric: boolean): string {
  const name = (kind: number): string | undefined =>
    numeric ? undefined : Object.entries(NAMES).find(([, n]) => n === kind)?.[0];
  return t.options.map((kind) => name(kind) ?? String(kind)).join(',');
}

/** `-j TCPOPTSTRIP`. extensions/libxt_TCPOPTSTRIP.c */
export const tcpoptstrip: TargetExtension = defineTarget<TcpoptstripTarget, { options: number[] }>({
  name: 'TCPOPTSTRIP',
  kinds: ['TCPOPTSTRIP'],
  options: [{ name: 'strip-options', type: 'string' }],
  init: () => ({ options: [] }),
  parse: ({ value }, state) => {
    state.options = parseList(value.text);
  },
  finish: (state) => ({ kind: 'TCPOPTSTRIP', ...state }),
  print: (t, { numeric }) =>
    t.options.length === 0 ? '' : ` TCPOPTSTRIP options ${list(t, numeric)}`,
  save: (t) => (t.options.length === 0 ? '' : ` --strip-options ${list(t, true)}`),
});
