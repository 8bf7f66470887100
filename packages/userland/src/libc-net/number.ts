/** LONG_MAX of a 64-bit machine, as text: a double cannot hold it. */
export const LONG_MAX_TEXT = '9223372036854775807';

/**
 * The whole of `text` as a decimal integer, as strtol(3) with base 10 reads one: blanks and a sign may come first.
 * Values beyond 2^53 are rounded. @returns undefined if anything else is in it
 */
export function parseLong(text: string): number | undefined {
  return /^[ \t\n\v\f\r]*[+-]?\d+$/.test(text) ? Number(text.trim()) : undefined;
}

/** The number that atoi(3) finds at the start of `text`; 0 if there is none. */
export function atoi(text: string): number {
  const m = /^[ \t\n\v\f\r]*([+-]?\d+)/.exec(text);
  return m === null ? 0 : Number(m[1]) | 0;
}

/** What strtod(3) makes of `text`: the number at its start, and what is left behind it. */
export function strtod(text: string): { readonly value: number; readonly rest: string } {
  const m =
    /^[ \t\n\v\f\r]*[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)/i.exec(
      text,
    );
  if (m === null) return { value: 0, rest: text };
  const word = m[0].trim();
  const rest = text.slice(m[0].length);
  if (/inf/i.test(word)) return { value: word.startsWith('-') ? -Infinity : Infinity, rest };
  return { value: /nan/i.test(word) ? Number.NaN : Number(word), rest };
}

/** Formats as printf's `%g` does: six significant digits, no trailing zeros. */
export function formatG(v: number): string {
  if (v === 0 || !Number.isFinite(v)) return v === 0 ? '0' : String(v).toLowerCase().slice(0, 3);
  const exp = Number(v.toExponential(5).split('e')[1]);
  if (exp >= -4 && exp < 6) return String(Number(v.toFixed(Math.max(0, 5 - exp))));
  const [mantissa = '', e = ''] = v.toExponential(5).split('e');
  const digits = Number(e);
  const sign = digits < 0 ? '-' : '+';
  return `${Number(mantissa)}e${sign}${String(Math.abs(digits)).padStart(2, '0')}`;
}
