import type { RowResult, Verdict } from './conformance-set.ts';

const VERDICTS: readonly Verdict[] = ['right', 'refused', 'wrong'];

function percent(n: number, of: number): string {
  return `${n}/${of}${of === 0 ? '' : ` (${((100 * n) / of).toFixed(1)} %)`}`;
}

/** How many rows went how, by group and in all, and each figure over the rows that it is about. */
export function report(results: readonly RowResult[]): string {
  const groups = [...new Set(results.map((r) => r.group))].sort();
  const lines = groups.length < 2 ? [] : groups.map((g) => line(g, ofGroup(results, g)));
  return [
    ...lines,
    line('all', results),
    ...figures('', results),
    ...groupFigures(results, groups),
  ].join('\n');
}

function ofGroup(results: readonly RowResult[], group: string): RowResult[] {
  return results.filter((r) => r.group === group);
}

function line(name: string, results: readonly RowResult[]): string {
  const counts = VERDICTS.map(
    (v) => `${v} ${percent(results.filter((r) => r.result === v).length, results.length)}`,
  );
  return `${name}: ${counts.join(', ')}`;
}

function figures(prefix: string, results: readonly RowResult[]): string[] {
  const names = [...new Set(results.flatMap((r) => Object.keys(r.figures)))].sort();
  return names.map((name) => {
    const about = results.filter((r) => name in r.figures);
    return `${prefix}${name} identical: ${percent(about.filter((r) => r.figures[name]).length, about.length)}`;
  });
}

function groupFigures(results: readonly RowResult[], groups: readonly string[]): string[] {
  return groups.length < 2 ? [] : groups.flatMap((g) => figures(`${g}: `, ofGroup(results, g)));
}
