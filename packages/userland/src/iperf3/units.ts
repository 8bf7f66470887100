import { strtod } from '../libc-net/index.ts';

const POWERS = 'kmgt';

function withSuffix(text: string, base: number): number {
  const { value, rest } = strtod(text);
  const power = POWERS.indexOf((rest[0] ?? '-').toLowerCase());
  return power < 0 ? value : value * base ** (power + 1);
}

/** A size with `K`, `M`, `G` or `T` behind it, of 1024 each. Source: iperf src/units.c, unit_atof(). */
export function parseSize(text: string): number {
  return withSuffix(text, 1024);
}

/** A rate: the same with 1000. unit_atof_rate() */
export function parseRate(text: string): number {
  return withSuffix(text, 1000);
}

const BYTES = ['Byte', 'KByte', 'MByte', 'GByte', 'TByte'] as const;
const BITS = ['bit', 'Kbit', 'Mbit', 'Gbit', 'Tbit'] as const;

/**
 * An amount in four places and its unit, without plural.
 * @param bytes the amount
 * @param format `K`, `M`, `G`, `T` of bytes, `A` for what fits; small letters for bits
 * Source: unit_snprintf()
 */
export function formatUnit(bytes: number, format: string): string {
  const inBytes = format === format.toUpperCase();
  const base = inBytes ? 1024 : 1000;
  const amount = inBytes ? bytes : bytes * 8;
  let power = 'bkmgt'.indexOf(format.toLowerCase());
  if (power < 0) {
    power = 0;
    for (let n = amount; n >= base && power < 4; n /= base) power++;
  }
  const n = amount / base ** power;
  const digits = n < 9.995 ? 2 : n < 99.95 ? 1 : 0;
  return `${n.toFixed(digits).padStart(4)} ${(inBytes ? BYTES : BITS)[power]}`;
}

/** printf's `%.2g`. */
export function formatG2(n: number): string {
  if (n === 0) return '0';
  const [mantissa = '', e = '0'] = n.toExponential(1).split('e');
  const exp = Number(e);
  if (exp >= -4 && exp < 2) return String(Number(n.toFixed(Math.max(0, 1 - exp))));
  const sign = exp < 0 ? '-' : '+';
  return `${Number(mantissa)}e${sign}${String(Math.abs(exp)).padStart(2, '0')}`;
}
