import type { Manual } from '../../machine/index.ts';
import { Getopt } from '../core/getopt.ts';
import { xtManual } from '../core/manual.ts';

/** What xtables-monitor is asked for. */
export interface MonitorOptions {
  trace: boolean;
  events: boolean;
  counters: boolean;
  /** Only this family. */
  family: 'inet' | 'inet6' | undefined;
  info: 'version' | 'help' | undefined;
}

const LONG = [
  { name: 'counters', arg: 'none', value: 'c' },
  { name: 'trace', arg: 'none', value: 't' },
  { name: 'event', arg: 'none', value: 'e' },
  { name: 'ipv4', arg: 'none', value: '4' },
  { name: 'ipv6', arg: 'none', value: '6' },
  { name: 'version', arg: 'none', value: 'V' },
  { name: 'help', arg: 'none', value: 'h' },
] as const;

const LETTERS = 'ceht46V';
/** What xtables-monitor can be told. */
export const monitorManual: () => Manual = xtManual(LETTERS, LONG);

function take(o: MonitorOptions, letter: string): void {
  if (letter === 'c') o.counters = true;
  else if (letter === 't') o.trace = true;
  else if (letter === 'e') o.events = true;
  else if (letter === '4') o.family = 'inet';
  else if (letter === '6') o.family = 'inet6';
  else o.info = letter === 'V' ? 'version' : 'help';
}

/** Reads the options; words are let pass. @returns undefined for an argument that it does not have */
export function readMonitorOptions(args: readonly string[]): MonitorOptions | undefined {
  const o: MonitorOptions = {
    trace: false,
    events: false,
    counters: false,
    family: undefined,
    info: undefined,
  };
  const opt = new Getopt(args, LETTERS);
  while (o.info === undefined) {
    const got = opt.next(LONG);
    if (got === undefined) break;
    if (got.kind === 'unknown' || got.kind === 'missing') return undefined;
    if (got.kind !== 'word') take(o, got.kind === 'long' ? got.option.value : got.letter);
  }
  return o;
}
