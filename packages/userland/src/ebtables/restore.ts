/** The program `ebtables-restore`. iptables/xtables-restore.c */
import { utf8Decode } from '@labwire/core/bytes';
import { EBT_TABLE_NAMES, type EbtPolicy, type EbtTableName } from '@labwire/devices/bridge';
import { linesOf, readAll } from '../coreutils/input.ts';
import {
  failure,
  Getopt,
  IptablesError,
  notPermitted,
  OTHER_PROBLEM,
  optionComplaint,
  parameterProblem,
  splitCounters,
  splitWords,
  xtManual,
} from '../iptables/index.ts';
import { type Process, type Program, withManual } from '../machine/index.ts';
import { EbtCommandParser, runEbtCommand } from './command/index.ts';
import { EbtEdit } from './edit.ts';
import { EbtShortError, NO_CHAIN } from './failure.ts';
import { type Names, namesOf } from './names.ts';

const NAME = 'ebtables-restore';
const USAGE = 'Usage: ebtables-restore [ --verbose ] [ --noflush ]\n';
const POLICIES: readonly EbtPolicy[] = ['ACCEPT', 'DROP', 'RETURN'];

interface Options {
  noflush: boolean;
  verbose: boolean;
}

/** One thing to do at the table's end. @returns what it prints */
interface Queued {
  readonly line: number;
  run(edit: EbtEdit): string;
}

/** Reads the input line by line, and carries a table's lines out where the next begins. */
class Restore {
  readonly #proc: Process;
  readonly #options: Options;
  readonly #names: Names;
  #table: EbtTableName | undefined;
  #queue: Queued[] = [];
  /** The line that was read last. */
  line = 0;

  constructor(proc: Process, options: Options) {
    this.#proc = proc;
    this.#options = options;
    this.#names = namesOf(proc.fs);
  }

  /** @throws {@link IptablesError}, {@link EbtShortError} */
  async run(text: string): Promise<void> {
    for (const line of linesOf(text)) {
      this.line++;
      await this.#take(line);
    }
    await this.#commit();
  }

  async #take(text: string): Promise<void> {
    if (text === '') return;
    if (text.startsWith('#')) {
      if (this.#options.verbose) await this.#proc.out(`${text}\n`);
    } else if (this.#table !== undefined && text === 'COMMIT') {
      await this.#commit();
      this.#table = undefined;
    } else if (text.startsWith('*')) {
      await this.#commit();
      this.#begin(text.slice(1));
    } else if (this.#table === undefined) throw new EbtShortError(`line ${this.line} failed`);
    else if (text.startsWith(':')) this.#chain(text.slice(1));
    else this.#rule(text, this.#table);
  }

  #begin(text: string): void {
    const [name] = splitWords(text);
    const at = `${NAME}: line ${this.line} table name`;
    if (name === undefined) throw parameterProblem(`${at} invalid`);
    const table = EBT_TABLE_NAMES.find((t) => t === name);
    if (table === undefined) throw parameterProblem(`${at} '${name}' invalid`);
    this.#table = table;
    if (!this.#options.noflush) this.#later((edit) => this.#clear(edit));
  }

  #clear(edit: EbtEdit): string {
    const said = this.#options.verbose && edit.exists ? edit.listed() : [];
    const own = said.filter((c) => !edit.isBase(c.name));
    edit.clear();
    return (
      said.map((c) => `Flushing chain \`${c.name}'\n`).join('') +
      own.map((c) => `Deleting chain \`${c.name}'\n`).join('')
    );
  }

  #later(run: Queued['run']): void {
    this.#queue.push({ line: this.line, run });
  }

  /** `:CHAIN POLICY` */
  #chain(text: string): void {
    const [chain, word] = text.split(/[ \t]+/).filter((w) => w !== '');
    const at = `${NAME}: line ${this.line}`;
    if (chain === undefined) throw parameterProblem(`${at} chain name invalid`);
    if (word === undefined) throw parameterProblem(`${at} policy invalid`);
    this.#later((edit) => {
      const policy = POLICIES.find((p) => p === word);
      if (policy === undefined || (policy === 'RETURN' && edit.isBase(chain)))
        throw new EbtShortError(NO_CHAIN);
      const made = edit.ensure(chain);
      made.policy = policy;
      if (!edit.isBase(chain)) made.rules = [];
      return '';
    });
  }

  #rule(text: string, table: EbtTableName): void {
    const { rest } = splitCounters(text, this.line);
    const command = new EbtCommandParser(splitWords(rest), this.#names, table).parse();
    this.#later((edit) => runEbtCommand(command, edit, this.#names));
  }

  /** All of a table or nothing. */
  async #commit(): Promise<void> {
    const queue = this.#queue;
    this.#queue = [];
    if (this.#table === undefined || queue.length === 0) return;
    const edit = new EbtEdit(this.#proc.netns, this.#table);
    let out = '';
    for (const { line, run } of queue) {
      edit.line = line;
      try {
        out += run(edit);
      } catch (e) {
        if (!(e instanceof EbtShortError)) throw e;
        throw new IptablesError(OTHER_PROBLEM, `${NAME}: final implicit COMMIT failed`);
      }
    }
    edit.commit();
    await this.#proc.out(out);
  }
}

const LETTERS = 'nv';
const LONGS = [
  { name: 'noflush', arg: 'none', value: 'n' },
  { name: 'verbose', arg: 'none', value: 'v' },
] as const;

/** Reads the options. @returns what to print before failing in place of them */
function readOptions(args: readonly string[]): Options | { readonly text: string } {
  const o: Options = { noflush: false, verbose: false };
  const opt = new Getopt(args, LETTERS);
  for (;;) {
    const got = opt.next(LONGS);
    if (got === undefined) return o;
    if (got.kind === 'word') continue;
    if (got.kind === 'unknown' || got.kind === 'missing')
      return { text: `${NAME}: ${optionComplaint(got)}\n${USAGE}` };
    if ((got.kind === 'long' ? got.option.value : got.letter) === 'n') o.noflush = true;
    else o.verbose = true;
  }
}

async function main(proc: Process): Promise<number> {
  const options = readOptions(proc.argv.slice(1));
  if ('text' in options) {
    await proc.err(options.text);
    return 1;
  }
  const input = utf8Decode(await readAll(proc, 0));
  if (proc.uid !== 0 && input !== '') {
    await proc.err(notPermitted('ebtables'));
    return 4;
  }
  const restore = new Restore(proc, options);
  try {
    await restore.run(input);
    return 0;
  } catch (e) {
    const told =
      e instanceof EbtShortError
        ? { text: `${NAME}: ${e.message}: ${NO_CHAIN}.\n`, code: 1 }
        : failure(NAME, e, { last: restore.line, command: restore.line });
    await proc.err(told.text);
    return told.code;
  }
}

/** ebtables-restore(8) */
export const ebtablesRestore: Program = withManual(main, xtManual(LETTERS, LONGS));
