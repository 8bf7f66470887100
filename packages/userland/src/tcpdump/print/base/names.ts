/** Names by number. */
export type Names = Readonly<Record<number, string>>;

/** Bits and their names, in the order in which they are printed. */
export type Bits = readonly (readonly [bit: number, name: string])[];

/** The names of the bits that are set; `none` for none. bittok2str() */
export function bitNames(table: Bits, value: number, separator = ', ', none = 'none'): string {
  const names = table.filter(([bit]) => ((value & bit) | 0) === (bit | 0)).map(([, name]) => name);
  return names.length === 0 ? none : names.join(separator);
}

/** A number in hexadecimal with at least so many digits, as `%04x` shows it. */
export function hexNumber(value: number, digits = 0): string {
  return (value >>> 0).toString(16).padStart(digits, '0');
}

const UNITS: readonly (readonly [string, number])[] = [
  ['y', 31_536_000],
  ['w', 604_800],
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
];

/** A duration like `1h30m`. unsigned_relts_print() */
export function relativeTime(seconds: number): string {
  if (seconds === 0) return '0s';
  let left = seconds;
  let out = '';
  for (const [unit, size] of UNITS) {
    const n = Math.floor(left / size);
    if (n > 0) out += `${n}${unit}`;
    left -= n * size;
  }
  return out;
}
