import { formatG, leadingNumber } from './general-number.ts';

/** Microseconds of each unit. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  s: 1e6,
  sec: 1e6,
  secs: 1e6,
  ms: 1e3,
  msec: 1e3,
  msecs: 1e3,
  us: 1,
  usec: 1,
  usecs: 1,
};

/** Reads a time as whole microseconds. Source: iproute2 lib/utils.c, get_time(). @returns undefined if it is none */
export function parseTime(text: string): number | undefined {
  const number = leadingNumber(text);
  const unit = number === undefined ? undefined : UNITS[number.rest.toLowerCase()];
  if (number === undefined || unit === undefined) return undefined;
  return Math.trunc(number.value * unit);
}

/** Writes microseconds: `1.5ms`. Source: lib/utils.c, print_time(). */
export function formatTime(us: number): string {
  if (us >= 1e6) return `${formatG(us / 1e6, 3)}s`;
  if (us >= 1e3) return `${formatG(us / 1e3, 3)}ms`;
  return `${Math.trunc(us)}us`;
}
