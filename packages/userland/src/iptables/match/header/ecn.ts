import type { EcnMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { bang, not } from '../format.ts';

type State = { -readonly [K in keyof EcnMatch]: EcnMatch[K] };

/** `-m ecn`. extensions/libxt_ecn.c */
export const ecn: MatchExtension = defineMatch<EcnMatch, State>({
  name: 'ecn',
  kinds: ['ecn'],
  options: [
    { name: 'ecn-tcp-cwr', type: 'none', invert: true },
    { name: 'ecn-tcp-ece', type: 'none', invert: true },
    { name: 'ecn-ip-ect', type: 'uint8', max: 3, invert: true },
  ],
  init: () => ({ kind: 'ecn' }),
  parse({ name, value, invert }, state) {
    if (name === 'ecn-tcp-cwr') state.cwr = { invert };
    else if (name === 'ecn-tcp-ece') state.ece = { invert };
    else state.ipEct = { ect: value.num, invert };
  },
  check(_state, seen) {
    if (seen.size === 0) throw parameterProblem('ECN match: some option required');
  },
  finish: (state) => state,
  print: ({ ece, cwr, ipEct }) =>
    ' ECN match' +
    (ece === undefined ? '' : ` ${bang(ece)}ECE`) +
    (cwr === undefined ? '' : ` ${bang(cwr)}CWR`) +
    (ipEct === undefined ? '' : ` ${bang(ipEct)}ECT=${ipEct.ect}`),
  save: ({ ece, cwr, ipEct }) =>
    (ece === undefined ? '' : `${not(ece)} --ecn-tcp-ece`) +
    (cwr === undefined ? '' : `${not(cwr)} --ecn-tcp-cwr`) +
    (ipEct === undefined ? '' : `${not(ipEct)} --ecn-ip-ect ${ipEct.ect}`),
});
