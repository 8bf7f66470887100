const INT_MAX = 0x7fff_ffff;
const U32_MAX = 0xffff_ffff;

/** Reads a whole number as strtol(3) does with base 0: decimal, 0x hexadecimal, 0 octal. @returns undefined if it is none */
function strtol(text: string): bigint | undefined {
  const m = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.exec(text);
  if (m === null) return undefined;
  const digits = m[2] as string;
  const octal = /^0[0-7]+$/.test(digits);
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  return m[1] === '-' ? -value : value;
}

/** Reads an int. Source: iproute2 lib/utils.c, get_integer(). @returns undefined if it is none */
export function parseInteger(text: string): number | undefined {
  const v = strtol(text);
  return v === undefined || v < -INT_MAX - 1 || v > INT_MAX ? undefined : Number(v);
}

/**
 * Reads an unsigned number up to `max`. As strtoul(3), a small negative number wraps round to a number too large.
 * Source: lib/utils.c, get_unsigned(), get_u16(), get_u8(). @returns undefined if it is none
 */
export function parseUnsigned(text: string, max: number = U32_MAX): number | undefined {
  const v = strtol(text);
  if (v === undefined) return undefined;
  const wrapped = BigInt.asUintN(64, v);
  return wrapped > BigInt(max) ? undefined : Number(wrapped);
}

/** Reads an unsigned number of up to 64 bits, exact up to 2^53. @returns undefined if it is none */
export function parseU64(text: string): number | undefined {
  const v = strtol(text);
  return v === undefined || v > 0xffff_ffff_ffff_ffffn ? undefined : Number(BigInt.asUintN(64, v));
}

/** The leading number of a text, 0 if it has none: atoi(3). */
export function atoi(text: string): number {
  return Number.parseInt(/^\s*[+-]?\d+/.exec(text)?.[0] ?? '0', 10);
}

/**
 * Reads a time in milliseconds: `200ms`, `1.5s`, or a bare number, which is `raw`. Rounded up.
 * Source: lib/utils.c, get_time_rtt(). @returns undefined if it is none
 */
export function parseTimeRtt(text: string): { ms: number; raw: boolean } | undefined {
  const m = /^(\d+\.\d*|\.\d+|0[xX][0-9a-fA-F]+|\d+)(.*)$/.exec(text);
  if (m === null) return undefined;
  const unit = (m[2] as string).toLowerCase();
  const number = Number(m[1]);
  if (unit === '') return { ms: Math.ceil(number), raw: true };
  if (['s', 'sec', 'secs'].includes(unit)) return { ms: Math.ceil(number * 1000), raw: false };
  if (['ms', 'msec', 'msecs'].includes(unit)) return { ms: Math.ceil(number), raw: false };
  return undefined;
}
