/** A stretch of lines that differ: `[from1, to1)` of the first file stands where `[from2, to2)` of the second does. */
export interface Change {
  readonly from1: number;
  readonly to1: number;
  readonly from2: number;
  readonly to2: number;
}

/** Differences beyond which what is between the equal ends counts as one change, as far as memory goes. */
const MOST_EDITS = 4000;

/** The changes that make one list of lines the other, as few lines as can be. Myers, An O(ND) Difference Algorithm (1986) */
export function compareLines(a: readonly string[], b: readonly string[]): Change[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const [goneA, newB] = marks(a.slice(start, endA), b.slice(start, endB));
  const gone = spread(goneA, start, a.length);
  const added = spread(newB, start, b.length);
  slideDown(a, gone, added);
  slideDown(b, added, gone);
  return changesOf(gone, added);
}

function spread(marked: readonly boolean[], start: number, length: number): boolean[] {
  return Array.from({ length }, (_, i) => marked[i - start] ?? false);
}

/** Which lines of each are in no longest common subsequence. */
function marks(a: readonly string[], b: readonly string[]): [boolean[], boolean[]] {
  const gone = a.map(() => true);
  const added = b.map(() => true);
  const trace = furthest(a, b);
  if (trace === undefined) return [gone, added];
  let [x, y] = [a.length, b.length];
  for (let d = trace.length - 1; d >= 0; d--) {
    const v = trace[d] as Map<number, number>;
    const k = x - y;
    const down = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1));
    const before = down ? k + 1 : k - 1;
    const [px, py] =
      d === 0 ? [0, 0] : [v.get(before) as number, (v.get(before) as number) - before];
    while (x > px && y > py) {
      x--;
      y--;
      gone[x] = false;
      added[y] = false;
    }
    [x, y] = [px, py];
  }
  return [gone, added];
}

/** How far one gets on each diagonal with so many edits, before each edit; undefined if that are too many. */
function furthest(a: readonly string[], b: readonly string[]): Map<number, number>[] | undefined {
  const trace: Map<number, number>[] = [];
  const v = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= Math.min(a.length + b.length, MOST_EDITS); d++) {
    trace.push(new Map(v));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1));
      let x = down ? (v.get(k + 1) ?? 0) : (v.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      v.set(k, x);
      if (x >= a.length && x - k >= b.length) return trace;
    }
  }
  return undefined;
}

/** Moves runs of marked lines as far down as equal lines allow, which is where people expect them. GNU diff, shift_boundaries() */
function slideDown(lines: readonly string[], marked: boolean[], other: readonly boolean[]): void {
  let j = 0;
  for (let i = 0; i < lines.length; i++) {
    if (marked[i] !== true) {
      while (other[j] === true) j++;
      j++;
      continue;
    }
    let from = i;
    let to = i;
    while (marked[to] === true) to++;
    while (to < lines.length && lines[from] === lines[to] && other[j] !== true) {
      marked[from++] = false;
      marked[to++] = true;
      j++;
      while (marked[to] === true) to++;
    }
    i = to - 1;
  }
}

function changesOf(gone: readonly boolean[], added: readonly boolean[]): Change[] {
  const changes: Change[] = [];
  for (let i = 0, j = 0; i < gone.length || j < added.length; i++, j++) {
    const [from1, from2] = [i, j];
    while (gone[i] === true) i++;
    while (added[j] === true) j++;
    if (i > from1 || j > from2) changes.push({ from1, to1: i, from2, to2: j });
  }
  return changes;
}
