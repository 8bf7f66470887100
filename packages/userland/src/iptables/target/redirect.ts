import type { NatTarget } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import { initNat, type NatState, natText, parseNatPorts, setNatFlag } from './nat-range.ts';

/** `-j REDIRECT`. extensions/libxt_NAT.c */
export const redirect: TargetExtension = defineTarget<NatTarget, NatState>({
  name: 'REDIRECT',
  kinds: ['REDIRECT'],
  options: [
    { name: 'to-ports', type: 'string' },
    { name: 'random', type: 'none' },
  ],
  init: initNat,
  parse: ({ name, value, rule }, state) => {
    if (name === 'to-ports') parseNatPorts(value.text, state, rule);
    else setNatFlag(name, state);
  },
  finish: (state) => {
    if (state.basePort !== undefined)
      throw parameterProblem('Shifted portmap ranges not supported with this kernel');
    return { kind: 'REDIRECT', ...state };
  },
  print: (t) => natText(t, 'redir ports ', ''),
  save: (t) => natText(t, '--to-ports ', '--'),
});
