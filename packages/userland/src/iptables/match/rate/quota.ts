import type { QuotaMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { not } from '../format.ts';

/** `-m quota`. extensions/libxt_quota.c */
export const quota: MatchExtension = defineMatch<QuotaMatch, { match?: QuotaMatch }>({
  name: 'quota',
  kinds: ['quota'],
  options: [{ name: 'quota', type: 'uint64', mandatory: true, invert: true }],
  init: () => ({}),
  parse({ value, invert }, state) {
    state.match = { kind: 'quota', quota: value.big[0] ?? 0n, invert };
  },
  finish: (state) => state.match as QuotaMatch,
  print: (m) => ` quota: ${m.quota} bytes`,
  save: (m) => `${not(m)} --quota ${m.quota}`,
});
