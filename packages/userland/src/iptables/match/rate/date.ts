import { parameterProblem } from '../../core/error.ts';

const DAY = 86_400;

/** Days since 1970-01-01 of a civil date. Days-from-civil, H. Hinnant's algorithm. */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const doy = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return era * 146_097 + yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy - 719_468;
}

/** Year, month and day of days since 1970-01-01. */
function civilOf(days: number): readonly [number, number, number] {
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

/** Seconds since the epoch of `YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`. `time_parse_date()` @throws IptablesError */
export function parseDate(text: string): number {
  const bad = parameterProblem(
    `Invalid date "${text}" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`,
  );
  const parts = /^(\d+)(?:-(\d+)(?:-(\d+)(?:T(\d+)(?::(\d+)(?::(\d+))?)?)?)?)?$/.exec(text);
  if (parts === null) throw bad;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) =>
    Number(parts[i] ?? (i === 2 || i === 3 ? 1 : 0)),
  ) as [number, number, number, number, number, number];
  const fits = month <= 12 && day <= 31 && hour <= 23 && minute <= 59 && second <= 59;
  if (year < 1970 || year > 2038 || !fits) throw bad;
  // month 0 and day 0 stand for the one before, as mktime(3) has it
  const days = (month === 0 ? daysOf(year - 1, 12, 1) : daysOf(year, month, 1)) + day - 1;
  return days * DAY + hour * 3600 + minute * 60 + second;
}

/** Seconds since midnight of `hh:mm[:ss]`. `time_parse_minutes()` @throws IptablesError */
export function parseTime(text: string): number {
  const parts = /^(\d+):(\d+)(?::(\d+))?$/.exec(text);
  const [hour, minute, second] = [1, 2, 3].map((i) => Number(parts?.[i] ?? 0)) as [
    number,
    number,
    number,
  ];
  if (parts === null || hour > 23 || minute > 59 || second > 59) throw badTime(text);
  return hour * 3600 + minute * 60 + second;
}

/** What the real tool quotes is what it has not read yet. */
function badTime(text: string): Error {
  const afterHour = /^\s*(\d+):(.*)$/.exec(text);
  const read = afterHour !== null && Number(afterHour[1]) <= 23 ? (afterHour[2] as string) : text;
  const afterMinute = /^\s*(\d+):(.*)$/.exec(read);
  const minutes = read !== text && afterMinute !== null && Number(afterMinute[1]) <= 59;
  const left = minutes ? (afterMinute[2] as string) : read;
  return parameterProblem(
    `invalid time "${left}" specified, should be hh:mm[:ss] format and within the boundaries`,
  );
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}

/** `hh:mm:ss`. */
export function timeText(seconds: number): string {
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** `YYYY-MM-DD`, a separator, and `hh:mm:ss`. */
export function dateText(seconds: number, separator: string): string {
  const [year, month, day] = civilOf(Math.floor(seconds / DAY));
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}${separator}${timeText(seconds % DAY)}`;
}
