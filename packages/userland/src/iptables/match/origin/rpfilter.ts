import type { RpfilterMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';

type State = { -readonly [K in keyof RpfilterMatch]: RpfilterMatch[K] };

const FLAGS = {
  loose: 'loose',
  validmark: 'validmark',
  'accept-local': 'acceptLocal',
  invert: 'invert',
} as const;
const NAMES = Object.keys(FLAGS) as (keyof typeof FLAGS)[];

function dump(m: RpfilterMatch, prefix: string): string {
  return NAMES.filter((n) => m[FLAGS[n]])
    .map((n) => ` ${prefix}${n}`)
    .join('');
}

/** `-m rpfilter`. extensions/libxt_rpfilter.c */
export const rpfilter: MatchExtension = defineMatch<RpfilterMatch, State>({
  name: 'rpfilter',
  kinds: ['rpfilter'],
  options: NAMES.map((name) => ({ name, type: 'none' })),
  init: () => ({
    kind: 'rpfilter',
    loose: false,
    validmark: false,
    acceptLocal: false,
    invert: false,
  }),
  parse({ name }, state) {
    state[FLAGS[name as keyof typeof FLAGS]] = true;
  },
  finish: (state) => state,
  print: (m) => ` rpfilter${dump(m, '')}`,
  save: (m) => dump(m, '--'),
});
