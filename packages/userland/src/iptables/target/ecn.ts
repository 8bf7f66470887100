import type { EcnTarget } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import type { OptionCall } from '../core/option.ts';

type State = { -readonly [K in Exclude<keyof EcnTarget, 'kind'>]: EcnTarget[K] };

function parse({ name, value }: OptionCall, state: State): void {
  if (name === 'ecn-tcp-remove') Object.assign(state, { ece: 0, cwr: 0, ect: undefined });
  else if (name === 'ecn-tcp-cwr') state.cwr = value.num;
  else if (name === 'ecn-tcp-ece') state.ece = value.num;
  else state.ect = value.num;
}

/** Each operation under its name. */
function text(t: EcnTarget, remove: string, ece: string, cwr: string, ect: string): string {
  if (t.ece === 0 && t.cwr === 0 && t.ect === undefined) return remove;
  return (
    (t.ece === undefined ? '' : `${ece}${t.ece}`) +
    (t.cwr === undefined ? '' : `${cwr}${t.cwr}`) +
    (t.ect === undefined ? '' : `${ect}${t.ect}`)
  );
}

/** `-j ECN`. extensions/libipt_ECN.c */
export const ecn: TargetExtension = defineTarget<EcnTarget, State>({
  name: 'ECN',
  family: 'inet',
  kinds: ['ECN'],
  options: [
    { name: 'ecn-tcp-remove', type: 'none', excl: ['ecn-tcp-cwr', 'ecn-tcp-ece'] },
    { name: 'ecn-tcp-cwr', type: 'uint8', min: 0, max: 1, excl: ['ecn-tcp-remove'] },
    { name: 'ecn-tcp-ece', type: 'uint8', min: 0, max: 1, excl: ['ecn-tcp-remove'] },
    { name: 'ecn-ip-ect', type: 'uint8', min: 0, max: 3 },
  ],
  init: () => ({ ece: undefined, cwr: undefined, ect: undefined }),
  parse,
  finish: (state, seen) => {
    if (seen.size === 0) throw parameterProblem('ECN target: An operation is required');
    return { kind: 'ECN', ...state };
  },
  print: (t) => ` ECN${text(t, ' TCP remove', ' ECE=', ' CWR=', ' ECT codepoint=')}`,
  save: (t) => text(t, ' --ecn-tcp-remove', ' --ecn-tcp-ece ', ' --ecn-tcp-cwr ', ' --ecn-ip-ect '),
});
