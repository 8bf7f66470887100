import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { Process, Program } from '../machine/index.ts';
import { linesOf, readInputText } from './input.ts';
import { type Options, quote, ToolError, tool } from './tool.ts';

/** One key of a sort. */
interface SortKey {
  readonly from: Position;
  readonly to: Position | undefined;
  readonly flags: string;
}

/** A field and a character in it, both from 1; character 0 is the field's end. */
interface Position {
  readonly field: number;
  readonly char: number;
}

/** sort(1). */
export const sort: Program = tool(
  {
    name: 'sort',
    letters: 'nrufbk:t:o:cCVhgMdismzR',
    longs: {
      'numeric-sort': 'n',
      reverse: 'r',
      unique: 'u',
      'ignore-case': 'f',
      'key=': 'k',
      'field-separator=': 't',
      'output=': 'o',
      check: 'c',
      'version-sort': 'V',
      'human-numeric-sort': 'h',
      'general-numeric-sort': 'g',
      'month-sort': 'M',
      'dictionary-order': 'd',
      'ignore-leading-blanks': 'b',
      stable: 's',
    },
    usageStatus: 2,
  },
  async (proc, options, operands) => {
    const lines: string[] = [];
    for (const file of operands.length > 0 ? operands : ['-']) {
      try {
        lines.push(...linesOf(await readInputText(proc, file)));
      } catch (e) {
        if (!(e instanceof KernelError)) throw e;
        const what = e.errno === 'EISDIR' ? 'read failed' : 'cannot read';
        throw new ToolError(`${what}: ${file}: ${e.message}`, 2);
      }
    }
    const compare = comparator(options);
    if (options.has('c', 'C')) return check(proc, lines, compare, options, operands[0] ?? '-');
    const sorted = lines.sort(compare.full);
    const out = options.has('u')
      ? sorted.filter((l, i) => i === 0 || compare.keys(l, sorted[i - 1] as string) !== 0)
      : sorted;
    await output(proc, options.value('o'), out.map((l) => `${l}\n`).join(''));
    return 0;
  },
);

async function output(proc: Process, file: string | undefined, text: string): Promise<void> {
  const fd =
    file === undefined ? 1 : proc.open(file, { write: true, create: true, truncate: true });
  await proc.write(fd, utf8Encode(text));
}

type Compare = (a: string, b: string) => number;

async function check(
  proc: Process,
  lines: readonly string[],
  compare: { keys: Compare; full: Compare },
  options: Options,
  file: string,
): Promise<number> {
  const strict = options.has('u');
  for (let i = 1; i < lines.length; i++) {
    const order = compare.full(lines[i - 1] as string, lines[i] as string);
    if (order < 0 || (order === 0 && !strict)) continue;
    if (!options.has('C')) await proc.err(`sort: ${file}:${i + 1}: disorder: ${lines[i]}\n`);
    return 1;
  }
  return 0;
}

const GLOBAL_FLAGS = ['b', 'd', 'f', 'g', 'h', 'i', 'M', 'n', 'R', 'r', 'V'];

/** How lines compare: by their keys, and in full with the whole line as the last resort. */
function comparator(options: Options): { keys: Compare; full: Compare } {
  const global = GLOBAL_FLAGS.filter((f) => options.has(f)).join('');
  const separator = options.value('t');
  if (separator !== undefined && separator !== '\\0' && [...separator].length > 1)
    throw new ToolError(`multi-character tab ${quote(separator)}`, 2);
  const specs = options.values('k');
  const keys = specs.map((spec) => parseKey(spec, global));
  if (keys.length === 0) keys.push({ from: { field: 1, char: 1 }, to: undefined, flags: global });
  const byKeys: Compare = (a, b) => {
    for (const key of keys) {
      const order = compareKey(keyText(a, key, separator), keyText(b, key, separator), key.flags);
      if (order !== 0) return key.flags.includes('r') ? -order : order;
    }
    return 0;
  };
  const full: Compare = (a, b) => {
    const order = byKeys(a, b);
    if (order !== 0 || options.has('s', 'u')) return order;
    return options.has('r') ? compareBytes(b, a) : compareBytes(a, b);
  };
  return { keys: byKeys, full };
}

function parseKey(spec: string, global: string): SortKey {
  const m = /^(\d+)(?:\.(\d+))?([bdfghiMnRrV]*)(?:,(\d+)(?:\.(\d+))?([bdfghiMnRrV]*))?$/.exec(spec);
  if (m === null) throw new ToolError(`invalid field specification ${quote(spec)}`, 2);
  if (m[1] === '0')
    throw new ToolError(`field number is zero: invalid field specification ${quote(spec)}`, 2);
  const own = (m[3] ?? '') + (m[6] ?? '');
  return {
    from: { field: Number(m[1]), char: Number(m[2] ?? 1) },
    to: m[4] === undefined ? undefined : { field: Number(m[4]), char: Number(m[5] ?? 0) },
    flags: own === '' ? global : own,
  };
}

/** Where each field begins and ends; without a separator the blanks before a field belong to it. */
function fields(line: string, separator: string | undefined): (readonly [number, number])[] {
  const out: (readonly [number, number])[] = [];
  if (separator === undefined) {
    for (const m of line.matchAll(/[ \t]*[^ \t]*/g))
      if (m[0] !== '') out.push([m.index, m.index + m[0].length]);
    return out;
  }
  let at = 0;
  for (const part of line.split(separator)) {
    out.push([at, at + part.length]);
    at += part.length + separator.length;
  }
  return out;
}

function keyText(line: string, key: SortKey, separator: string | undefined): string {
  const wholeLine = key.from.field === 1 && key.from.char === 1 && key.to === undefined;
  if (wholeLine) return key.flags.includes('b') ? line.replace(/^[ \t]+/, '') : line;
  const all = fields(line, separator);
  const first = all[key.from.field - 1];
  if (first === undefined) return '';
  let start = first[0];
  if (key.flags.includes('b')) while (/[ \t]/.test(line[start] ?? '')) start++;
  start += key.from.char - 1;
  if (key.to === undefined) return line.slice(start);
  const last = all[key.to.field - 1];
  if (last === undefined) return line.slice(start);
  return line.slice(start, key.to.char === 0 ? last[1] : last[0] + key.to.char);
}

function compareKey(a: string, b: string, flags: string): number {
  if (flags.includes('n')) return number(a) - number(b);
  if (flags.includes('g')) return (Number.parseFloat(a) || 0) - (Number.parseFloat(b) || 0);
  if (flags.includes('h')) return human(a) - human(b);
  if (flags.includes('M')) return month(a) - month(b);
  if (flags.includes('V')) return compareVersions(a, b);
  let [x, y] = [a, b];
  if (flags.includes('d')) [x, y] = [x.replace(/[^\w \t]|_/g, ''), y.replace(/[^\w \t]|_/g, '')];
  if (flags.includes('f')) [x, y] = [x.toUpperCase(), y.toUpperCase()];
  return compareBytes(x, y);
}

/** Order of the texts' bytes, which for UTF-8 is that of its code points. */
function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function number(text: string): number {
  return Number(/^[ \t]*(-?\d*\.?\d*)/.exec(text)?.[1] || 0) || 0;
}

function human(text: string): number {
  const m = /^[ \t]*(-?\d*\.?\d*)([KMGTPEk])?/.exec(text);
  const unit = 'KMGTPE'.indexOf((m?.[2] ?? '').toUpperCase() || ' ') + 1;
  return (Number(m?.[1] || 0) || 0) * 1024 ** unit;
}

function month(text: string): number {
  const names = 'JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC';
  const at = names.indexOf(text.trim().slice(0, 3).toUpperCase());
  return at < 0 || at % 3 !== 0 ? 0 : at / 3 + 1;
}

/** Order of version numbers: runs of digits compare as numbers. gnulib filevercmp.c */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [p, q] = [x[i], y[i]];
    if (p === undefined) return -1;
    if (q === undefined) return 1;
    const numbers = /^\d/.test(p) && /^\d/.test(q);
    const order = numbers ? Number(p) - Number(q) : compareBytes(p, q);
    if (order !== 0) return order;
  }
  return compareBytes(a, b);
}
