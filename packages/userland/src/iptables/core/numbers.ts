/** Reads a whole number as strtoul(3) does: decimal, 0x hexadecimal, 0 octal. @returns undefined if it is none or out of range */
export function strtoui(text: string, min: number, max: number): number | undefined {
  const got = strtouiPrefix(text, min, max);
  return got !== undefined && got.rest === '' ? got.value : undefined;
}

/** The number at the start of a text, and what follows it. */
export function strtouiPrefix(
  text: string,
  min: number,
  max: number,
): { readonly value: number; readonly rest: string } | undefined {
  const got = strtoullPrefix(text, BigInt(min), BigInt(max));
  return got === undefined ? undefined : { value: Number(got.value), rest: got.rest };
}

/** The largest number of 64 bits. */
export const UINT64_MAX: bigint = 0xffff_ffff_ffff_ffffn;

/** A number of up to 64 bits at the start of a text, and what follows it. */
export function strtoullPrefix(
  text: string,
  min: bigint,
  max: bigint,
): { readonly value: bigint; readonly rest: string } | undefined {
  const m = /^\s*\+?(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)/i.exec(text);
  if (m === null) return undefined;
  const digits = m[1] as string;
  const octal = digits.length > 1 && digits.startsWith('0') && !/^0x/i.test(digits);
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  return value < min || value > max ? undefined : { value, rest: text.slice(m[0].length) };
}

/** A number in hexadecimal with `0x`. */
export function hex(n: number): string {
  return `0x${(n >>> 0).toString(16)}`;
}
