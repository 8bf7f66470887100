import type { DscpTarget } from '@labwire/devices/netfilter';
import { classToDscp } from '../core/dscp-class.ts';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';

const DSCP_MAX = 63;

function hex2(t: DscpTarget): string {
  return `0x${t.dscp.toString(16).padStart(2, '0')}`;
}

/** `-j DSCP`. extensions/libxt_DSCP.c */
export const dscp: TargetExtension = defineTarget<DscpTarget, { dscp: number }>({
  name: 'DSCP',
  kinds: ['DSCP'],
  options: [
    { name: 'set-dscp', type: 'uint8', min: 0, max: DSCP_MAX, excl: ['set-dscp-class'] },
    { name: 'set-dscp-class', type: 'string', excl: ['set-dscp'] },
  ],
  init: () => ({ dscp: 0 }),
  parse: ({ name, value }, state) => {
    state.dscp = name === 'set-dscp' ? value.num : classToDscp(value.text);
  },
  finish: (state, seen) => {
    if (seen.size === 0) throw parameterProblem('DSCP target: Parameter --set-dscp is required');
    return { kind: 'DSCP', ...state };
  },
  print: (t) => ` DSCP set ${hex2(t)}`,
  save: (t) => ` --set-dscp ${hex2(t)}`,
});
