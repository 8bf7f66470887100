import type { DiffLine } from '../compare/index.ts';
import type { Step } from '../lab.ts';

/** What became of one command. */
export interface CommandResult {
  readonly step: Step;
  /** Simulated seconds from the lab's begin to the command's. */
  readonly time: number;
  /** What the terminal showed; of a command that outlived its block, until the lab's end. */
  readonly output: string;
  /** Null if it still ran at the lab's end, or a signal ended it. */
  readonly exitCode: number | null;
  /** Null where nothing was compared. */
  readonly match: boolean | null;
  /** It did not match; or it was not compared, exited with an error, and its block does not say `may-fail`. */
  readonly failed: boolean;
  /** Document and run side by side, if they differ. */
  readonly diff: readonly DiffLine[];
}

/** How a lab came out. */
export interface Summary {
  readonly commands: number;
  /** Commands whose output the document shows. */
  readonly compared: number;
  readonly matched: number;
  readonly failed: number;
}

/** Counts what became of a lab's commands. */
export function summarise(results: readonly CommandResult[]): Summary {
  return {
    commands: results.length,
    compared: results.filter((r) => r.match !== null).length,
    matched: results.filter((r) => r.match === true).length,
    failed: results.filter((r) => r.failed).length,
  };
}
