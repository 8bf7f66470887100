import type { NatTarget } from '@labwire/devices/netfilter';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import { initNat, type NatState, natText, parseNatPorts, setNatFlag } from './nat-range.ts';

/** `-j MASQUERADE`. extensions/libxt_NAT.c */
export const masquerade: TargetExtension = defineTarget<NatTarget, NatState>({
  name: 'MASQUERADE',
  kinds: ['MASQUERADE'],
  options: [
    { name: 'to-ports', type: 'string' },
    { name: 'random', type: 'none' },
    { name: 'random-fully', type: 'none' },
  ],
  init: initNat,
  parse: ({ name, value, rule }, state) => {
    if (name !== 'to-ports') {
      setNatFlag(name, state);
      return;
    }
    parseNatPorts(value.text, state, rule);
    // Its form in the kernel has no room for a base: only that there is one gets through.
    if (state.basePort !== undefined) state.basePort = 0;
  },
  finish: (state) => ({ kind: 'MASQUERADE', ...state }),
  print: (t) => natText(t, 'masq ports: ', ''),
  save: (t) => natText(t, '--to-ports ', '--'),
});
