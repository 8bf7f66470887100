import { compare, type Difference } from './compare/compare.ts';
import { explain } from './explained.ts';
import type { Case } from './model/case.ts';
import { observe, type Side } from './model/side.ts';

/** A difference, with the name of what explains it. */
export interface Seen extends Difference {
  readonly explained: string | undefined;
}

/** Plays a case on both sides. @returns how they differ; undefined if they do not */
export async function runCase(test: Case, linux: Side, labwire: Side): Promise<Seen | undefined> {
  const theirs = await observe(linux, test);
  // a case that the real kernel does not take as it stands tells less; the rest of it runs all the same
  const ours = await observe(labwire, test);
  const seen = compare(test, theirs, ours);
  if (seen === undefined) return undefined;
  return { ...seen, explained: explain(seen, test, theirs, ours)?.name };
}
