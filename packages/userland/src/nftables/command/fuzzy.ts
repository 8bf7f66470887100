/** What was perhaps meant. src/misspell.c */

/** Letters to change, add, leave out or swap, to make one word of the other. `string_distance()` */
function distance(a: string, b: string): number {
  const d: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 0; j <= b.length; j++) (d[0] as number[])[j] = j;
  const at = (i: number, j: number): number => (d[i] as number[])[j] as number;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, at(i - 2, j - 2) + cost);
      (d[i] as number[])[j] = best;
    }
  }
  return at(a.length, b.length);
}

/** The most alike of some names, if one is alike enough. `string_misspell_update()` */
export function closest<T>(name: string, list: Iterable<readonly [string, T]>): T | undefined {
  let found: T | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [other, value] of list) {
    if (other === name) return value;
    const longest = Math.max(name.length, other.length);
    const apart = Math.abs(name.length - other.length);
    if (longest <= 1) continue;
    const limit = apart <= 1 ? Math.max(Math.ceil(longest / 3), 1) : Math.ceil((longest + 2) / 3);
    const n = distance(other, name);
    if (n <= limit && n < least) {
      least = n;
      found = value;
    }
  }
  return found;
}
