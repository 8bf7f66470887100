import { formatIpv4 } from '@labwire/core/addr';
import { inTableOrder } from '../option-order.ts';
import type { OptionSpace } from '../option-table.ts';
import { optionText } from '../option-text.ts';
import type { ClientLease } from './client-lease.ts';

/** Seconds that stand for ever. TIME_MAX */
export const TIME_MAX = 2_147_483_647;
const DAY = 86_400;

/** A date of the proleptic Gregorian calendar from days since 1970-01-01. */
function civil(days: number): readonly [number, number, number] {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const day = shifted - era * 146_097;
  const year = Math.floor(
    (day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365,
  );
  const ofYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const month = Math.floor((5 * ofYear + 2) / 153);
  const ofMonth = ofYear - Math.floor((153 * month + 2) / 5) + 1;
  const civilMonth = month < 10 ? month + 3 : month - 9;
  return [year + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth, ofMonth];
}

const two = (n: number): string => String(n).padStart(2, '0');

/** A time as `WEEKDAY YEAR/MONTH/DAY HOUR:MINUTE:SECOND;`. common/parse.c, print_time() */
export function timeText(time: number): string {
  if (time === TIME_MAX) return 'never;';
  const days = Math.floor(time / DAY);
  const [year, month, day] = civil(days);
  const rest = time - days * DAY;
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(':');
  return `${(days + 4) % 7} ${year}/${two(month)}/${two(day)} ${clock};`;
}

/** Seconds since the epoch of what {@link timeText} writes. @returns undefined if it is none */
export function parseTimeText(date: string, clock: readonly number[]): number | undefined {
  const m = /^(\d+)\/(\d+)\/(\d+)$/.exec(date);
  if (m === null) return undefined;
  const [year, month, day] = [Number(m[1]), Number(m[2]), Number(m[3])];
  const y = month <= 2 ? year - 1 : year;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const doe = yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + ofYear;
  const days = era * 146_097 + doe - 719_468;
  const [hour = 0, minute = 0, second = 0] = clock;
  return days * DAY + hour * 3600 + minute * 60 + second;
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, (c) => `\\${c}`)}"`;
}

/** A lease as the lease file has it. client/dhclient.c, write_client_lease() */
export function leaseText(lease: ClientLease, space: OptionSpace): string {
  const lines = ['lease {'];
  if (lease.bootp) lines.push('  bootp;');
  lines.push(`  interface "${lease.device}";`, `  fixed-address ${formatIpv4(lease.addr)};`);
  if (lease.fileName !== undefined) lines.push(`  filename ${quote(lease.fileName)};`);
  if (lease.serverName !== undefined) lines.push(`  server-name ${quote(lease.serverName)};`);
  for (const { code, data } of inTableOrder(lease.options)) {
    const option = space.byCode(code);
    lines.push(`  option ${option.name} ${optionText(option, data, 'file')};`);
  }
  lines.push(`  renew ${timeText(lease.renewal)}`, `  rebind ${timeText(lease.rebind)}`);
  lines.push(`  expire ${timeText(lease.expiry)}`, '}');
  return `${lines.join('\n')}\n`;
}
