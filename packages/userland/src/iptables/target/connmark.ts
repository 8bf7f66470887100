import type { MarkTarget } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import { hex } from '../core/numbers.ts';
import type { OptionCall } from '../core/option.ts';
import { markOp, markOptions, markText } from './mark.ts';

const ALL = 0xffff_ffff;
const MAX_SHIFT = 32;

interface State {
  op?: MarkTarget['op'];
  value: number;
  mask: number;
  nfmask: number;
  shift?: NonNullable<MarkTarget['shift']>;
}

function parse({ name, value }: OptionCall, state: State): void {
  const set = markOp(name, value);
  if (set !== undefined) Object.assign(state, { op: 'set', ...set });
  else if (name === 'save-mark') state.op = 'save';
  else if (name === 'restore-mark') state.op = 'restore';
  else if (name === 'ctmask') state.mask = value.num;
  else if (name === 'nfmask') state.nfmask = value.num;
  else if (name === 'mask') Object.assign(state, { mask: value.num, nfmask: value.num });
  else state.shift = { dir: name === 'left-shift-mark' ? 'left' : 'right', bits: value.num };
}

function shiftText({ shift }: MarkTarget, pfx: string): string {
  return shift === undefined || shift.bits === 0
    ? ''
    : ` ${pfx}${shift.dir}-shift-mark ${shift.bits}`;
}

function opText(t: MarkTarget): string {
  if (t.op === 'set') return markText(t);
  if (t.nfmask === t.mask) return t.mask === ALL ? t.op : `${t.op} mask ${hex(t.mask)}`;
  return t.op === 'save'
    ? `save nfmask ${hex(t.nfmask)} ctmask ~${hex(t.mask)}`
    : `restore ctmask ${hex(t.mask)} nfmask ~${hex(t.nfmask)}`;
}

/** `-j CONNMARK`, revision 2. extensions/libxt_CONNMARK.c */
export const connmark: TargetExtension = defineTarget<MarkTarget, State>({
  name: 'CONNMARK',
  kinds: ['CONNMARK'],
  options: [
    ...markOptions(['save-mark', 'restore-mark']),
    { name: 'left-shift-mark', type: 'uint8', min: 0, max: MAX_SHIFT },
    { name: 'right-shift-mark', type: 'uint8', min: 0, max: MAX_SHIFT },
    { name: 'ctmask', type: 'uint32', excl: ['mask'] },
    { name: 'nfmask', type: 'uint32', excl: ['mask'] },
    { name: 'mask', type: 'uint32', excl: ['ctmask', 'nfmask'] },
  ],
  init: () => ({ value: 0, mask: ALL, nfmask: ALL }),
  parse,
  check: ({ op }) => {
    if (op === undefined) throw parameterProblem('CONNMARK target: No operation specified');
  },
  finish: ({ op = 'set', ...state }) => ({ kind: 'CONNMARK', op, ...state }),
  print: (t) => ` CONNMARK ${opText(t)}${shiftText(t, '')}`,
  save: (t) =>
    (t.op === 'set'
      ? ` --set-xmark ${hex(t.value)}/${hex(t.mask)}`
      : ` --${t.op}-mark --nfmask ${hex(t.nfmask)} --ctmask ${hex(t.mask)}`) + shiftText(t, '--'),
});
