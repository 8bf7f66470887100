import type { NfqueueTarget, Range } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import type { OptionCall } from '../core/option.ts';

interface State {
  queues: Range;
  bypass: boolean;
  cpuFanout: boolean;
}

function parseBalance(text: string, range: readonly number[]): Range {
  const [min = 0, max] = range;
  if (max === undefined) throw parameterProblem(`Bad range "${text}"`);
  if (min >= max) throw parameterProblem(`${min} should be less than ${max}`);
  return { min, max };
}

function parse({ name, value }: OptionCall, state: State): void {
  if (name === 'queue-num') state.queues = { min: value.num, max: value.num };
  else if (name === 'queue-balance') state.queues = parseBalance(value.text, value.range);
  else if (name === 'queue-bypass') state.bypass = true;
  else state.cpuFanout = true;
}

function text({ queues, bypass, cpuFanout }: NfqueueTarget, words: readonly string[]): string {
  const { min, max } = queues;
  const [num, balance, onBypass, onFanout] = words;
  return (
    (min === max ? ` ${num} ${min}` : ` ${balance} ${min}:${max}`) +
    (bypass ? ` ${onBypass}` : '') +
    (cpuFanout ? ` ${onFanout}` : '')
  );
}

/** `-j NFQUEUE`, revision 3. extensions/libxt_NFQUEUE.c */
export const nfqueue: TargetExtension = defineTarget<NfqueueTarget, State>({
  name: 'NFQUEUE',
  kinds: ['NFQUEUE'],
  options: [
    { name: 'queue-num', type: 'uint16', excl: ['queue-balance'] },
    { name: 'queue-balance', type: 'uint16rc', excl: ['queue-num'] },
    { name: 'queue-bypass', type: 'none' },
    { name: 'queue-cpu-fanout', type: 'none', also: ['queue-balance'] },
  ],
  init: () => ({ queues: { min: 0, max: 0 }, bypass: false, cpuFanout: false }),
  parse,
  finish: (state) => ({ kind: 'NFQUEUE', ...state }),
  print: (t) => ` NFQUEUE${text(t, ['num', 'balance', 'bypass', 'cpu-fanout'])}`,
  save: (t) => text(t, ['--queue-num', '--queue-balance', '--queue-bypass', '--queue-cpu-fanout']),
});
