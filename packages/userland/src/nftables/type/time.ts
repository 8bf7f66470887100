/** Times and dates. src/datatype.c, time_print(), time_parse(); src/meta.c, date_type, hour_type */

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** A time in ms as `1d2h3m4s`; 0 is ``. */
export function formatTime(ms: number, seconds = false): string {
  if (seconds) return `${Math.floor(ms / 1000)}s`;
  let left = ms;
  let out = '';
  for (const [unit, size] of UNITS) {
    const n = Math.floor(left / size);
    left -= n * size;
    if (n > 0) out += `${n}${unit}`;
  }
  return out;
}

/** Reads a time as ms. @returns undefined if it is none */
export function parseTime(text: string): number | undefined {
  const m = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text);
  if (m === null || text === '') return undefined;
  return UNITS.reduce((sum, [, size], i) => sum + Number(m[i + 1] ?? 0) * size, 0);
}

/** Days from 1970-01-01 to a day of the civil calendar. */
function daysFrom(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const doy = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const doe = yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy;
  return era * 146_097 + doe - 719_468;
}

/** The day of the civil calendar that is `days` after 1970-01-01. */
function civil(days: number): readonly [number, number, number] {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365,
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return [yoe + era * 400 + (month <= 2 ? 1 : 0), month, doy - Math.floor((153 * mp + 2) / 5) + 1];
}

const two = (n: number): string => String(n).padStart(2, '0');

/** Nanoseconds since 1970 as `2022-07-01 11:00:00`, in UTC. */
export function formatDate(ns: bigint): string {
  const seconds = Number(ns / 1_000_000_000n);
  const days = Math.floor(seconds / 86_400);
  const [y, m, d] = civil(days);
  const rest = seconds - days * 86_400;
  return `${String(y).padStart(4, '0')}-${two(m)}-${two(d)} ${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
}

/** Reads a date, its time of day optional. @returns nanoseconds since 1970, undefined if it is none */
export function parseDate(text: string): bigint | undefined {
  const m = /^(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?$/.exec(text);
  if (m === null) return undefined;
  const [y, mo, d, h, mi, s] = m.slice(1).map((x) => Number(x ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return BigInt(daysFrom(y, mo, d) * 86_400 + h * 3600 + mi * 60 + s) * 1_000_000_000n;
}

/** Seconds of the day as `17:00`, or `17:00:01`. */
export function formatHour(seconds: number): string {
  const s = seconds % 60;
  const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}`;
  return s === 0 ? text : `${text}:${two(s)}`;
}

/** Reads `17:00` or `17:00:01` as seconds of the day. */
export function parseHour(text: string): number | undefined {
  const m = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(text);
  if (m === null) return undefined;
  const [h, mi, s] = [Number(m[1]), Number(m[2]), Number(m[3] ?? 0)];
  return h > 23 || mi > 59 || s > 59 ? undefined : h * 3600 + mi * 60 + s;
}
