import { civilTime, two } from '../../../http/index.ts';
import { type Dissector, hexNumber, type Names } from '../base/index.ts';

const MODES: readonly string[] = [
  'unspecified',
  'symmetric active',
  'symmetric passive',
  'Client',
  'Server',
  'Broadcast',
  'Control Message',
  'Reserved',
];
const LEAPS: Names = { 0: '', 64: '+1s', 128: '-1s', 192: 'clock unsynchronized' };
const HEADER = 48;
const CONTROL_HEADER = 12;
/** Seconds from the year 1900 to 1970. */
const JAN_1970 = 2_208_988_800;

/** Prints an NTP message. RFC 5905; print-ntp.c */
export function ntpPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'ntp';
  const status = d.u8(off);
  const mode = status & 7;
  d.print(`NTPv${(status >> 3) & 7}, ${MODES[mode]}, length ${length}`);
  if (d.o.verbose === 0) return;
  const leap = status & 0xc0;
  d.print(`\n\tLeap indicator: ${LEAPS[leap]} (${leap})`);
  if (mode === 6) controlPrint(d, off, length);
  else if (mode < 6) timePrint(d, off, length);
}

function invalid(d: Dissector, off: number, length: number): void {
  d.invalid();
  if (!d.has(off, length)) d.trunc();
}

function timePrint(d: Dissector, off: number, length: number): void {
  if (length < HEADER) {
    invalid(d, off, length);
    return;
  }
  const stratum = d.u8(off + 1);
  const kind =
    stratum === 0
      ? 'unspecified'
      : stratum === 1
        ? 'primary reference'
        : stratum <= 15
          ? 'secondary reference'
          : 'reserved';
  d.print(`, Stratum ${stratum} (${kind})`);
  const poll = d.s8(off + 2);
  d.print(`, poll ${poll}${interval(poll)}`);
  d.print(`, precision ${d.s8(off + 3)}`);
  if (!fieldsPrint(d, off, stratum)) {
    d.trunc();
    return;
  }
  if (stratum === 62 || stratum === 63) return;
  if (!authentication(d, off + HEADER, length - HEADER)) d.trunc();
}

function interval(log: number): string {
  if (log <= -32 || log >= 32) return '';
  return log >= 0 ? ` (${2 ** log}s)` : ` (1/${2 ** -log}s)`;
}

/** @returns whether they were captured */
function fieldsPrint(d: Dissector, off: number, stratum: number): boolean {
  if (!d.has(off + 4, 4)) return false;
  d.print(`\n\tRoot Delay: ${shortTime(d, off + 4)}`);
  if (!d.has(off + 8, 4)) return false;
  d.print(`, Root dispersion: ${shortTime(d, off + 8)}`);
  if (!d.has(off + 12, 4)) return false;
  d.print(', Reference-ID: ');
  if (stratum === 0) d.print('(unspec)');
  else if (stratum === 1) d.printn(off + 12, 4);
  else if (stratum === 62 || stratum === 63) {
    d.print(`${d.ip4(off + 12)} ${stratum === 62 ? 'INFO_QUERY' : 'INFO_REPLY'}`);
    return true;
  } else d.print(`0x${d.hex(off + 12, 4)}`);
  for (const [label, at] of [
    ['Reference Timestamp:  ', 16],
    ['Originator Timestamp: ', 24],
    ['Receive Timestamp:    ', 32],
    ['Transmit Timestamp:   ', 40],
  ] as const) {
    if (!d.has(off + at, 8)) return false;
    d.print(`\n\t  ${label}${timestamp(d, off + at)}`);
  }
  d.print(`\n\t    Originator - Receive Timestamp:  ${difference(d, off + 24, off + 32)}`);
  d.print(`\n\t    Originator - Transmit Timestamp: ${difference(d, off + 24, off + 40)}`);
  return true;
}

function shortTime(d: Dissector, at: number): string {
  const micro = Math.floor((d.u16(at + 2) / 65_536) * 1_000_000);
  return `${d.u16(at)}.${String(micro).padStart(6, '0')}`;
}

function nanoseconds(fraction: number): string {
  return String(Math.floor((fraction / 2 ** 32) * 1e9)).padStart(9, '0');
}

/** Seconds since 1900, and the date. ntp.c, p_ntp_time() */
function timestamp(d: Dissector, at: number): string {
  const seconds = d.u32(at);
  const text = `${seconds}.${nanoseconds(d.u32(at + 4))}`;
  if (seconds === 0) return text;
  const t = civilTime(seconds - JAN_1970);
  return `${text} (${t.year}-${two(t.month)}-${two(t.day)}T${two(t.hour)}:${two(t.minute)}:${two(t.second)}Z)`;
}

function difference(d: Dissector, from: number, to: number): string {
  const [s0, f0, s1, f1] = [d.u32(from), d.u32(from + 4), d.u32(to), d.u32(to + 4)];
  if (s0 === 0 && f0 === 0) return timestamp(d, to);
  const later = s1 > s0 || (s1 === s0 && f1 > f0);
  const [a, b, fa, fb] = later ? [s1, s0, f1, f0] : [s0, s1, f0, f1];
  const borrow = fb > fa ? 1 : 0;
  return `${later ? '+' : '-'}${a - b - borrow}.${nanoseconds((fa - fb) >>> 0)}`;
}

function authentication(d: Dissector, at: number, extra: number): boolean {
  if (extra === 0) return true;
  if (extra !== 4 && extra !== 20 && extra !== 24) {
    d.print(`\n\t(${extra} more bytes after the header)`);
    return true;
  }
  d.print(`\n\tKey id: ${d.u32(at)}`);
  if (extra === 4) return true;
  if (!d.has(at + 4, extra - 4)) return false;
  d.print(`\n\tAuthentication: ${d.hex(at + 4, extra - 4)}`);
  return true;
}

function controlPrint(d: Dissector, off: number, length: number): void {
  if (length < CONTROL_HEADER) {
    invalid(d, off, length);
    return;
  }
  const control = d.u8(off + 1);
  const set = (bit: number, yes: string, no: string) => ((control & bit) !== 0 ? yes : no);
  d.print(
    `, ${set(0x80, 'Response', 'Request')}, ${set(0x40, 'Error', 'OK')}, ${set(0x20, 'More', 'Last')}, OpCode=${control & 0x1f}\n`,
  );
  const status = d.u16(off + 4);
  const count = d.u16(off + 10);
  d.print(`\tSequence=${d.u16(off + 2)}, Status=${status === 0 ? '0' : `0x${hexNumber(status)}`}`);
  d.print(`, Assoc.=${d.u16(off + 6)}, Offset=${d.u16(off + 8)}, Count=${count}`);
  if (CONTROL_HEADER + count > length) {
    invalid(d, off, length);
    return;
  }
  if (count === 0) return;
  if (d.has(off + CONTROL_HEADER, count)) d.print('\n\tTO-BE-DONE: data not interpreted');
  else d.trunc();
}
