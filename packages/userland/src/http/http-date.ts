const WEEKDAYS: readonly string[] = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];
const MONTHS: readonly string[] = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
];

/** A point of time taken apart, UTC. */
export interface CivilTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly weekday: string;
  readonly monthName: string;
}

/** Takes seconds since the epoch apart: gmtime(3). Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days */
export function civilTime(epoch: number): CivilTime {
  const whole = Math.floor(epoch);
  const days = Math.floor(whole / 86_400);
  const inDay = whole - days * 86_400;
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365,
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return {
    year: yoe + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: doy - Math.floor((153 * mp + 2) / 5) + 1,
    hour: Math.floor(inDay / 3600),
    minute: Math.floor(inDay / 60) % 60,
    second: inDay % 60,
    weekday: WEEKDAYS[((days % 7) + 7) % 7] as string,
    monthName: MONTHS[month - 1] as string,
  };
}

/** Two digits. */
export function two(n: number): string {
  return String(n).padStart(2, '0');
}

/** `Sat, 21 Nov 2026 10:33:15 GMT`: IMF-fixdate, RFC 9110 section 5.6.7. */
export function httpDate(epoch: number): string {
  const t = civilTime(epoch);
  return `${t.weekday}, ${two(t.day)} ${t.monthName} ${t.year} ${two(t.hour)}:${two(t.minute)}:${two(t.second)} GMT`;
}

/** Reads an IMF-fixdate. @returns seconds since the epoch, undefined if it is none */
export function parseHttpDate(text: string): number | undefined {
  const m = /^\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/.exec(text);
  if (m === null) return undefined;
  const month = MONTHS.indexOf(m[2] as string) + 1;
  if (month === 0) return undefined;
  const y = Number(m[3]) - (month <= 2 ? 1 : 0);
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const doy = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + Number(m[1]) - 1;
  const doe = yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy;
  const days = era * 146_097 + doe - 719_468;
  return days * 86_400 + Number(m[4]) * 3600 + Number(m[5]) * 60 + Number(m[6]);
}
