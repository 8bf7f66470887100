/** printf(3)'s `%g` with a precision: no zeros at the end, an exponent for what is very large or small. */
export function formatG(value: number, precision = 6): string {
  if (value === 0) return '0';
  const [mantissa = '', exponent = '0'] = value.toExponential(precision - 1).split('e');
  const e = Number(exponent);
  const bare = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (e >= -4 && e < precision) return bare(value.toFixed(precision - 1 - e));
  const digits = String(Math.abs(e)).padStart(2, '0');
  return `${bare(mantissa)}e${e < 0 ? '-' : '+'}${digits}`;
}

/** A leading decimal number as strtod(3) reads it, and what is behind it; undefined if there is none. */
export function leadingNumber(text: string): { value: number; rest: string } | undefined {
  const m = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(.*)$/s.exec(text);
  return m === null ? undefined : { value: Number(m[1]), rest: m[2] as string };
}
