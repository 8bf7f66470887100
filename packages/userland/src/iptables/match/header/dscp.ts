import type { DscpMatch } from '@labwire/devices/netfilter';
import { classToDscp } from '../../core/dscp-class.ts';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { bang, hex2, not } from '../format.ts';

const DSCP_MAX = 63;

/** `-m dscp`. extensions/libxt_dscp.c */
export const dscp: MatchExtension = defineMatch<DscpMatch, { match?: DscpMatch }>({
  name: 'dscp',
  kinds: ['dscp'],
  options: [
    { name: 'dscp', type: 'uint8', max: DSCP_MAX, invert: true, excl: ['dscp-class'] },
    { name: 'dscp-class', type: 'string', invert: true, excl: ['dscp'] },
  ],
  init: () => ({}),
  parse({ name, value, invert }, state) {
    const code = name === 'dscp' ? value.num : classToDscp(value.text);
    state.match = { kind: 'dscp', dscp: code, invert };
  },
  check(_state, seen) {
    if (seen.size === 0) throw parameterProblem('DSCP match: Parameter --dscp is required');
  },
  finish: (state) => state.match as DscpMatch,
  print: (m) => ` DSCP match ${bang(m)}${hex2(m.dscp)}`,
  save: (m) => `${not(m)} --dscp ${hex2(m.dscp)}`,
});
