import type { NatTarget } from '@labwire/devices/netfilter';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import { initNat, type NatState, natText, parseNatTo, setNatFlag } from './nat-range.ts';

/** `-j DNAT`. extensions/libxt_NAT.c */
export const dnat: TargetExtension = defineTarget<NatTarget, NatState>({
  name: 'DNAT',
  kinds: ['DNAT'],
  options: [
    { name: 'to-destination', type: 'string', mandatory: true },
    { name: 'random', type: 'none' },
    { name: 'persistent', type: 'none' },
  ],
  init: initNat,
  parse: ({ name, value, rule }, state) => {
    if (name === 'to-destination') parseNatTo(value.text, state, rule);
    else setNatFlag(name, state);
  },
  finish: (state) => ({ kind: 'DNAT', ...state }),
  print: (t) => natText(t, 'to:', ''),
  save: (t) => natText(t, '--to-destination ', '--'),
});
