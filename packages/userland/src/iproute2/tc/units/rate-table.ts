import type { RateSpec } from '@labwire/devices/qdisc';
import { parseInteger } from '../../parse/index.ts';
import { parseSize } from './size.ts';

/** /proc/net/psched: a tick is 64 ns, 15.625 of them are a microsecond. */
const TICKS_PER_US = 1000 / 64;
/** Cells of a rate table. */
const CELLS = 255;
const DEFAULT_MTU = 2047;

/** Ticks of so many microseconds. Source: iproute2 tc/tc_core.c, tc_core_time2tick(). */
export function ticksOf(us: number): number {
  return Math.trunc(us * TICKS_PER_US);
}

/** Microseconds of ticks. tc_core_tick2time() */
export function timeOfTicks(ticks: number): number {
  return Math.trunc(ticks / TICKS_PER_US);
}

/** How many ticks `size` bytes take at `rate` bytes per second. tc_calc_xmittime() */
export function xmitTime(rate: number, size: number): number {
  return ticksOf(Math.trunc(1e6 * (size / rate)));
}

/** How many bytes go in so many ticks. tc_calc_xmitsize() */
export function xmitSize(rate: number, ticks: number): number {
  return Math.trunc((rate * timeOfTicks(ticks)) / 1e6);
}

/** The cell size, as a power of two, of a table for packets up to `mtu`. tc_calc_rtable() */
export function cellLogFor(mtu: number): number {
  let log = 0;
  while ((mtu || DEFAULT_MTU) >> log > CELLS) log++;
  return log;
}

/** Reads BYTES or BYTES/CELL. tc_util.c, get_size_and_cell(). @returns undefined if it is none */
export function parseSizeAndCell(
  text: string,
): { size: number; cellLog: number | undefined } | undefined {
  const [bytes = '', cell] = text.split('/');
  const size = parseSize(bytes);
  if (size === undefined) return undefined;
  if (cell === undefined) return { size, cellLog: undefined };
  const log = Math.log2(parseInteger(cell) ?? Number.NaN);
  return Number.isInteger(log) ? { size, cellLog: log } : undefined;
}

/** A rate with all that goes with it. */
export function makeRateSpec(
  rate: number,
  o: {
    overhead?: number;
    mpu?: number;
    linklayer?: number;
    cellLog?: number | undefined;
    mtu?: number;
  },
): RateSpec {
  return {
    rate,
    overhead: o.overhead ?? 0,
    mpu: o.mpu ?? 0,
    linklayer: o.linklayer ?? 1,
    cellLog: o.cellLog ?? cellLogFor(o.mtu ?? 0),
  };
}
