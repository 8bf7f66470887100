import { agrees, type ExpectedLine } from './output.ts';
import type { Renaming } from './renaming.ts';

/** A line of a diff: in both, in the document alone, in the run alone. */
export interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** Lines beyond which outputs are shown one after the other. */
const MAX_ALIGNED = 400;

/** Lays a document's lines and a run's side by side: the longest common subsequence, up to renaming. */
export function diffOutput(
  shown: readonly string[],
  expected: readonly ExpectedLine[],
  lines: readonly string[],
  renaming: Renaming,
): DiffLine[] {
  if (shown.length > MAX_ALIGNED || lines.length > MAX_ALIGNED) {
    return [...shown.map(minus), ...lines.map(plus)];
  }
  const same = (i: number, j: number): boolean => sameLine(expected[i], lines[j], renaming);
  const lengths = commonLengths(shown.length, lines.length, same);
  return walk(shown, lines, lengths, same);
}

const minus = (text: string): DiffLine => ({ sign: '-', text });
const plus = (text: string): DiffLine => ({ sign: '+', text });

function sameLine(
  expected: ExpectedLine | undefined,
  line: string | undefined,
  renaming: Renaming,
): boolean {
  if (expected === undefined || line === undefined) return false;
  if (expected === 'any number of lines') return false;
  const mark = renaming.mark();
  const same = agrees(expected, line, renaming);
  renaming.rollBack(mark);
  return same;
}

/** `lengths[i][j]`: of the longest common subsequence of what follows `i` and `j`. */
function commonLengths(n: number, m: number, same: (i: number, j: number) => boolean): number[][] {
  const lengths = Array.from({ length: n + 1 }, () => new Array<number>(m + 1).fill(0));
  for (let i = n - 1; i >= 0; i--) {
    const row = lengths[i] as number[];
    const below = lengths[i + 1] as number[];
    for (let j = m - 1; j >= 0; j--) {
      row[j] = same(i, j)
        ? (below[j + 1] as number) + 1
        : Math.max(below[j] as number, row[j + 1] as number);
    }
  }
  return lengths;
}

function walk(
  shown: readonly string[],
  lines: readonly string[],
  lengths: readonly (readonly number[])[],
  same: (i: number, j: number) => boolean,
): DiffLine[] {
  const out: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < shown.length || j < lines.length) {
    if (same(i, j)) {
      out.push({ sign: ' ', text: lines[j] as string });
      i++;
      j++;
    } else if (
      i < shown.length &&
      (j >= lines.length || (lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0))
    ) {
      out.push(minus(shown[i++] as string));
    } else out.push(plus(lines[j++] as string));
  }
  return out;
}
