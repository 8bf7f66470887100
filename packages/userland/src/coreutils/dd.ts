import { SEC, US } from '@labwire/core/sim';
import type { Process, Program } from '../machine/index.ts';
import { closeInput, openInput } from './input.ts';
import { quote, ToolError, tool, UsageError } from './tool.ts';

/** Bytes of a block where nothing is said. */
const BLOCK = 512;
/** A disk of a gigabyte a second. */
const NANOS_PER_BYTE = 1;
const LEAST_TIME = 20 * US;
/** What goes with a number. */
const UNITS: Readonly<Record<string, number>> = {
  c: 1,
  w: 2,
  b: 512,
  kB: 1000,
  K: 1024,
  k: 1024,
  KiB: 1024,
  MB: 1_000_000,
  M: 1_048_576,
  MiB: 1_048_576,
  GB: 1_000_000_000,
  G: 1_073_741_824,
  GiB: 1_073_741_824,
};
/** Conversions that change nothing here: writing is always synchronous. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(['fsync', 'fdatasync', 'noerror']);

/** What dd was asked for. */
interface Copy {
  input: string;
  output: string;
  bs: number;
  count: number;
  skip: number;
  seek: number;
  keepsRest: boolean;
  status: 'all' | 'noxfer' | 'none';
}

/** What has been copied. */
interface Tally {
  full: number;
  partial: number;
  bytes: number;
}

/** dd(1), as far as bs, count, skip, seek, conv=notrunc and status. */
export const dd: Program = tool({ name: 'dd', letters: '' }, async (proc, _, operands) => {
  const copy = parse(operands);
  const began = proc.machine.kernel.sim.now;
  const tally = await run(proc, copy);
  await proc.sleep(LEAST_TIME + tally.bytes * NANOS_PER_BYTE);
  const seconds = (proc.machine.kernel.sim.now - began) / SEC;
  await proc.err(report(copy, tally, seconds));
  return 0;
});

function parse(operands: readonly string[]): Copy {
  const copy: Copy = {
    input: '-',
    output: '-',
    bs: BLOCK,
    count: Infinity,
    skip: 0,
    seek: 0,
    keepsRest: false,
    status: 'all',
  };
  for (const operand of operands) {
    const at = operand.indexOf('=');
    if (at < 0) throw unrecognized(operand);
    setOperand(copy, operand, operand.slice(0, at), operand.slice(at + 1));
  }
  if (copy.bs === 0) throw new ToolError(`invalid number: ${quote('0')}`);
  return copy;
}

function unrecognized(operand: string): UsageError {
  return new UsageError(`unrecognized operand ${quote(operand)}`);
}

function setOperand(copy: Copy, operand: string, key: string, value: string): void {
  switch (key) {
    case 'if':
      copy.input = value;
      break;
    case 'of':
      copy.output = value;
      break;
    case 'bs':
    case 'count':
    case 'skip':
    case 'seek':
      copy[key] = numberOf(value);
      break;
    case 'conv':
      for (const word of value.split(',')) setConversion(copy, word);
      break;
    case 'status':
      setStatus(copy, value);
      break;
    case 'ibs':
    case 'obs':
    case 'cbs':
    case 'iflag':
    case 'oflag':
      throw new ToolError(
        `Labwire's dd has no ${key}=; it has if, of, bs, count, skip, seek, conv=notrunc and status`,
      );
    default:
      throw unrecognized(operand);
  }
}

function setConversion(copy: Copy, word: string): void {
  if (word === 'notrunc') copy.keepsRest = true;
  else if (!WITHOUT_EFFECT.has(word)) throw new UsageError(`invalid conversion: ${quote(word)}`);
}

function setStatus(copy: Copy, value: string): void {
  if (value === 'progress') copy.status = 'all';
  else if (value === 'none' || value === 'noxfer') copy.status = value;
  else throw new UsageError(`invalid status level: ${quote(value)}`);
}

/** `512`, `1M`, `2x512`. */
function numberOf(text: string): number {
  const factors = text.split('x').map((factor) => {
    const [, digits, unit] = /^(\d+)([A-Za-z]*)$/.exec(factor) ?? [];
    const scale = unit === '' ? 1 : UNITS[unit ?? ' '];
    if (digits === undefined || scale === undefined)
      throw new ToolError(`invalid number: ${quote(text)}`);
    return Number(digits) * scale;
  });
  return factors.reduce((a, b) => a * b, 1);
}

async function run(proc: Process, copy: Copy): Promise<Tally> {
  const input = await open(copy.input, () => openInput(proc, copy.input));
  const [fd, rest] = await open(copy.output, () => openOutput(proc, copy));
  const tally: Tally = { full: 0, partial: 0, bytes: 0 };
  for (let skipped = 0; skipped < copy.skip; skipped++)
    if ((await proc.read(input, copy.bs)).length === 0) break;
  while (tally.full + tally.partial < copy.count) {
    const block = await proc.read(input, copy.bs);
    if (block.length === 0) break;
    if (block.length === copy.bs) tally.full++;
    else tally.partial++;
    tally.bytes += block.length;
    await proc.write(fd, block);
  }
  await proc.write(fd, rest.subarray(tally.bytes));
  closeInput(proc, input);
  if (fd !== 1) proc.close(fd);
  return tally;
}

async function open<T>(file: string, act: () => T): Promise<T> {
  try {
    return act();
  } catch (e) {
    throw new ToolError(`failed to open ${quote(file)}: ${(e as Error).message}`);
  }
}

/** @returns the descriptor, and what the file held from there on if it is to be kept */
function openOutput(proc: Process, { output, bs, seek, keepsRest }: Copy): [number, Uint8Array] {
  const nothing = new Uint8Array(0);
  if (output === '-') return [1, nothing];
  const path = proc.path(output);
  const isFile = !proc.fs.exists(path) || proc.fs.stat(path).type === 'file';
  const fd = proc.open(output, {
    write: true,
    create: true,
    truncate: !keepsRest && seek === 0,
    append: seek > 0,
  });
  if (!isFile || seek === 0) return [fd, nothing];
  const rest = keepsRest ? proc.fs.readFile(path).slice(seek * bs) : nothing;
  proc.fs.truncate(path, seek * bs);
  return [fd, rest];
}

function report({ status }: Copy, { full, partial, bytes }: Tally, seconds: number): string {
  if (status === 'none') return '';
  const records = `${full}+${partial} records in\n${full}+${partial} records out\n`;
  if (status === 'noxfer') return records;
  const sizes = [si(bytes, 1000, 'B'), si(bytes, 1024, 'iB')].filter((s) => s !== undefined);
  const more = sizes.length > 0 ? ` (${sizes.join(', ')})` : '';
  const rate = si(bytes / seconds, 1000, 'B', true);
  const noun = bytes === 1 ? 'byte' : 'bytes';
  return `${records}${bytes} ${noun}${more} copied, ${Number(seconds.toPrecision(6))} s, ${rate}/s\n`;
}

/** A size with its unit: `3.1 MB`; undefined below one unit, unless it is `always` wanted. gnulib human.c */
function si(value: number, base: number, suffix: string, always = false): string | undefined {
  const units = base === 1000 ? ['k', 'M', 'G', 'T'] : ['K', 'M', 'G', 'T'];
  let scaled = value / base;
  let unit = 0;
  if (scaled < 1 && !always) return undefined;
  while (scaled >= base && unit < units.length - 1) {
    scaled /= base;
    unit++;
  }
  return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)} ${units[unit]}${suffix}`;
}
