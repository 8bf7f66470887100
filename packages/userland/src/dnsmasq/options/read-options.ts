import { getopt } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { Config } from '../config/index.ts';
import { EC_BADCONF, Fatal } from '../fatal.ts';
import { completeConfig } from './complete-config.ts';
import { OptionReader } from './option-reader.ts';
import { LONG_OPTIONS, SHORT_OPTIONS } from './option-table.ts';

const DEFAULT_FILE = '/etc/dnsmasq.conf';

/** What the command line asks for. */
export interface ReadOptions {
  readonly config: Config;
  /** Reads files again that may change while dnsmasq runs. */
  readonly reader: OptionReader;
  /** Instead of running: say that all is well, or show the version or the options. */
  readonly only: 'test' | 'version' | 'help' | undefined;
}

/** Reads the command line, then the configuration files. dnsmasq src/option.c, read_opts() @throws Fatal */
export async function readOptions(proc: Process): Promise<ReadOptions> {
  const config = new Config();
  const reader = new OptionReader(proc, config);
  const { options, operands, error } = getopt(proc.argv.slice(1), SHORT_OPTIONS, LONG_OPTIONS);
  let confFile: string | undefined;
  let test = false;
  for (const { opt, arg } of options) {
    if (opt === 'w') return { config, reader, only: 'help' };
    if (opt === 'v') return { config, reader, only: 'version' };
    if (opt === 'test') test = true;
    else if (opt !== 'C') await reader.commandLine(opt, arg);
    else if (confFile === undefined) confFile = arg ?? '';
    else await reader.file(arg ?? '');
  }
  if (error !== undefined) throw new Fatal('bad command line options: try --help', EC_BADCONF);
  if (operands.some((word) => /\S/.test(word)))
    throw new Fatal('junk found in command line', EC_BADCONF);
  if (confFile === undefined) await reader.file(DEFAULT_FILE, true);
  else if (confFile !== '') await reader.file(confFile);
  completeConfig(proc, config);
  return { config, reader, only: test ? 'test' : undefined };
}
