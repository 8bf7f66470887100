import type { TimeMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import type { OptionCall } from '../../core/option.ts';
import { dateText, parseDate, parseTime, timeText } from './date.ts';

type State = { -readonly [K in keyof TimeMatch]: TimeMatch[K] };

const DAYS = ['', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const ALL_MONTHDAYS = 0xffff_fffe;
const ALL_WEEKDAYS = 0xfe;
const MAX_DAYTIME = 86_399;
const INT_MAX = 0x7fff_ffff;

const LOCALTZ_WARNING =
  'WARNING: --localtz is being replaced by --kerneltz, since "local" is ambiguous. Note the kernel timezone has caveats - see manpage for details.\n';

function parseMonthdays(list: string): number {
  let days = 0;
  for (const word of list.split(',').filter((w) => w !== '')) {
    const shown = word.slice(0, 2);
    const day = /^\d+$/.test(shown) ? Number(shown) : Number.NaN;
    if (!(day <= 31)) throw parameterProblem(`${shown} is not a valid day for --monthdays`);
    days |= 1 << day;
  }
  return days >>> 0;
}

function parseWeekdays(list: string): number {
  let days = 0;
  for (const word of list.split(',').filter((w) => w !== '')) {
    const shown = word.slice(0, 3);
    const number = /^\d+$/.test(shown) ? Number(shown) : undefined;
    if (number === 0) throw parameterProblem('No, the week does NOT begin with Sunday.');
    const day = number ?? DAYS.findIndex((d) => d !== '' && d.slice(0, 2) === shown.slice(0, 2));
    if (day < 0) throw parameterProblem(`${shown} is not a valid day specifier`);
    days |= 1 << day;
  }
  return days & 0xff;
}

function parse({ name, value, invert, rule }: OptionCall, state: State): void {
  switch (name) {
    case 'datestart':
      state.dateStart = parseDate(value.text);
      break;
    case 'datestop':
      state.dateStop = parseDate(value.text);
      break;
    case 'timestart':
      state.daytimeStart = parseTime(value.text);
      break;
    case 'timestop':
      state.daytimeStop = parseTime(value.text);
      break;
    case 'contiguous':
      state.contiguous = true;
      break;
    case 'monthdays':
      state.monthdays = (parseMonthdays(value.text) ^ (invert ? ALL_MONTHDAYS : 0)) >>> 0;
      break;
    case 'weekdays':
      state.weekdays = parseWeekdays(value.text) ^ (invert ? ALL_WEEKDAYS : 0);
      break;
    case 'utc':
      break;
    default:
      if (name === 'localtz') rule.warn(LOCALTZ_WARNING);
      state.localTz = true;
  }
}

function monthdayList(days: number): number[] {
  return Array.from({ length: 31 }, (_, i) => i + 1).filter((d) => (days & (1 << d)) !== 0);
}

/** 1st, 2nd, 3rd, and th for all others by their last digit. */
function ordinal(day: number): string {
  return `${day}${['th', 'st', 'nd', 'rd'][day % 10] ?? 'th'}`;
}

function weekdayList(days: number): string {
  return DAYS.filter((_, i) => i > 0 && (days & (1 << i)) !== 0).join(',');
}

function hasTime(m: TimeMatch): boolean {
  return m.daytimeStart !== 0 || m.daytimeStop !== MAX_DAYTIME;
}

function print(m: TimeMatch): string {
  return (
    ' TIME' +
    (hasTime(m) ? ` from ${timeText(m.daytimeStart)} to ${timeText(m.daytimeStop)}` : '') +
    (m.weekdays === ALL_WEEKDAYS ? '' : ` on ${weekdayList(m.weekdays)}`) +
    (m.monthdays === ALL_MONTHDAYS
      ? ''
      : ` on ${monthdayList(m.monthdays).map(ordinal).join(',')}`) +
    (m.dateStart === 0 ? '' : ` starting from ${dateText(m.dateStart, ' ')}`) +
    (m.dateStop === INT_MAX
      ? ''
      : ` until date${m.dateStop === 0 ? '' : ` ${dateText(m.dateStop, ' ')}`}`) +
    (m.localTz ? '' : ' UTC') +
    (m.contiguous ? ' contiguous' : '')
  );
}

function save(m: TimeMatch): string {
  return (
    (hasTime(m)
      ? ` --timestart ${timeText(m.daytimeStart)} --timestop ${timeText(m.daytimeStop)}`
      : '') +
    (m.monthdays === ALL_MONTHDAYS ? '' : ` --monthdays ${monthdayList(m.monthdays).join(',')}`) +
    (m.weekdays === ALL_WEEKDAYS ? '' : ` --weekdays ${weekdayList(m.weekdays)}`) +
    (m.dateStart === 0 ? '' : ` --datestart ${dateText(m.dateStart, 'T')}`) +
    (m.dateStop === 0 ? '' : ` --datestop ${dateText(m.dateStop, 'T')}`) +
    (m.localTz ? ' --kerneltz' : '') +
    (m.contiguous ? ' --contiguous' : '')
  );
}

/** `-m time`. extensions/libxt_time.c */
export const time: MatchExtension = defineMatch<TimeMatch, State>({
  name: 'time',
  kinds: ['time'],
  options: [
    { name: 'datestart', type: 'string' },
    { name: 'datestop', type: 'string' },
    { name: 'timestart', type: 'string' },
    { name: 'timestop', type: 'string' },
    { name: 'contiguous', type: 'none' },
    { name: 'weekdays', type: 'string', invert: true },
    { name: 'monthdays', type: 'string', invert: true },
    { name: 'localtz', type: 'none', excl: ['utc'] },
    { name: 'utc', type: 'none', excl: ['localtz', 'kerneltz'] },
    { name: 'kerneltz', type: 'none', excl: ['utc'] },
  ],
  init: () => ({
    kind: 'time',
    dateStart: 0,
    dateStop: INT_MAX,
    daytimeStart: 0,
    daytimeStop: MAX_DAYTIME,
    monthdays: ALL_MONTHDAYS,
    weekdays: ALL_WEEKDAYS,
    contiguous: false,
    localTz: false,
  }),
  parse,
  check(state) {
    if (state.contiguous && state.daytimeStart < state.daytimeStop)
      throw parameterProblem(
        'time: --contiguous only makes sense when stoptime is smaller than starttime',
      );
  },
  finish: (state) => state,
  print,
  save,
});
