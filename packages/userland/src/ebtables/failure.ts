import { IptablesError, RESOURCE_PROBLEM } from '../iptables/index.ts';

/** What ebtables says of an error in a few words, after its name alone. `nft_strerror()` */
export class EbtShortError extends Error {}

/** No such chain. */
export const NO_CHAIN = 'No chain/target/match by that name';

/** Steps that the kernel may refuse, by the names under which ebtables tells of them. */
export type EbtChange = 'RULE_APPEND' | 'RULE_INSERT' | 'CHAIN_DEL';

/** What the kernel refuses when the change is handed to it. */
export interface EbtRefusal {
  readonly change: EbtChange;
  readonly why: 'Invalid argument' | 'Too many links' | 'Device or resource busy';
  readonly where: string;
  /** The line of ebtables-restore's input. */
  readonly line: number | undefined;
}

/** The error of what the kernel refused: on a command line the first of it. `mnl_append_error()` */
export function refused(refusals: readonly EbtRefusal[]): IptablesError {
  const all = refusals.filter((r, i) => i === 0 || r.line !== undefined);
  const told = all.map(({ change, why, where, line }) => {
    const at = line === undefined ? ' ' : `\nline ${line}: `;
    return `${at}${change} failed (${why}): ${where}`;
  });
  return new IptablesError(RESOURCE_PROBLEM, told.join(''));
}
