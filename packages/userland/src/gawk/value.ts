/** An awk value: a number, a string, or input that looks like a number. */
export type Value = number | string | Strnum;

/** Text from input that compares as a number where it looks like one. */
export class Strnum {
  readonly text: string;
  readonly number: number;
  constructor(text: string, number: number) {
    this.text = text;
    this.number = number;
  }
}

const NUMERIC = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/;
const LEADING = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/;

/** A value that came from input. */
export function fromInput(text: string): Value {
  return NUMERIC.test(text) ? new Strnum(text, Number(text)) : text;
}

/** The number that a value stands for: its beginning, or 0. */
export function toNumber(v: Value): number {
  if (typeof v === 'number') return v;
  if (v instanceof Strnum) return v.number;
  return Number(LEADING.exec(v)?.[0] ?? 0);
}

/** The text of a value; `convert` is CONVFMT or OFMT, already applied to a number. */
export function toText(v: Value, convert: (n: number) => string): string {
  if (typeof v === 'string') return v;
  if (v instanceof Strnum) return v.text;
  return Number.isInteger(v) && Math.abs(v) < 1e16 ? String(v) : convert(v);
}

/** Whether a value counts as true. */
export function isTrue(v: Value): boolean {
  if (typeof v === 'number') return v !== 0;
  return v instanceof Strnum ? v.number !== 0 : v !== '';
}

/** Order of two values: as numbers if both are or look like some. */
export function compareValues(a: Value, b: Value, text: (v: Value) => string): number {
  if (typeof a !== 'string' && typeof b !== 'string') return toNumber(a) - toNumber(b);
  const [x, y] = [text(a), text(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}
