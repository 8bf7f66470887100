/** What the programs of iptables share: who they are, how they read a command line and how they tell of errors. */
import type { Family, InetAddr } from '@labwire/devices/rtnetlink';
import type { Process } from '../machine/index.ts';
import { lookupName } from '../resolver/index.ts';
import { IptablesError, PARAMETER_PROBLEM, VERSION_PROBLEM } from './core/error.ts';
import { nameContext } from './core/names.ts';
import { BadArgument, type Command, CommandParser } from './core/parse-command.ts';
import { ShortError } from './core/tables.ts';

/** The version that everything here follows. */
export const VERSION = '1.8.9 (nf_tables)';

/** A host name that has to be asked for before the command line can be read. */
class UnresolvedHost extends Error {
  readonly host: string;

  constructor(host: string) {
    super(host);
    this.host = host;
  }
}

/** Reads command lines of one process; host names are asked for once. */
export class CommandReader {
  readonly #proc: Process;
  readonly #family: Family;
  readonly #program: string;
  readonly #hosts = new Map<string, readonly InetAddr[]>();
  #warnings: string[] = [];

  constructor(proc: Process, family: Family, program: string) {
    this.#proc = proc;
    this.#family = family;
    this.#program = program;
  }

  /** The same as {@link read}, at once if there is nothing to wait for: an input may have many lines. */
  readNow(args: readonly string[], restoreTable: string): Command | Promise<Command> {
    try {
      this.#warnings = [];
      const command = this.#parse(args, restoreTable);
      if (this.#warnings.length === 0) return command;
    } catch (e) {
      if (!(e instanceof UnresolvedHost) && this.#warnings.length === 0) throw e;
    }
    return this.read(args, restoreTable);
  }

  /** Prints what there is to warn of. @param restoreTable the table, within iptables-restore @throws IptablesError, BadArgument */
  async read(args: readonly string[], restoreTable?: string): Promise<Command> {
    for (;;) {
      try {
        this.#warnings = [];
        const command = this.#parse(args, restoreTable);
        await this.#warn();
        return command;
      } catch (e) {
        if (!(e instanceof UnresolvedHost)) {
          await this.#warn();
          throw e;
        }
        this.#hosts.set(e.host, await this.#lookUp(e.host));
      }
    }
  }

  async #warn(): Promise<void> {
    for (const w of this.#warnings) await this.#proc.err(w);
  }

  #parse(args: readonly string[], restoreTable: string | undefined): Command {
    return new CommandParser(args, {
      family: this.#family,
      names: nameContext(this.#proc),
      resolve: (host) => this.#known(host),
      restoreTable,
      program: this.#program,
      warnings: this.#warnings,
    }).parse();
  }

  #known(host: string): readonly InetAddr[] {
    const addrs = this.#hosts.get(host);
    if (addrs === undefined) throw new UnresolvedHost(host);
    return addrs;
  }

  async #lookUp(host: string): Promise<readonly InetAddr[]> {
    const found = await lookupName(this.#proc, host, this.#family);
    return 'error' in found ? [] : found.addrs.map((a) => a.addr);
  }
}

/** Where in iptables-restore's input an error is. */
export interface InputLine {
  /** The line that was read last. */
  readonly last: number;
  /** The line of the command that failed. */
  readonly command: number;
}

/** What to print and exit with for an error. @throws what is no error of iptables */
export function failure(
  program: string,
  e: unknown,
  input?: InputLine,
): { readonly text: string; readonly code: number } {
  const help = `Try \`${program} -h' or '${program} --help' for more information.\n`;
  const at = input === undefined ? '' : `Error occurred at line: ${input.last}\n`;
  if (e instanceof BadArgument)
    return { text: `${e.message}\n${at}${help}`, code: PARAMETER_PROBLEM };
  if (e instanceof ShortError) {
    const where = input === undefined ? '' : `line ${input.command} failed: `;
    const hint = input === undefined ? e.hint : '';
    return { text: `${program}: ${where}${e.message}${hint}\n`, code: 1 };
  }
  if (!(e instanceof IptablesError)) throw e;
  const said = e.message === '' ? '' : `${program} v${VERSION}: ${e.message}\n`;
  if (e.code === VERSION_PROBLEM) {
    return { text: `${said}Perhaps ${program} or your kernel needs to be upgraded.\n`, code: 3 };
  }
  return { text: said + (e.code === PARAMETER_PROBLEM ? at + help : ''), code: e.code };
}

/** What a user who is not root is told. `nft_init()` */
export function notPermitted(program: string): string {
  return `${program} v${VERSION}: Could not fetch rule set generation id: Permission denied (you must be root)\n`;
}
