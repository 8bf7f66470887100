import type { Context } from '../../context/index.ts';
import { parseUnsigned } from '../../parse/index.ts';
import { formatRate, formatSize, parseRate } from '../units/index.ts';

/** Reads `ethernet`, `atm` or `adsl`, or what abbreviates them. Source: iproute2 tc/tc_util.c, get_linklayer(). */
export function parseLinklayer(text: string): number | undefined {
  const layers = [
    ['ethernet', 1],
    ['atm', 2],
    ['adsl', 2],
  ] as const;
  return text === '' ? undefined : layers.find(([name]) => name.startsWith(text))?.[1];
}

/** The name of a link layer. */
export function linklayerName(layer: number): string {
  return ['unspec', 'ethernet', 'atm'][layer] ?? 'unknown';
}

/** Reads a decimal number of 16 bits. */
export function parseU16(text: string): number | undefined {
  return parseUnsigned(text, 0xffff);
}

/** Reads a rate, or a percentage of the device's speed. Source: tc/tc_util.c, get_percent_rate64(). */
export function parseRateOf(ctx: Context, dev: string): (text: string) => number | undefined {
  return (text) => {
    if (!text.includes('%')) return parseRate(text);
    const path = `/sys/class/net/${dev}/speed`;
    const speed = ctx.proc.fs.exists(path) ? Number(ctx.proc.fs.readText(path)) : Number.NaN;
    const share = Number(/^[0-9.]+/.exec(text)?.[0] ?? Number.NaN) / 100;
    if (!(share <= 1) || !(speed > 0)) return undefined;
    return Math.floor((share * speed * 1e6) / 8);
  };
}

/** Prints a rate; in JSON as bytes per second. */
export function printRate(ctx: Context, key: string, words: string, rate: number): void {
  const { printer, options } = ctx;
  if (printer.isJson) printer.json(key, rate);
  else printer.text(`${words} ${formatRate(rate, options.iec)} `);
}

/** Prints a size; in JSON as bytes. */
export function printSize(ctx: Context, key: string, words: string, size: number): void {
  const { printer } = ctx;
  if (printer.isJson) printer.json(key, size);
  else printer.text(`${words} ${formatSize(size)} `);
}
