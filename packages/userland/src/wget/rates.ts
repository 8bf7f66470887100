import { type Nanos, SEC } from '@labwire/core/sim';

/** `196 MB/s`: a rate with three digits. wget src/retr.c, retr_rate() */
export function retrRate(bytes: number, elapsed: Nanos): string {
  const seconds = Math.max(elapsed, 0.5) / SEC;
  let rate = bytes / seconds;
  const units = ['B/s', 'KB/s', 'MB/s', 'GB/s'];
  let unit = 0;
  while (rate >= 1024 && unit < 3) {
    rate /= 1024;
    unit++;
  }
  const places = rate >= 99.95 ? 0 : rate >= 9.995 ? 1 : 2;
  return `${rate.toFixed(places)} ${units[unit]}`;
}

/** `0s`, `0.02s`, `1.5s`, `2m 3s`. wget src/utils.c, print_decimal() and progress.c, eta_to_human_short() */
export function shortTime(elapsed: Nanos): string {
  const s = elapsed / SEC;
  if (s >= 60) return `${Math.floor(s / 60)}m ${Math.floor(s % 60)}s`;
  if (s >= 10) return `${s.toFixed(0)}s`;
  if (s >= 1) return `${Number(s.toFixed(1))}s`;
  return s < 0.000_5 ? '0s' : `${Number(s.toPrecision(1))}s`;
}

/** `615`, `6.00K`, `1.18M`. wget src/utils.c, human_readable() */
export function humanSize(bytes: number, threshold = 1024): string {
  if (bytes < threshold) return String(bytes);
  let value = bytes;
  let unit = '';
  for (const each of ['K', 'M', 'G', 'T']) {
    value /= 1024;
    unit = each;
    if (value < 1024) break;
  }
  return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)}${unit}`;
}

/** The progress bar of a terminal: before the first byte and after the last. wget src/progress.c, create_image() */
export function bar(
  name: string,
  columns: number,
  got: number,
  whole: number | undefined,
  elapsed: Nanos | undefined,
): string {
  const nameWidth = Math.max(20, Math.floor(columns / 4));
  const inner = Math.max(5, columns - 1 - nameWidth - 4 - 2 - 33);
  const share = whole === undefined || whole === 0 ? (elapsed === undefined ? 0 : 1) : got / whole;
  const filled = Math.floor(share * inner);
  const line = filled === 0 ? ' '.repeat(inner) : `${'='.repeat(filled - 1)}>`.padEnd(inner);
  const percent = whole === undefined ? '    ' : `${Math.floor(share * 100)}%`.padStart(4);
  const shown = name.slice(0, nameWidth - 1).padEnd(nameWidth);
  const speed =
    elapsed === undefined || elapsed < SEC ? '--.-KB/s' : retrRate(got, elapsed).replace(' ', '');
  const tail = elapsed === undefined ? ''.padEnd(15) : `    in ${shortTime(elapsed)}`.padEnd(15);
  return `\r${shown}${percent}[${line}]${humanSize(got, 1000).padStart(8)}  ${speed.padStart(8)}${tail}`;
}

/** The dots that stand for the bar where there is no terminal: fifty of a kilobyte on a line. progress.c, dot_* */
export function dots(bytes: number, whole: number | undefined, elapsed: Nanos): string {
  const count = Math.floor(bytes / 1024);
  const lines: string[] = [];
  for (let row = 0; row * 50 <= count; row++) {
    const here = Math.min(50, count - row * 50);
    if (here === 0 && row > 0) break;
    let text = '';
    for (let i = 0; i < 50; i++) text += (i % 10 === 0 ? ' ' : '') + (i < here ? '.' : ' ');
    const last = (row + 1) * 50 >= count;
    const done = Math.min(bytes, (row + 1) * 50 * 1024);
    const percent =
      whole === undefined ? '    ' : `${Math.floor((done * 100) / whole)}%`.padStart(4);
    const rate = retrRate(Math.max(1, done - row * 50 * 1024), elapsed)
      .replace(' ', '')
      .replace('B/s', '');
    const end = last ? `=${shortTime(elapsed)}` : ' 0s';
    lines.push(`\n${String(row * 50).padStart(6)}K${text} ${percent} ${rate.padStart(4)}${end}`);
  }
  return `${lines.join('').slice(1)}\n`;
}
