import type { PkttypeMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { bang, not } from '../format.ts';

const NAMES: Readonly<Record<string, PkttypeMatch['type']>> = {
  unicast: 'unicast',
  broadcast: 'broadcast',
  multicast: 'multicast',
  otherhost: 'otherhost',
  bcast: 'broadcast',
  mcast: 'multicast',
  host: 'unicast',
};

/** `-m pkttype`. extensions/libxt_pkttype.c */
export const pkttype: MatchExtension = defineMatch<PkttypeMatch, { match?: PkttypeMatch }>({
  name: 'pkttype',
  kinds: ['pkttype'],
  options: [{ name: 'pkt-type', type: 'string', mandatory: true, invert: true }],
  init: () => ({}),
  parse({ value, invert }, state) {
    const type = NAMES[value.text.toLowerCase()];
    if (type === undefined) throw parameterProblem(`Bad packet type '${value.text}'`);
    state.match = { kind: 'pkttype', type, invert };
  },
  finish: (state) => state.match as PkttypeMatch,
  print: (m) => ` PKTTYPE ${bang(m)}= ${m.type}`,
  save: (m) => `${not(m)} --pkt-type ${m.type}`,
});
