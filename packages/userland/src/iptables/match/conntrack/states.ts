import type { CtStateName, CtStatusName } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { abbreviates } from '../format.ts';

/** States in the order in which they are printed; those of `-m state` first. */
const PRINTED: readonly CtStateName[] = [
  'INVALID',
  'NEW',
  'RELATED',
  'ESTABLISHED',
  'UNTRACKED',
  'SNAT',
  'DNAT',
];
/** The order in which abbreviations are tried. `conntrack_ps_state()` */
const TRIED: readonly CtStateName[] = [
  'INVALID',
  'NEW',
  'ESTABLISHED',
  'RELATED',
  'UNTRACKED',
  'SNAT',
  'DNAT',
];
const STATUSES: readonly CtStatusName[] = [
  'NONE',
  'EXPECTED',
  'SEEN_REPLY',
  'ASSURED',
  'CONFIRMED',
];

/** A list of names or their beginnings. @param what for the message, which quotes what is left of the list */
function parseNames<T extends string>(list: string, names: readonly T[], what: string): T[] {
  const words = list.split(',');
  return words.map((word, i) => {
    const name = word === '' ? undefined : names.find((n) => abbreviates(word, n));
    if (name === undefined) throw parameterProblem(`Bad ${what} "${words.slice(i).join(',')}"`);
    return name;
  });
}

/** `NEW,ESTABLISHED` of --ctstate, in the order in which it is printed. */
export function parseCtStates(list: string): CtStateName[] {
  const found = parseNames(list, TRIED, 'ctstate');
  return PRINTED.filter((s) => found.includes(s));
}

/** The same of `-m state`, which knows no SNAT and DNAT. `state_parse_states()` */
export function parseStates(list: string): CtStateName[] {
  if (list.endsWith(',') || list === '') {
    throw parameterProblem(
      '"--state" requires a list of states with no spaces, e.g. ESTABLISHED,RELATED',
    );
  }
  const found = parseNames(list, TRIED.slice(0, 5), 'state');
  return PRINTED.filter((s) => found.includes(s));
}

/** `ASSURED` of --ctstatus; NONE adds nothing to others. */
export function parseCtStatuses(list: string): CtStatusName[] {
  const found = parseNames(list, STATUSES, 'ctstatus');
  const some = STATUSES.filter((s) => s !== 'NONE' && found.includes(s));
  return some.length === 0 ? ['NONE'] : some;
}
