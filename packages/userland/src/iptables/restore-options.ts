import type { Manual } from '../machine/index.ts';
import { Getopt, optionComplaint } from './core/getopt.ts';
import { xtManual } from './core/manual.ts';

/** What iptables-restore is asked for. */
export interface RestoreOptions {
  counters: boolean;
  verbose: number;
  test: boolean;
  noflush: boolean;
  /** Only this table. */
  table: string | undefined;
  file: string | undefined;
  info: 'version' | 'help' | undefined;
}

const LONG = [
  { name: 'counters', arg: 'none', value: 'c' },
  { name: 'verbose', arg: 'none', value: 'v' },
  { name: 'version', arg: 'none', value: 'V' },
  { name: 'test', arg: 'none', value: 't' },
  { name: 'help', arg: 'none', value: 'h' },
  { name: 'noflush', arg: 'none', value: 'n' },
  { name: 'modprobe', arg: 'required', value: 'M' },
  { name: 'table', arg: 'required', value: 'T' },
  { name: 'ipv4', arg: 'none', value: '4' },
  { name: 'ipv6', arg: 'none', value: '6' },
  { name: 'wait', arg: 'optional', value: 'w' },
  { name: 'wait-interval', arg: 'optional', value: 'W' },
] as const;

const LETTERS = 'bcvVthnM:T:wW';
/** What iptables-restore can be told. */
export const restoreManual: () => Manual = xtManual(LETTERS, LONG);

/** Takes one option in. @returns false if there is no such option */
function take(o: RestoreOptions, letter: string, arg: string | undefined, opt: Getopt): boolean {
  if (letter === 'c') o.counters = true;
  else if (letter === 'v') o.verbose++;
  else if (letter === 't') o.test = true;
  else if (letter === 'n') o.noflush = true;
  else if (letter === 'T') o.table = arg ?? '';
  else if (letter === 'V') o.info = 'version';
  else if (letter === 'h') o.info = 'help';
  else if (letter === 'w' || letter === 'W') {
    if (arg === undefined) opt.takeWord();
  } else return letter === 'M';
  return true;
}

/** Reads the options. @returns in place of them what to print before failing */
export function readRestoreOptions(
  args: readonly string[],
  program: string,
): RestoreOptions | { readonly text: string } {
  const o: RestoreOptions = {
    counters: false,
    verbose: 0,
    test: false,
    noflush: false,
    table: undefined,
    file: undefined,
    info: undefined,
  };
  const help = `Try \`${program} -h' for more information.\n`;
  const opt = new Getopt(args, LETTERS);
  for (let words = 0; o.info === undefined; ) {
    const got = opt.next(LONG);
    if (got === undefined) break;
    if (got.kind === 'word') {
      if (words++ > 0) return { text: 'Unknown arguments found on commandline\n' };
      o.file = got.text;
    } else if (got.kind === 'unknown' || got.kind === 'missing') {
      return { text: `${program}: ${optionComplaint(got)}\n${help}` };
    } else if (!take(o, got.kind === 'long' ? got.option.value : got.letter, got.arg, opt)) {
      return { text: help };
    }
  }
  return o;
}

/** What `iptables-restore -h` prints. */
export function restoreUsage(program: string): string {
  const long = [
    'counters',
    'verbose',
    'version',
    'test',
    'help',
    'noflush',
    'table=<TABLE>',
    'modprobe=<command>',
    'ipv4',
    'ipv6',
  ];
  const lines = long.map((o) => `\t   [ --${o}${o === 'version' ? '' : ' '}]\n`).join('');
  return `Usage: ${program} [-c] [-v] [-V] [-t] [-h] [-n] [-T table] [-M command] [-4] [-6] [file]\n${lines}`;
}
