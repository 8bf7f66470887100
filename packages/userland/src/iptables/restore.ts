/** The programs `iptables-restore` and `ip6tables-restore`. iptables/xtables-restore.c */
import { utf8Decode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { Family } from '@labwire/devices/rtnetlink';
import { linesOf, readAll, readInput } from '../coreutils/input.ts';
import type { Process, Program } from '../machine/index.ts';
import { runCommand, setPolicy } from './command/index.ts';
import { checkChainName } from './core/chain-name.ts';
import { parameterProblem } from './core/error.ts';
import { nameContext } from './core/names.ts';
import { type Command, TABLE_NAMES } from './core/parse-command.ts';
import { TableEdit } from './core/tables.ts';
import { parseCounters, splitCounters, splitWords } from './restore-line.ts';
import { type RestoreOptions, readRestoreOptions, restoreUsage } from './restore-options.ts';
import { CommandReader, failure, notPermitted, VERSION } from './session.ts';

/** One thing to do when COMMIT comes. @returns what it prints */
interface Queued {
  readonly line: number;
  run(edit: TableEdit): string;
}

/** A line was understood, but nothing could be done with it. */
class LineFailed extends Error {}

/** Reads the input line by line, and carries a table's lines out at its COMMIT. */
class Restore {
  readonly #proc: Process;
  readonly #family: Family;
  readonly #program: string;
  readonly #options: RestoreOptions;
  readonly #reader: CommandReader;
  #table: string | undefined;
  #inTable = false;
  #queue: Queued[] = [];
  /** The line that was read last. */
  line = 0;
  /** The line that is being carried out. */
  command = 0;

  constructor(proc: Process, family: Family, program: string, options: RestoreOptions) {
    this.#proc = proc;
    this.#family = family;
    this.#program = program;
    this.#options = options;
    this.#reader = new CommandReader(proc, family, program);
  }

  /** @throws IptablesError, ShortError, BadArgument, LineFailed */
  async run(text: string): Promise<void> {
    for (const line of linesOf(text)) {
      this.line++;
      this.command = this.line;
      const wait = this.#take(line);
      if (wait !== undefined) await wait;
    }
    this.line++;
    if (this.#inTable) throw new LineFailed(`COMMIT expected at line ${this.line}`);
  }

  /** @returns what to wait for; mostly nothing */
  #take(text: string): Promise<void> | undefined {
    if (text === '') return undefined;
    if (text.startsWith('#'))
      return this.#options.verbose > 0 ? this.#proc.out(`${text}\n`) : undefined;
    if (this.#inTable && text === 'COMMIT') return this.#commit();
    if (text.startsWith('*') && !this.#inTable) this.#begin(text.slice(1));
    else if (text.startsWith(':') && this.#inTable) this.#chain(text.slice(1));
    else if (this.#inTable) return this.#rule(text);
    else if (this.#table === undefined || !this.#skips(this.#table))
      throw new LineFailed(`line ${this.line} failed`);
    return undefined;
  }

  /** Another table than -T names. */
  #skips(table: string): boolean {
    return this.#options.table !== undefined && this.#options.table !== table;
  }

  #begin(text: string): void {
    const at = `${this.#program}: line ${this.line} table name`;
    const [name] = splitWords(text);
    if (name === undefined) throw parameterProblem(`${at} invalid`);
    if (!(TABLE_NAMES as readonly string[]).includes(name))
      throw parameterProblem(`${at} '${name}' invalid`);
    this.#table = name;
    if (this.#skips(name)) return;
    this.#inTable = true;
    if (!this.#options.noflush) this.#later((edit) => this.#clear(edit));
  }

  #clear(edit: TableEdit): string {
    const said = this.#options.verbose === 0 ? [] : edit.listed();
    const own = said.filter((c) => c.policy === undefined);
    edit.clear();
    return (
      said.map((c) => `Flushing chain \`${c.name}'\n`).join('') +
      own.map((c) => `Deleting chain \`${c.name}'\n`).join('')
    );
  }

  #later(run: Queued['run']): void {
    this.#queue.push({ line: this.line, run });
  }

  /** `:CHAIN POLICY [packets:bytes]` */
  #chain(text: string): void {
    const [chain, policy, counts] = text.split(/[ \t]+/).filter((w) => w !== '');
    const at = `${this.#program}: line ${this.line}`;
    if (chain === undefined) throw parameterProblem(`${at} chain name invalid`);
    checkChainName(chain, this.#family);
    if (policy === undefined) throw parameterProblem(`${at} policy invalid`);
    const { counters } = this.#options;
    const given = counts === undefined ? undefined : parseCounters(counts);
    const builtin = new TableEdit(this.#proc.netns, this.#family, this.#table ?? '').isBuiltin(
      chain,
    );
    if (builtin && given === undefined && (counters || counts !== undefined))
      throw parameterProblem(`invalid policy counters for chain '${chain}'`);
    this.#later((edit) =>
      builtin
        ? setPolicy({ chain, policy, counters: counters ? given : undefined }, edit)
        : emptyChain(edit, chain),
    );
  }

  #rule(text: string): Promise<void> | undefined {
    const { counters, rest } = splitCounters(text, this.line);
    const options = this.#options;
    const args = [
      ...(options.noflush ? [] : new Array<string>(options.verbose).fill('-v')),
      ...(options.counters && counters.length > 0 ? ['--set-counters', ...counters] : []),
      ...splitWords(rest),
    ];
    const read = this.#reader.readNow(args, this.#table ?? '');
    if (read instanceof Promise) return this.#awaitRule(read);
    this.#later((edit) => this.#do(read, edit));
    return undefined;
  }

  async #awaitRule(read: Promise<Command>): Promise<void> {
    const command = await read;
    this.#later((edit) => this.#do(command, edit));
  }

  #do(command: Command, edit: TableEdit): string {
    const names = nameContext(this.#proc);
    return runCommand({ family: this.#family, names, hosts: new Map() }, command, edit);
  }

  /** All of a table or nothing. With --test not even looked at. */
  async #commit(): Promise<void> {
    this.#inTable = false;
    const queue = this.#queue;
    this.#queue = [];
    if (this.#options.test) return;
    const edit = new TableEdit(this.#proc.netns, this.#family, this.#table ?? '');
    let out = '';
    try {
      for (const { line, run } of queue) {
        this.command = line;
        edit.line = line;
        out += run(edit);
      }
      edit.commit();
    } finally {
      await this.#proc.out(out);
    }
  }
}

/** A user's chain, new or emptied. `nft_chain_restore()` */
function emptyChain(edit: TableEdit, name: string): string {
  const chain = edit.table.chains.get(name);
  if (chain === undefined) edit.create(name);
  else chain.rules.length = 0;
  return '';
}

/** The input as text. @returns in place of it what to print before failing */
async function readText(
  proc: Process,
  file: string | undefined,
): Promise<string | { readonly text: string }> {
  if (file === undefined) return utf8Decode(await readAll(proc, 0));
  try {
    return utf8Decode(await readInput(proc, file));
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    return { text: `Can't open ${file}: ${e.message}\n` };
  }
}

async function restore(
  proc: Process,
  family: Family,
  program: string,
  options: RestoreOptions,
): Promise<number> {
  const input = await readText(proc, options.file);
  if (typeof input !== 'string') {
    await proc.err(input.text);
    return 1;
  }
  if (proc.uid !== 0) {
    await proc.err(notPermitted(program));
    return 4;
  }
  const run = new Restore(proc, family, program, options);
  try {
    await run.run(input);
    return 0;
  } catch (e) {
    const told =
      e instanceof LineFailed
        ? { text: `${program}: ${e.message}\n`, code: 1 }
        : failure(program, e, { last: run.line, command: run.command });
    await proc.err(told.text);
    return told.code;
  }
}

/** Makes the program of a family. */
export function restoreProgram(family: Family): Program {
  const fallback = family === 'inet' ? 'iptables-restore' : 'ip6tables-restore';
  return async (proc) => {
    const program = (proc.argv[0] ?? fallback).replace(/^.*\//, '');
    const options = readRestoreOptions(proc.argv.slice(1), program);
    if ('text' in options) {
      await proc.err(options.text);
      return 1;
    }
    if (options.info === undefined) return await restore(proc, family, program, options);
    if (options.info === 'version') await proc.out(`${program} v${VERSION}\n`);
    else await proc.err(restoreUsage(program));
    return 0;
  };
}
