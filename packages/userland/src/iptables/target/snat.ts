import type { NatTarget } from '@labwire/devices/netfilter';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import { initNat, type NatState, natText, parseNatTo, setNatFlag } from './nat-range.ts';

/** `-j SNAT`. extensions/libxt_NAT.c */
export const snat: TargetExtension = defineTarget<NatTarget, NatState>({
  name: 'SNAT',
  kinds: ['SNAT'],
  options: [
    { name: 'to-source', type: 'string', mandatory: true },
    { name: 'random', type: 'none' },
    { name: 'random-fully', type: 'none' },
    { name: 'persistent', type: 'none' },
  ],
  init: initNat,
  parse: ({ name, value, rule }, state) => {
    if (name === 'to-source') parseNatTo(value.text, state, rule);
    else setNatFlag(name, state);
  },
  finish: (state) => ({ kind: 'SNAT', ...state }),
  print: (t) => natText(t, 'to:', ''),
  save: (t) => natText(t, '--to-source ', '--'),
});
