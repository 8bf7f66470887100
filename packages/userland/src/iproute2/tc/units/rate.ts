import { leadingNumber } from './general-number.ts';

const KIBI = 1024;
/** Bits per second of each unit. Source: iproute2 lib/utils_math.c, suffixes[]. */
const UNITS: Readonly<Record<string, number>> = {
  bit: 1,
  kibit: KIBI,
  kbit: 1e3,
  mibit: KIBI ** 2,
  mbit: 1e6,
  gibit: KIBI ** 3,
  gbit: 1e9,
  tibit: KIBI ** 4,
  tbit: 1e12,
  bps: 8,
  kibps: 8 * KIBI,
  kbps: 8e3,
  mibps: 8 * KIBI ** 2,
  mbps: 8e6,
  gibps: 8 * KIBI ** 3,
  gbps: 8e9,
  tibps: 8 * KIBI ** 4,
  tbps: 8e12,
};

/** Reads a rate as bytes per second; a bare number is bits. Source: lib/utils_math.c, get_rate64(). @returns undefined if it is none */
export function parseRate(text: string): number | undefined {
  const number = leadingNumber(text);
  if (number === undefined) return undefined;
  const unit = number.rest === '' ? 1 : UNITS[number.rest.toLowerCase()];
  return unit === undefined ? undefined : Math.floor((number.value * unit) / 8);
}

/** Writes bytes per second as bits. Source: lib/json_print.c, print_color_rate(). */
export function formatRate(bytesPerSecond: number, iec: boolean): string {
  const kilo = iec ? KIBI : 1000;
  let rate = bytesPerSecond * 8;
  let unit = 0;
  for (; unit < 4; unit++) {
    if (rate < kilo) break;
    if (rate % kilo !== 0 && rate < 1000 * kilo) break;
    rate = Math.floor(rate / kilo);
  }
  return `${rate}${['', 'K', 'M', 'G', 'T'][unit]}${iec && unit > 0 ? 'i' : ''}bit`;
}
