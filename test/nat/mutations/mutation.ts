import type { Standing, SubjectName } from '@labwire/scenarios/properties';

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

/** A try in which a product does otherwise than a law says or asks, as small as it could be made. */
export interface Counterexample {
  /** Packets that the hosts of its network send. */
  readonly packets: number;
  /** What is wrong with its labs: nothing if they fail where the try did, and those of what should be hold. */
  readonly wrong: readonly string[];
}

/** How a subject stands to a law in some copy of the product. */
export interface Judged {
  readonly standing: Standing;
  /** What else is not as the law says, beside what happens instead: its condition, or that it can be tried at all. */
  readonly notAsSaid: string;
  /** What the law says that happens instead, and does not. */
  readonly belied: readonly string[];
  /** Of a broken copy: what shows that it is. Else: what shows that it does not do what the law asks, if it does not. */
  readonly counterexample: Counterexample | undefined;
}
