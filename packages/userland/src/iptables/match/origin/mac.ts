import { formatMac, type MacAddr } from '@labwire/core/addr';
import type { MacMatch } from '@labwire/devices/netfilter';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { not } from '../format.ts';

/** `-m mac`. extensions/libxt_mac.c */
export const mac: MatchExtension = defineMatch<MacMatch, { match?: MacMatch }>({
  name: 'mac',
  kinds: ['mac'],
  options: [{ name: 'mac-source', type: 'ethermac', mandatory: true, invert: true }],
  init: () => ({}),
  parse({ value, invert }, state) {
    state.match = { kind: 'mac', source: value.mac as MacAddr, invert };
  },
  finish: (state) => state.match as MacMatch,
  print: (m) => ` MAC${not(m)} ${formatMac(m.source)}`,
  save: (m) => `${not(m)} --mac-source ${formatMac(m.source)}`,
});
