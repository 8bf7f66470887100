import type { Context } from '../../context/index.ts';
import { matches, unsupported } from '../../parse/index.ts';

/** What becomes of a packet: names, as they are looked up. Source: iproute2 tc/tc_util.c, action_a2n(). */
export const CONTROLS: readonly (readonly [name: string, value: number])[] = [
  ['continue', -1],
  ['drop', 2],
  ['shot', 2],
  ['pass', 0],
  ['ok', 0],
  ['reclassify', 1],
  ['pipe', 3],
];
const SHOWN: Readonly<Record<number, string>> = {
  [-1]: 'continue',
  0: 'pass',
  1: 'reclassify',
  2: 'drop',
  3: 'pipe',
  4: 'stolen',
  8: 'trap',
};
/** Controls that are refused. */
export const UNSUPPORTED_CONTROLS: readonly string[] = ['goto', 'jump', 'trap'];
/** What there is of actions. */
export const SUPPORTED_ACTIONS = 'drop, pass, continue, reclassify, pipe, mirred, police';
/** The number of a control word; undefined if it is none. */
export function parseControl(word: string): number | undefined {
  if (UNSUPPORTED_CONTROLS.some((name) => matches(word, name)) && !matches(word, 'pass'))
    throw unsupported(`tc action ${word}`, SUPPORTED_ACTIONS);
  return CONTROLS.find(([name]) => matches(word, name))?.[1];
}

/** Its name. Source: tc/tc_util.c, action_n2a(). */
export function controlName(value: number): string {
  return SHOWN[value] ?? String(value);
}

/** Prints one, which in JSON is an object. print_action_control() */
export function printControl(
  { printer }: Context,
  prefix: string,
  value: number,
  suffix: string,
): void {
  printer.text(prefix);
  printer.openObject('control_action');
  printer.field('type', '%s', controlName(value));
  printer.closeObject();
  printer.text(suffix);
}
