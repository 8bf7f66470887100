import type { SetTarget } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import { strtoui } from '../core/numbers.ts';
import { parseSetRef, type SetRef } from '../core/set-ref.ts';

const TIMEOUT_MAX = 0xffff_fffe;

interface State {
  add?: SetRef;
  del?: SetRef;
  exist: boolean;
  timeout: number | undefined;
  readonly hasSet: (name: string) => boolean;
}

function refText(word: string, ref: SetRef | undefined): string {
  return ref === undefined ? '' : ` ${word} ${ref.name} ${ref.dirs.join(',')}`;
}

/** `-j SET`, revision 3. extensions/libxt_SET.c */
export const set: TargetExtension = defineTarget<SetTarget, State>({
  name: 'SET',
  kinds: ['SET'],
  options: [
    { name: 'add-set', type: 'string', words: 2, invert: true },
    { name: 'del-set', type: 'string', words: 2, invert: true },
    { name: 'exist', type: 'none' },
    { name: 'timeout', type: 'string' },
    { name: 'map-set', type: 'string', words: 2, invert: true },
    { name: 'map-mark', type: 'none' },
    { name: 'map-prio', type: 'none' },
    { name: 'map-queue', type: 'none' },
  ],
  init: (rule) => ({ exist: false, timeout: undefined, hasSet: rule.hasSet }),
  parse({ name, value }, state) {
    if (name === 'exist') state.exist = true;
    else if (name === 'timeout') {
      state.timeout = strtoui(value.text, 0, TIMEOUT_MAX);
      if (state.timeout === undefined)
        throw parameterProblem(
          `Invalid value for option --timeout or out of range 0-${TIMEOUT_MAX}`,
        );
    } else if (name === 'add-set') state.add = parseSetRef(value.text, state.hasSet);
    else if (name === 'del-set') state.del = parseSetRef(value.text, state.hasSet);
    else if (name === 'map-set') {
      parseSetRef(value.text, state.hasSet);
      throw parameterProblem("Labwire's -j SET has --add-set and --del-set, not --map-set");
    }
  },
  finish({ add, del, exist, timeout }) {
    if (add === undefined && del === undefined)
      throw parameterProblem("You must specify either `--add-set' or `--del-set' or `--map-set'");
    return {
      kind: 'SET',
      ...(add === undefined ? {} : { add }),
      ...(del === undefined ? {} : { del }),
      exist,
      timeout,
    };
  },
  print: (t) =>
    refText('add-set', t.add) +
    (t.exist ? ' exist' : '') +
    (t.timeout === undefined ? '' : ` timeout ${t.timeout}`) +
    refText('del-set', t.del),
  save: (t) =>
    refText('--add-set', t.add) +
    (t.exist ? ' --exist' : '') +
    (t.timeout === undefined ? '' : ` --timeout ${t.timeout}`) +
    refText('--del-set', t.del),
});
