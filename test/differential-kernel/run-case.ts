import { compare, type Difference } from './compare/compare.ts';
import type { Case } from './model/case.ts';
import { observe, type Side } from './model/side.ts';

/** Plays a case on both sides. @returns how they differ; undefined if they do not */
export async function runCase(
  test: Case,
  linux: Side,
  labwire: Side,
): Promise<Difference | undefined> {
  const theirs = await observe(linux, test);
  // a case that the real kernel does not take as it stands tells less; the rest of it runs all the same
  return compare(test, theirs, await observe(labwire, test));
}
