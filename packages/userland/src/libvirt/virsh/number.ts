const INT_MAX = 2_147_483_647;

/** A whole number of 32 bits with its sign. virStrToLong_i() @returns undefined if it is none */
export function parseInt32(text: string): number | undefined {
  if (!/^\s*[-+]?\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value > INT_MAX || value < -INT_MAX - 1 ? undefined : value;
}
