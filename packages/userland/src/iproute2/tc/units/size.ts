import { leadingNumber } from './general-number.ts';

const KIBI = 1024;
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: KIBI,
  kb: KIBI,
  m: KIBI ** 2,
  mb: KIBI ** 2,
  g: KIBI ** 3,
  gb: KIBI ** 3,
  kbit: KIBI / 8,
  mbit: KIBI ** 2 / 8,
  gbit: KIBI ** 3 / 8,
};

/** Reads bytes. Source: iproute2 lib/utils_math.c, get_size(). @returns undefined if it is none or too large */
export function parseSize(text: string): number | undefined {
  const number = leadingNumber(text);
  const unit = number === undefined ? undefined : UNITS[number.rest.toLowerCase()];
  if (number === undefined || unit === undefined) return undefined;
  const size = Math.floor(number.value * unit);
  return size >= 0 && size <= 0xffff_ffff ? size : undefined;
}

/** Writes bytes: `10Kb`, `1600b`. Source: iproute2 lib/json_print.c, sprint_size(). */
export function formatSize(bytes: number): string {
  const mega = KIBI ** 2;
  if (bytes >= mega && Math.abs(mega * Math.round(bytes / mega) - bytes) < KIBI)
    return `${Math.round(bytes / mega)}Mb`;
  if (bytes >= KIBI && Math.abs(KIBI * Math.round(bytes / KIBI) - bytes) < 16)
    return `${Math.round(bytes / KIBI)}Kb`;
  return `${bytes}b`;
}
