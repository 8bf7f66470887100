import type { NflogTarget } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import { saveString } from '../core/quote.ts';

const PREFIX_MAX = 127;

type State = { -readonly [K in Exclude<keyof NflogTarget, 'kind'>]: NflogTarget[K] };

function text(t: NflogTarget, pfx: string): string {
  return (
    (t.prefix === '' ? '' : ` ${pfx}nflog-prefix${saveString(t.prefix)}`) +
    (t.group === 0 ? '' : ` ${pfx}nflog-group ${t.group}`) +
    (t.size === undefined ? '' : ` ${pfx}nflog-size ${t.size}`) +
    (t.threshold === 0 ? '' : ` ${pfx}nflog-threshold ${t.threshold}`)
  );
}

/** `-j NFLOG`. extensions/libxt_NFLOG.c */
export const nflog: TargetExtension = defineTarget<NflogTarget, State>({
  name: 'NFLOG',
  kinds: ['NFLOG'],
  options: [
    { name: 'nflog-group', type: 'uint16' },
    { name: 'nflog-prefix', type: 'string', min: 1 },
    { name: 'nflog-range', type: 'uint32', excl: ['nflog-size'] },
    { name: 'nflog-size', type: 'uint32', excl: ['nflog-range'] },
    { name: 'nflog-threshold', type: 'uint16' },
  ],
  init: () => ({ group: 0, prefix: '', size: undefined, range: undefined, threshold: 0 }),
  parse: ({ name, value }, state) => {
    if (name === 'nflog-group') state.group = value.num;
    else if (name === 'nflog-size') state.size = value.num;
    else if (name === 'nflog-threshold') state.threshold = value.num;
    else if (name === 'nflog-prefix') {
      if (value.text.includes('\n')) throw parameterProblem('Newlines not allowed in --log-prefix');
      state.prefix = value.text.slice(0, PREFIX_MAX);
    } // --nflog-range: the kernel has never looked at it, and does not keep it
  },
  check: (_, seen, { warn }) => {
    if (seen.has('nflog-range'))
      warn(
        'warn: --nflog-range has never worked and is no longer supported, please use --nflog-size instead\n',
      );
  },
  finish: (state) => ({ kind: 'NFLOG', ...state }),
  print: (t) => text(t, ''),
  save: (t) => text(t, '--'),
});
