import { formatG, leadingNumber } from './general-number.ts';

const U32_MAX = 0xffff_ffff;

/** Reads `30%` or `30` as a share of 2^32 - 1. Source: iproute2 tc/tc_util.c, parse_percent(). @returns undefined if it is none */
export function parsePercent(text: string): number | undefined {
  const { value, rest } = leadingNumber(text) ?? { value: 0, rest: text };
  const share = value / 100;
  if (share > 1 || share < 0 || (rest !== '' && rest !== '%')) return undefined;
  return Math.round(share * U32_MAX);
}

/** Writes a share of 2^32 - 1 in percent, without the sign. */
export function formatPercent(share: number): string {
  return formatG((100 * share) / U32_MAX);
}
