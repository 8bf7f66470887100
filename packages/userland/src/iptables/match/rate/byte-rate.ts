import { parameterProblem } from '../../core/error.ts';

/** Rates in bytes are counted in pieces of 16. XT_HASHLIMIT_BYTE_SHIFT */
const BYTE_SHIFT = 4;
const UINT32_MAX = 0xffff_ffff;
const UNITS: readonly (readonly [string, number])[] = [
  ['m', 1024 * 1024],
  ['k', 1024],
];

/** What a unit multiplies by; 1 for anything that is none. */
export function unitFactor(unit: string | undefined): number {
  return UNITS.find(([name]) => name === unit)?.[1] ?? 1;
}

function costOf(bytes: number): number {
  return Math.floor(UINT32_MAX / ((Math.floor(bytes / 2 ** BYTE_SHIFT) >>> 0) + 1));
}

function bytesOfCost(cost: number): number {
  return ((cost === 0 ? UINT32_MAX : Math.floor(UINT32_MAX / cost)) - 1) * 2 ** BYTE_SHIFT;
}

/** The cost of a piece at a rate like `512kb/s`; undefined if it is no rate in bytes. `parse_bytes()` @throws IptablesError */
export function parseByteRate(text: string): number | undefined {
  const at = text.indexOf('b/s');
  const number = Number.parseInt(text, 10);
  if (at <= 0 || !(number > 0)) return undefined;
  const cost = costOf(number * unitFactor(text[at - 1]));
  if (cost === 0) throw parameterProblem(`Rate too high "${text}"`);
  return cost;
}

/** A burst in bytes as times the rate. @throws IptablesError if it is below the rate */
export function byteBurst(bytes: number, cost: number): number {
  const perSecond = bytesOfCost(cost);
  if (bytes < perSecond) throw parameterProblem(`burst cannot be smaller than ${perSecond}b`);
  return Math.ceil(bytes / perSecond);
}

/** A rate in the largest unit that keeps its cost. `print_bytes()` */
export function byteText(cost: number): string {
  const bytes = bytesOfCost(cost);
  // only the low 32 bits are held against the cost, so faster rates are told in bytes
  const low = bytes % 2 ** 32;
  const unit = UNITS.find(([, size]) => bytes >= size && costOf(low - (low % size)) === cost);
  return unit === undefined ? String(bytes) : `${Math.floor(bytes / unit[1])}${unit[0]}`;
}

/** A burst in the largest unit that it fills. */
export function bytesOf(cost: number, burst: number): string {
  const bytes = bytesOfCost(cost) * burst;
  const unit = UNITS.find(([, size]) => bytes >= size);
  return unit === undefined ? String(bytes) : `${Math.floor(bytes / unit[1])}${unit[0]}`;
}
