const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** A point in time as the calendar has it. `struct tm` */
export interface CivilTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 1 to 366. */
  readonly yearday: number;
}

/** The day of a date, counted from 1970-01-01. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const doy = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const doe = yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy;
  return era * 146_097 + doe - 719_468;
}

/** The calendar time, UTC, of seconds since the epoch. */
export function civilTime(epoch: number): CivilTime {
  const days = Math.floor(epoch / 86_400);
  const rest = Math.floor(epoch) - days * 86_400;
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365,
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const day = doy - Math.floor((153 * mp + 2) / 5) + 1;
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  return {
    year,
    month,
    day,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    weekday: (((days + 4) % 7) + 7) % 7,
    yearday: days - daysFromCivil(year, 1, 1) + 1,
  };
}

const two = (n: number, fill = '0'): string => String(n).padStart(2, fill);

/** The ISO week and its year. */
function isoWeek(t: CivilTime): { week: number; year: number } {
  const weekday = (t.weekday + 6) % 7;
  const week = Math.floor((t.yearday - 1 - weekday + 10) / 7);
  const days = (y: number) => ((y % 4 === 0 && y % 100 !== 0) || y % 400 === 0 ? 366 : 365);
  const weeks = (y: number) => {
    const first = (((daysFromCivil(y, 1, 1) + 4) % 7) + 7) % 7;
    return first === 4 || (first === 3 && days(y) === 366) ? 53 : 52;
  };
  if (week < 1) return { week: weeks(t.year - 1), year: t.year - 1 };
  return week > weeks(t.year) ? { week: 1, year: t.year + 1 } : { week, year: t.year };
}

type Field = (t: CivilTime, epoch: number) => string;

const FIELDS: Readonly<Record<string, Field>> = {
  a: (t) => (DAYS[t.weekday] as string).slice(0, 3),
  A: (t) => DAYS[t.weekday] as string,
  b: (t) => (MONTHS[t.month - 1] as string).slice(0, 3),
  h: (t) => (MONTHS[t.month - 1] as string).slice(0, 3),
  B: (t) => MONTHS[t.month - 1] as string,
  C: (t) => two(Math.floor(t.year / 100)),
  d: (t) => two(t.day),
  e: (t) => two(t.day, ' '),
  g: (t) => two(isoWeek(t).year % 100),
  G: (t) => String(isoWeek(t).year),
  H: (t) => two(t.hour),
  I: (t) => two(t.hour % 12 || 12),
  j: (t) => String(t.yearday).padStart(3, '0'),
  k: (t) => two(t.hour, ' '),
  l: (t) => two(t.hour % 12 || 12, ' '),
  m: (t) => two(t.month),
  M: (t) => two(t.minute),
  n: () => '\n',
  N: (_, epoch) => String(Math.round((epoch - Math.floor(epoch)) * 1e9) % 1e9).padStart(9, '0'),
  p: (t) => (t.hour < 12 ? 'AM' : 'PM'),
  P: (t) => (t.hour < 12 ? 'am' : 'pm'),
  q: (t) => String(Math.ceil(t.month / 3)),
  s: (_, epoch) => String(Math.floor(epoch)),
  S: (t) => two(t.second),
  t: () => '\t',
  u: (t) => String(t.weekday || 7),
  U: (t) => two(Math.floor((t.yearday + 6 - t.weekday) / 7)),
  V: (t) => two(isoWeek(t).week),
  w: (t) => String(t.weekday),
  W: (t) => two(Math.floor((t.yearday + 6 - ((t.weekday + 6) % 7)) / 7)),
  y: (t) => two(t.year % 100),
  Y: (t) => String(t.year),
  z: () => '+0000',
  Z: () => 'UTC',
  '%': () => '%',
};

const COMPOSED: Readonly<Record<string, string>> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  r: '%I:%M:%S %p',
  R: '%H:%M',
  T: '%H:%M:%S',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  '+': '%a %b %e %H:%M:%S %Z %Y',
};

/** Formats a time, UTC, in the C locale: strftime(3) with date(1)'s flags. */
export function formatDate(format: string, epoch: number): string {
  const t = civilTime(epoch);
  return format.replace(
    /%(:*)([-_0^#]*)(\d*)([a-zA-Z%+])/g,
    (all, colons: string, flags: string, width: string, c: string) => {
      if (c === 'z' && colons !== '') return colons === ':' ? '+00:00' : '+00:00:00';
      const composed = COMPOSED[c];
      const text = composed === undefined ? FIELDS[c]?.(t, epoch) : formatDate(composed, epoch);
      return text === undefined ? all : adjust(text, c, flags, Number(width || 0));
    },
  );
}

function adjust(text: string, c: string, flags: string, width: number): string {
  let out = text;
  if (flags.includes('-')) out = out.replace(/^[0 ]+(?=.)/, '');
  if (flags.includes('_')) out = out.replace(/^0+(?=.)/, (zeros) => ' '.repeat(zeros.length));
  if (flags.includes('0')) out = out.replace(/^ +/, (spaces) => '0'.repeat(spaces.length));
  if (flags.includes('^')) out = out.toUpperCase();
  if (c === 'N' && width > 0) return out.slice(0, width);
  return out.padStart(width, /\d/.test(out[0] ?? '') && !flags.includes('_') ? '0' : ' ');
}
