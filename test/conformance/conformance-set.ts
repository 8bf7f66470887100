/** How a row went: as it should, refused with a word on what Labwire does not have, or otherwise. */
export type Verdict = 'right' | 'refused' | 'wrong';

/** What came of one row. */
export interface RowResult {
  readonly result: Verdict;
  /** What Labwire did, as far as the row asks for it. */
  readonly got: string;
  /** What the row asks for; shown with -v where a row is not right. */
  readonly want: string;
  /** Rows are counted by group: tier, area, family. */
  readonly group: string;
  /** Figures beside the score, by name: true where they hold. Rows that a figure is not about leave it out. */
  readonly figures: Readonly<Record<string, boolean>>;
}

/** One line of a set's file. */
export interface Row {
  readonly id: string;
}

/** A peer's suite as data: knows its row formats and how to score them. A set NAME is sets/NAME.ts, which exports `set`. */
export interface ConformanceSet {
  /** Plays one row on machines or namespaces of its own. */
  play(row: Row): Promise<RowResult>;
}
