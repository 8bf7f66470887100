import type { TosTarget } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import type { OptionCall } from '../core/option.ts';
import { TOS_NAMES } from '../core/option-value.ts';

type State = { value: number; mask: number };

const OPS = ['set-tos', 'and-tos', 'or-tos', 'xor-tos'];
/** The mask of a value given by its name. */
const NAMED_MASK = 0x3f;

function hex2(n: number): string {
  return `0x${n.toString(16).padStart(2, '0')}`;
}

function parse({ name, value }: OptionCall, state: State): void {
  switch (name) {
    case 'set-tos':
      Object.assign(state, { value: value.num, mask: value.numMask });
      break;
    case 'and-tos':
      Object.assign(state, { value: 0, mask: ~value.num & 0xff });
      break;
    case 'or-tos':
      Object.assign(state, { value: value.num, mask: value.num });
      break;
    default:
      Object.assign(state, { value: value.num, mask: 0 });
  }
}

function print({ value, mask }: TosTarget, numeric: boolean): string {
  const set = ` TOS set ${hex2(value)}/${hex2(mask)}`;
  if (numeric) return set;
  const name = mask === NAMED_MASK ? TOS_NAMES.find(([v]) => v === value)?.[1] : undefined;
  // The blanks are where the real tool has them.
  if (name !== undefined) return `  TOS set${name}`;
  if (value === 0) return ` TOS and ${hex2(~mask & 0xff)}`;
  if (value === mask) return ` TOS or ${hex2(value)}`;
  return mask === 0 ? ` TOS xor ${hex2(value)}` : set;
}

/** `-j TOS`, revision 1. extensions/libxt_TOS.c */
export const tos: TargetExtension = defineTarget<TosTarget, State>({
  name: 'TOS',
  kinds: ['TOS'],
  options: OPS.map((name) => ({
    name,
    type: name === 'set-tos' ? 'tosmask' : 'uint8',
    ...(name === 'set-tos' ? { max: NAMED_MASK } : {}),
    excl: OPS.filter((o) => o !== name),
  })),
  init: () => ({ value: 0, mask: 0 }),
  parse,
  finish: (state, seen) => {
    if (seen.size === 0) throw parameterProblem('TOS: An action is required');
    return { kind: 'TOS', ...state };
  },
  print: (t, { numeric }) => print(t, numeric),
  save: (t) => ` --set-tos ${hex2(t.value)}/${hex2(t.mask)}`,
});
