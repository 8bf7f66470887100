import type { HelperMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { saveString } from '../../core/quote.ts';
import { not } from '../format.ts';

/** Bytes of a name, its end included. */
const NAME_SIZE = 30;

/** `-m helper`. extensions/libxt_helper.c */
export const helper: MatchExtension = defineMatch<HelperMatch, { match?: HelperMatch }>({
  name: 'helper',
  kinds: ['helper'],
  options: [{ name: 'helper', type: 'string', mandatory: true, invert: true }],
  init: () => ({}),
  parse({ value, invert }, state) {
    state.match = { kind: 'helper', name: value.text.slice(0, NAME_SIZE - 1), invert };
  },
  finish: (state) => state.match as HelperMatch,
  print: (m) => ` helper match ${m.invert ? '! ' : ''}"${m.name}"`,
  save: (m) => `${not(m)} --helper${saveString(m.name)}`,
});
