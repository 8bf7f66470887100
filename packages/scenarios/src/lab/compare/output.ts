import { compileLine, isEllipsis, type LinePattern, matchLine } from './line.ts';
import { rulesFor } from './pid-columns.ts';
import type { Renaming } from './renaming.ts';
import { presentWording } from './wordings.ts';

/** A line of a document in the ways in which it may be read: as it stands, or in its tool's present words. */
export type ExpectedLine = 'any number of lines' | readonly LinePattern[];

/** The lines of a terminal's text: trailing blanks and blank lines cut, each `^C` on a line of its own. */
export function outputLines(text: string): string[] {
  const lines = text.split('\n').flatMap((line) => splitInterrupt(line.replace(/\s+$/, '')));
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/** What the terminal echoes for Ctrl-C may stand before what the program says last. */
function splitInterrupt(line: string): string[] {
  return line.startsWith('^C') && line.length > 2 ? ['^C', line.slice(2)] : [line];
}

/** Compiles what a document shows under a command. */
export function compileOutput(command: string, shown: readonly string[]): ExpectedLine[] {
  const rules = rulesFor(command);
  return outputLines(shown.join('\n')).map((line) => {
    if (isEllipsis(line)) return 'any number of lines';
    const present = presentWording(line);
    const readings = present === line ? [line] : [line, present];
    return readings.map((reading) => compileLine(reading, rules));
  });
}

/** Holds one line of a run against one of a document; on failure `renaming` is as it was. */
export function agrees(
  expected: readonly LinePattern[],
  line: string,
  renaming: Renaming,
): boolean {
  for (const pattern of expected) {
    const mark = renaming.mark();
    if (matchLine(pattern, line, renaming)) return true;
    renaming.rollBack(mark);
  }
  return false;
}

/**
 * Holds a run's lines against a document's, up to renaming.
 * @returns whether they agree; if not, `renaming` is as it was
 */
export function matchOutput(
  expected: readonly ExpectedLine[],
  lines: readonly string[],
  renaming: Renaming,
): boolean {
  const mark = renaming.mark();
  const runs = splitRuns(expected);
  let at = 0;
  for (const [i, run] of runs.entries()) {
    const isLast = i === runs.length - 1;
    const found = findRun(run, lines, at, { pinned: i === 0, atEnd: isLast }, renaming);
    if (found === undefined) {
      renaming.rollBack(mark);
      return false;
    }
    at = found + run.length;
  }
  return true;
}

/** The stretches of lines between two ellipses. */
function splitRuns(expected: readonly ExpectedLine[]): (readonly LinePattern[])[][] {
  const runs: (readonly LinePattern[])[][] = [[]];
  for (const line of expected) {
    if (line === 'any number of lines') runs.push([]);
    else runs.at(-1)?.push(line);
  }
  return runs;
}

/** Where a stretch first agrees. @returns undefined if nowhere */
function findRun(
  run: readonly (readonly LinePattern[])[],
  lines: readonly string[],
  from: number,
  { pinned, atEnd }: { readonly pinned: boolean; readonly atEnd: boolean },
  renaming: Renaming,
): number | undefined {
  const last = lines.length - run.length;
  const first = atEnd && !pinned ? last : from;
  if (first < from || (pinned && atEnd && last !== from)) return undefined;
  for (let start = first; start <= (pinned ? Math.min(first, last) : last); start++) {
    const mark = renaming.mark();
    if (run.every((line, i) => agrees(line, lines[start + i] as string, renaming))) return start;
    renaming.rollBack(mark);
  }
  return undefined;
}

/** Whether a run has printed all that a document shows above a `^C`. */
export function hasPrinted(
  expected: readonly ExpectedLine[],
  text: string,
  renaming: Renaming,
): boolean {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = whole.split('\n').slice(0, -1);
  if (!expected.includes('any number of lines')) return lines.length >= expected.length;
  const mark = renaming.mark();
  const printed = matchOutput(expected, outputLines(whole), renaming);
  renaming.rollBack(mark);
  return printed;
}
