/** What was perhaps meant. src/misspell.c */

/**
 * Letters to change, add, leave out or swap, to make one word of the other, as nft counts them: it skips the first letter
 * of each word, and its table is one column short, so that the end of a row is the beginning of the next.
 * `string_distance()`
 */
function distance(a: string, b: string): number {
  const d: number[] = [];
  const at = (i: number, j: number): number => d[i * b.length + j] as number;
  for (let i = 0; i <= a.length; i++) d[i * b.length] = i;
  for (let j = 0; j <= b.length; j++) d[j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i] === b[j] ? 0 : 1;
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost);
      if (i > 1 && j > 1 && a[i] === b[j - 1] && a[i - 1] === b[j])
        best = Math.min(best, at(i - 2, j - 2) + cost);
      d[i * b.length + j] = best;
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
