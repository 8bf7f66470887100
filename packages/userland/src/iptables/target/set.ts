import type { SetTarget } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import { defineTarget, type TargetExtension } from '../core/extension.ts';
import { strtoui } from '../core/numbers.ts';
import type { OptionCall } from '../core/option.ts';

const SET_NAME_MAX = 31;
const TIMEOUT_MAX = 0xffff_fffe;

/** There is no ipset here, so that no set is ever there: naming one fails as it does on a machine without sets. */
function parse({ name, value }: OptionCall): void {
  if (name === 'timeout') {
    if (strtoui(value.text, 0, TIMEOUT_MAX) === undefined)
      throw parameterProblem(`Invalid value for option --timeout or out of range 0-${TIMEOUT_MAX}`);
    return;
  }
  if (!name.endsWith('-set')) return;
  const [set = ''] = value.text.split(' ');
  if (set.length > SET_NAME_MAX)
    throw parameterProblem(`setname \`${set}' too long, max ${SET_NAME_MAX} characters.`);
  throw parameterProblem(`Set ${set} doesn't exist.\n`);
}

/** `-j SET`, revision 3. extensions/libxt_SET.c */
export const set: TargetExtension = defineTarget<SetTarget, null>({
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
  init: () => null,
  parse,
  finish: () => {
    throw parameterProblem("You must specify either `--add-set' or `--del-set' or `--map-set'");
  },
  print: () => '',
  save: () => '',
});
