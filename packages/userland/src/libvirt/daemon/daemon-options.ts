import { type GetoptTable, getopt, type LongOption } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { LIBVIRT_VERSION } from '../base/index.ts';

/** What a daemon's command line asks for. */
export interface DaemonOptions {
  /** Runs in the background. */
  readonly daemon: boolean;
  /** `-p`: where its pid is written. */
  readonly pidFile: string | undefined;
}

/** How a daemon of libvirt presents itself. */
export interface DaemonManual {
  readonly name: string;
  readonly help: string;
  /** Option letters as getopt(3) takes them. */
  readonly letters: string;
  readonly longs: readonly LongOption[];
}

/** Options that Labwire does not act on, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  l: 'there are no connections over TCP',
  t: 'the daemon does not end by itself',
  f: 'the daemon reads no configuration file',
};

/** What a daemon can be told. */
export function daemonOptions({ letters, longs, help }: DaemonManual): GetoptTable {
  return { letters, longs, usage: help, refused: Object.keys(REFUSED) };
}

/** Reads a daemon's command line, and answers where no daemon is needed. @returns the exit status if that was all */
export async function readDaemonOptions(
  proc: Process,
  manual: DaemonManual,
): Promise<DaemonOptions | number> {
  const { name } = manual;
  const { options, operands, error } = getopt(proc.argv.slice(1), manual.letters, manual.longs);
  if (error !== undefined) return fail(proc, `${name}: ${error}\n${manual.help}`);
  const refused = options.find(({ opt }) => REFUSED[opt] !== undefined);
  if (refused !== undefined)
    return fail(proc, `${name}: Labwire has no -${refused.opt}: ${REFUSED[refused.opt]}\n`);
  const has = (letter: string) => options.some(({ opt }) => opt === letter);
  if (has('h')) {
    await proc.err(manual.help);
    return 0;
  }
  if (has('V')) {
    await proc.out(`${name} (libvirt) ${LIBVIRT_VERSION}\n`);
    return 0;
  }
  if (operands.length > 0)
    return fail(proc, `${name}: unexpected, non-option, command line arguments\n`);
  return { daemon: has('d'), pidFile: options.filter(({ opt }) => opt === 'p').at(-1)?.arg };
}

async function fail(proc: Process, text: string): Promise<number> {
  await proc.err(text);
  return 1;
}
