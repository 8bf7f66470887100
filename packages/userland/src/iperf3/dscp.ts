/** Names of traffic classes, by the TOS byte. Source: iperf src/dscp.c, ipqos[]. */
const CLASSES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    [1, 2, 3, 4].flatMap((c) => [1, 2, 3].map((p) => [`af${c}${p}`, (c << 5) | (p << 3)])),
  ),
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((c) => [`cs${c}`, c << 5])),
  ef: 0xb8,
};

/** The TOS byte of a class or a number up to 63; NaN if it is neither. Source: parse_qos(). */
export function parseDscp(text: string): number {
  const known = CLASSES[text.toLowerCase()];
  if (known !== undefined) return known;
  const octal = /^0[0-7]+$/.test(text);
  if (!octal && !/^(0x[0-9a-f]+|\d+)$/i.test(text)) return Number.NaN;
  const n = octal ? Number.parseInt(text, 8) : Number(text);
  return n > 63 ? Number.NaN : n << 2;
}
