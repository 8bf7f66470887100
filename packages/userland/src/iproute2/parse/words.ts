import type { ManualRow } from '../../machine/index.ts';
import type { Args } from './args.ts';

/** One keyword of a command: how it may be written, and what is made of it and of what follows. */
export interface Word<S, C = unknown> {
  /** In full only. */
  readonly exact: readonly string[];
  /** Or shortened. */
  readonly abbreviated?: readonly string[];
  /** What follows it: `PREFIX`. */
  readonly arg?: string;
  /** It is an error that names it. */
  readonly refused?: boolean;
  /** `args` is at the word, and is left at the last one that belongs to it. */
  read(state: S, args: Args, ctx: C): void;
}

/**
 * A keyword of a command.
 * @param spec its spellings and what follows: `broadcast*|brd ADDRESS`, a star behind what may be shortened
 */
export function word<S, C = unknown>(spec: string, read: Word<S, C>['read']): Word<S, C> {
  const [spellings = '', ...rest] = spec.split(' ');
  const all = spellings.split('|');
  const arg = rest.join(' ');
  return {
    exact: all.filter((w) => !w.endsWith('*')),
    abbreviated: all.filter((w) => w.endsWith('*')).map((w) => w.slice(0, -1)),
    ...(arg === '' ? {} : { arg }),
    read,
  };
}

/** Keywords that are refused; `why` is given the word as it was typed. */
export function refusedWord<S, C = unknown>(
  spec: string,
  why: (typed: string) => Error,
): Word<S, C> {
  const read: Word<S, C>['read'] = (_state, args) => {
    throw why(args.word);
  };
  return { ...word(spec, read), refused: true };
}

/** The first row that the current word is, or abbreviates. */
export function findWord<S, C>(words: readonly Word<S, C>[], args: Args): Word<S, C> | undefined {
  return words.find(
    ({ exact, abbreviated = [] }) => args.is(...exact) || args.matches(...abbreviated),
  );
}

/** Keywords for docs/programs. */
export function wordRows(
  words: readonly Pick<Word<never>, 'exact' | 'abbreviated' | 'arg' | 'refused'>[],
): ManualRow[] {
  return words.map(({ exact, abbreviated = [], arg, refused }) => ({
    names: [...abbreviated, ...exact],
    ...(arg === undefined ? {} : { arg }),
    ...(refused === true ? { refused } : {}),
  }));
}
