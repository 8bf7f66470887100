import type { Process } from './process.ts';

/** One thing that can be typed: an option, a command, a keyword. */
export interface ManualRow {
  /** Its spellings, as typed: `-c`, `--count`. */
  readonly names: readonly string[];
  /** What follows it: `COUNT`; in brackets what may be left out: `[COUNT]`. */
  readonly arg?: string;
  /** What it does, in the words of the program's own help. */
  readonly meaning?: string;
  /** It exists on Linux; here it is an error that says it is not supported. */
  readonly refused?: boolean;
}

/** Rows under a heading: `Options`, `ip address add`, `-m conntrack`. */
export interface ManualSection {
  readonly title: string;
  readonly rows: readonly ManualRow[];
}

/** What a program can be told, read off the tables that it parses with. */
export type Manual = readonly ManualSection[];

/** A program: runs as a process and returns its exit code. */
export interface Program {
  (proc: Process): Promise<number>;
  /** Absent for one that takes nothing. */
  readonly manual?: () => Manual;
}

/** A program with its manual. */
export function withManual(program: Program, manual: () => Manual): Program {
  return Object.assign((proc: Process) => program(proc), { manual });
}

/** Rows for names alone. */
export function rowsOf(names: Iterable<string>, more: Omit<ManualRow, 'names'> = {}): ManualRow[] {
  return [...names].map((name) => ({ names: [name], ...more }));
}
