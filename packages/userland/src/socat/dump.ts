import { US } from '@labwire/core/sim';
import { civilTime, two } from '../http/index.ts';
import type { Process } from '../machine/index.ts';

/** How the data that passes is shown: `-v` as text, `-x` in hexadecimal, or both. */
export interface DumpOptions {
  readonly text: boolean;
  readonly hex: boolean;
}

const BYTES_PER_LINE = 16;
const HEX_WIDTH = 3 * BYTES_PER_LINE + 2;
const ESCAPES: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  92: '\\\\',
};

const isPrintable = (b: number): boolean => b >= 32 && b < 127;
const hexOf = (data: Uint8Array): string =>
  [...data].map((b) => ` ${b.toString(16).padStart(2, '0')}`).join('');

function escaped(data: Uint8Array): string {
  const one = (b: number) =>
    ESCAPES[b] ?? (isPrintable(b) || b === 9 || b === 10 ? String.fromCharCode(b) : '.');
  return [...data].map(one).join('');
}

/** Lines of at most 16 bytes, that end with a newline of the data. */
function* lines(data: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < data.length; ) {
    const newline = data.subarray(from, from + BYTES_PER_LINE).indexOf(10);
    const to = newline < 0 ? from + BYTES_PER_LINE : from + newline + 1;
    yield data.subarray(from, to);
    from = to;
  }
}

function both(data: Uint8Array): string {
  const text = (line: Uint8Array) =>
    [...line].map((b) => (isPrintable(b) ? String.fromCharCode(b) : '.')).join('');
  const all = [...lines(data)].map((l) => `${hexOf(l).padEnd(HEX_WIDTH)}${text(l)}\n`);
  return `${all.join('')}--\n`;
}

function when(proc: Process): string {
  const t = civilTime(proc.machine.wallClock);
  const micros = Math.floor((proc.now / US) % 1_000_000);
  return `${t.year}/${two(t.month)}/${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}.${String(micros).padStart(9, '0')}`;
}

/**
 * A block of data as it passes. socat's xioengine.c
 * @param from how many bytes went this way before
 */
export function dump(
  proc: Process,
  how: DumpOptions,
  direction: '>' | '<',
  data: Uint8Array,
  from: number,
): string {
  const head = `${direction} ${when(proc)}  length=${data.length} from=${from} to=${from + data.length - 1}\n`;
  if (how.text && how.hex) return head + both(data);
  return head + (how.hex ? `${hexOf(data)}\n` : escaped(data));
}
