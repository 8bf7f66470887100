import type { MarkTarget } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import { hex } from '../core/numbers.ts';
import type { OptionEntry, OptionValue } from '../core/option.ts';

/** A value and the bits that it replaces. */
export interface MarkOp {
  readonly value: number;
  readonly mask: number;
}

const ALL = 0xffff_ffff;
const OPS = ['set-xmark', 'set-mark', 'and-mark', 'or-mark', 'xor-mark'];

/** The options that change a mark, each without the others and without `more`. */
export function markOptions(more: readonly string[] = []): OptionEntry[] {
  const all = [...OPS, ...more];
  return all.map((name) => ({
    name,
    type: more.includes(name) ? 'none' : name.startsWith('set-') ? 'markmask' : 'uint32',
    excl: all.filter((o) => o !== name),
  }));
}

/** What one of {@link markOptions} does; undefined for other options. */
export function markOp(name: string, value: OptionValue): MarkOp | undefined {
  switch (name) {
    case 'set-xmark':
      return { value: value.num, mask: value.numMask };
    case 'set-mark':
      return { value: value.num, mask: (value.num | value.numMask) >>> 0 };
    case 'and-mark':
      return { value: 0, mask: ~value.num >>> 0 };
    case 'or-mark':
      return { value: value.num, mask: value.num };
    case 'xor-mark':
      return { value: value.num, mask: 0 };
    default:
      return undefined;
  }
}

/** An operation as a listing tells it. */
export function markText({ value, mask }: MarkOp): string {
  if (value === 0) return `and ${hex(~mask)}`;
  if (value === mask) return `or ${hex(value)}`;
  if (mask === 0) return `xor ${hex(value)}`;
  return mask === ALL ? `set ${hex(value)}` : `xset ${hex(value)}/${hex(mask)}`;
}

/** `-j MARK`. extensions/libxt_MARK.c */
export const mark: TargetExtension = defineTarget<MarkTarget, { op?: MarkOp }>({
  name: 'MARK',
  kinds: ['MARK'],
  options: markOptions(),
  init: () => ({}),
  parse: ({ name, value }, state) => {
    state.op = markOp(name, value) as MarkOp;
  },
  finish: ({ op }) => {
    if (op === undefined)
      throw parameterProblem(
        'MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required',
      );
    return { kind: 'MARK', op: 'set', ...op, nfmask: ALL };
  },
  print: (t) => ` MARK ${markText(t)}`,
  save: (t) => ` --set-xmark ${hex(t.value)}/${hex(t.mask)}`,
});
