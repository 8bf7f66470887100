/** The programs `iptables` and `ip6tables`. */
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';
import type { Process, Program } from '../machine/index.ts';
import { runCommand } from './command/run-command.ts';
import { IptablesError, PARAMETER_PROBLEM } from './core/error.ts';
import { nameContext } from './core/names.ts';
import { BadArgument, type Command, CommandParser } from './core/parse-command.ts';
import { ShortError } from './core/tables.ts';
import { usage } from './usage.ts';

/** The version that everything here follows. */
export const VERSION = '1.8.9 (nf_tables)';

/** What to print and exit with for an error. `line`: of iptables-restore's input. */
export function failure(
  program: string,
  e: unknown,
  line?: number,
): { readonly text: string; readonly code: number } {
  const help = `Try \`${program} -h' or '${program} --help' for more information.\n`;
  const at = line === undefined ? '' : `Error occurred at line: ${line}\n`;
  if (e instanceof BadArgument)
    return { text: `${e.message}\n${at}${help}`, code: PARAMETER_PROBLEM };
  if (e instanceof ShortError) return { text: `${program}: ${e.message}\n`, code: 1 };
  if (!(e instanceof IptablesError)) throw e;
  const said = e.message === '' ? '' : `${program} v${VERSION}: ${e.message}\n`;
  return { text: said + (e.code === PARAMETER_PROBLEM ? at + help : ''), code: e.code };
}

/** Addresses of a name: what the machine's hosts file says. */
function resolver(proc: Process): (host: string) => readonly InetAddr[] {
  void proc;
  return () => [];
}

function readCommand(proc: Process, family: Family, program: string): Command {
  return new CommandParser(proc.argv.slice(1), {
    family,
    names: nameContext(proc),
    resolve: resolver(proc),
    restoreTable: undefined,
    program,
  }).parse();
}

/** Makes the program of a family. */
export function iptablesProgram(family: Family): Program {
  const program = family === 'inet' ? 'iptables' : 'ip6tables';
  return async (proc) => {
    if (proc.uid !== 0 && !proc.argv.some((a) => /^(-V|--version|-h|--help)$/.test(a))) {
      await proc.err(
        `${program} v${VERSION}: Could not fetch rule set generation id: Permission denied (you must be root)\n`,
      );
      return 4;
    }
    try {
      const command = readCommand(proc, family, program);
      if (command.info === 'version') await proc.out(`${program} v${VERSION}\n`);
      else if (command.info === 'help') await proc.out(usage(program));
      else {
        for (const w of command.warnings) await proc.err(w);
        await proc.out(runCommand({ proc, family, names: nameContext(proc) }, command));
      }
      return 0;
    } catch (e) {
      const { text, code } = failure(program, e);
      await proc.err(text);
      return code;
    }
  };
}
