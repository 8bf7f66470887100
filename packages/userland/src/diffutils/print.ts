import type { Change } from './compare.ts';

/** One side of a comparison. */
export interface Side {
  readonly name: string;
  readonly lines: readonly string[];
  /** Its last line has a newline. */
  readonly terminated: boolean;
  /** As unified diffs show it: `2026-01-01 00:00:00.000000000 +0000`. */
  readonly time: string;
}

function lineOf(mark: string, side: Side, i: number): string {
  const text = `${mark}${side.lines[i]}\n`;
  const isLast = i === side.lines.length - 1;
  return isLast && !side.terminated ? `${text}\\ No newline at end of file\n` : text;
}

function block(mark: string, side: Side, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += lineOf(mark, side, i);
  return text;
}

/** `3`, `3,5`; the line before where there is none. */
function span(from: number, to: number): string {
  return to - from > 1 ? `${from + 1},${to}` : String(to - from === 1 ? to : from);
}

/** `diff`'s own form. POSIX diff, default output format */
export function normalDiff(a: Side, b: Side, changes: readonly Change[]): string {
  return changes
    .map(({ from1, to1, from2, to2 }) => {
      const letter = to1 === from1 ? 'a' : to2 === from2 ? 'd' : 'c';
      const between = letter === 'c' ? '---\n' : '';
      const head = `${span(from1, to1)}${letter}${span(from2, to2)}\n`;
      return `${head}${block('< ', a, from1, to1)}${between}${block('> ', b, from2, to2)}`;
    })
    .join('');
}

/** The unified form, with so many lines around each change. POSIX diff -u */
export function unifiedDiff(a: Side, b: Side, changes: readonly Change[], context: number): string {
  let text = `--- ${a.name}\t${a.time}\n+++ ${b.name}\t${b.time}\n`;
  for (let i = 0; i < changes.length; ) {
    const first = i++;
    while (i < changes.length && gap(changes, i) <= 2 * context) i++;
    text += hunk(a, b, changes.slice(first, i), context);
  }
  return text;
}

function gap(changes: readonly Change[], i: number): number {
  return (changes[i] as Change).from1 - (changes[i - 1] as Change).to1;
}

function hunk(a: Side, b: Side, changes: readonly Change[], context: number): string {
  const [first, last] = [changes[0] as Change, changes.at(-1) as Change];
  const lead = Math.min(context, first.from1);
  const trail = Math.min(context, a.lines.length - last.to1);
  const [from1, to1] = [first.from1 - lead, last.to1 + trail];
  const [from2, to2] = [first.from2 - lead, last.to2 + trail];
  let text = `@@ -${range(from1, to1)} +${range(from2, to2)} @@\n`;
  let at = from1;
  for (const change of changes) {
    text += block(' ', a, at, change.from1);
    text += block('-', a, change.from1, change.to1) + block('+', b, change.from2, change.to2);
    at = change.to1;
  }
  return text + block(' ', a, at, to1);
}

function range(from: number, to: number): string {
  const length = to - from;
  return length === 1 ? String(to) : `${length === 0 ? from : from + 1},${length}`;
}
