/** The number at a text's start, as `sscanf("%lf")` takes it; undefined if there is none. */
export function scanDouble(text: string): number | undefined {
  const found = /^\s*([+-]?)(?:0x([0-9a-f]+)|((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?))/i.exec(text);
  if (found === null) return undefined;
  const [, sign, hex, decimal] = found;
  const value = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return sign === '-' ? -value : value;
}

/** The integer at a text's start, as `sscanf("%i")` takes it: 0x for hexadecimal, 0 for octal. */
export function scanInt(text: string): number | undefined {
  const found = /^\s*([+-]?)(?:0x([0-9a-f]+)|(0[0-7]*)|(\d+))/i.exec(text);
  if (found === null) return undefined;
  const [, sign, hex, octal, decimal] = found;
  const [digits, base] =
    hex !== undefined ? [hex, 16] : octal !== undefined ? [octal, 8] : [decimal ?? '', 10];
  const value = Number.parseInt(digits, base);
  return sign === '-' ? -value : value;
}
