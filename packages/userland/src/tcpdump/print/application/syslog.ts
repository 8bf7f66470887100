import type { Dissector } from '../base/index.ts';

const SEVERITIES: readonly string[] = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'info',
  'debug',
];
const FACILITIES: readonly string[] = [
  'kernel',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'security',
  'console',
  'cron',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
];
const MAX_DIGITS = 3;

/** Prints a message for a log. RFC 3164; print-syslog.c */
export function syslogPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'syslog';
  let at = 1;
  let priority = 0;
  const isDigit = (c: number) => c >= 48 && c <= 57;
  if (d.u8(off) === 60)
    for (; at <= MAX_DIGITS && isDigit(d.u8(off + at)); at++)
      priority = priority * 10 + d.u8(off + at) - 48;
  if (d.u8(off) !== 60 || d.u8(off + at) !== 62) {
    d.invalid();
    return;
  }
  at++;
  const facility = (priority & 0xf8) >> 3;
  const facilityName = FACILITIES[facility] ?? `unknown (${facility})`;
  const severityName = SEVERITIES[priority & 7];
  if (d.o.verbose === 0) {
    d.print(`SYSLOG ${facilityName}.${severityName}, length: ${length}`);
    return;
  }
  d.print(
    `SYSLOG, length: ${length}\n\tFacility ${facilityName} (${facility}), Severity ${severityName} (${priority & 7})\n\tMsg: `,
  );
  if (length > at) {
    d.printn(off + at, length - at);
    d.need(off + at, length - at);
  }
  if (d.o.verbose > 1) d.unknown(off, '\n\t', length);
}
