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
  const m = /^\s*\+?(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)/i.exec(text);
  if (m === null) return undefined;
  const digits = m[1] as string;
  const octal = digits.length > 1 && digits.startsWith('0') && !/^0x/i.test(digits);
  const big = octal ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
  if (
    big < BigInt(min) ||
    (big > BigInt(Math.min(max, Number.MAX_SAFE_INTEGER)) && big > BigInt(max))
  )
    return undefined;
  return { value: Number(big), rest: text.slice(m[0].length) };
}

/** A number in hexadecimal with `0x`. */
export function hex(n: number): string {
  return `0x${(n >>> 0).toString(16)}`;
}
