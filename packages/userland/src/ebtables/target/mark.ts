import type { EbtMarkTarget } from '@labwire/devices/bridge';
import { parameterProblem, strtoui } from '../../iptables/index.ts';
import { defineExtension, type EbtExtension } from '../extension.ts';
import { hexText } from '../values.ts';
import { readVerdict } from './verdict.ts';

const OPS = ['set', 'or', 'and', 'xor'] as const;

/** `-j mark`. extensions/libebt_mark.c */
export const markTarget: EbtExtension = defineExtension<EbtMarkTarget>({
  name: 'mark',
  options: [
    { names: ['mark-target'], key: 'verdict', once: true },
    { names: ['set-mark', 'mark-set'], key: 'set', once: true },
    { names: ['mark-or'], key: 'or', once: true },
    { names: ['mark-and'], key: 'and', once: true },
    { names: ['mark-xor'], key: 'xor', once: true },
  ],
  init: () => ({ kind: 'mark', op: 'set', value: 0, verdict: 'ACCEPT' }),
  parse(t, { key, text, given }) {
    if (key === 'verdict') {
      t.verdict = readVerdict(text, 'mark-target');
      return;
    }
    if (OPS.some((op) => given.has(op)))
      throw parameterProblem(`--mark-${key} cannot be used together with specific --mark option`);
    const value = strtoui(text, 0, 0xffff_ffff);
    if (value === undefined) throw parameterProblem(`Bad MARK value '${text}'`);
    t.op = key as EbtMarkTarget['op'];
    t.value = value;
  },
  finalCheck(given) {
    if (given.size === 0) throw parameterProblem('You must specify some option');
  },
  print: (t) => `--mark-${t.op} ${hexText(t.value)} --mark-target ${t.verdict}`,
});
