import type { Range } from '../match.ts';

/** Whether a port lies in a range, or outside an inverted one; any port lies in an absent range. */
export function portIn(
  port: number,
  range: (Range & { readonly invert: boolean }) | undefined,
): boolean {
  return range === undefined || (port >= range.min && port <= range.max) !== range.invert;
}
