import type { CpuMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { not } from '../format.ts';

/** `-m cpu`. extensions/libxt_cpu.c */
export const cpu: MatchExtension = defineMatch<CpuMatch, { match?: CpuMatch }>({
  name: 'cpu',
  kinds: ['cpu'],
  options: [{ name: 'cpu', type: 'uint32', mandatory: true, invert: true }],
  init: () => ({}),
  parse({ value, invert }, state) {
    state.match = { kind: 'cpu', cpu: value.num, invert };
  },
  finish: (state) => state.match as CpuMatch,
  print: (m) => ` cpu ${m.invert ? '! ' : ''}${m.cpu}`,
  save: (m) => `${not(m)} --cpu ${m.cpu}`,
});
