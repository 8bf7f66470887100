import type { SubjectName } from '@labwire/scenarios/properties';

/** Laws, and the subjects whose standing to them must change. */
export type Flips = readonly [laws: readonly string[], subjects: readonly SubjectName[]];

/** One small break of the product, and what the law book must say of it. */
export interface Mutation {
  /** What is wrong then. */
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** A text that is in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  readonly flips: readonly Flips[];
}

/** A law and a subject. */
export interface Pair {
  readonly law: string;
  readonly subject: SubjectName;
}

/** What a mutation must change, one by one. */
export function pairsOf(m: Mutation): Pair[] {
  return m.flips.flatMap(([laws, subjects]) =>
    laws.flatMap((law) => subjects.map((subject) => ({ law, subject }))),
  );
}
