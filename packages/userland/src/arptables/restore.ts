/** The program `arptables-restore`. iptables/xtables-restore.c */
import { utf8Decode } from '@labwire/core/bytes';
import { linesOf, readAll } from '../coreutils/input.ts';
import {
  failure,
  IptablesError,
  notPermitted,
  OTHER_PROBLEM,
  parameterProblem,
  ShortError,
  splitCounters,
  splitWords,
} from '../iptables/index.ts';
import type { Process, Program } from '../machine/index.ts';
import { ArpCommandParser } from './command.ts';
import { ArpEdit } from './edit.ts';
import { runArpCommand, setPolicy } from './run.ts';

const NAME = 'arptables-restore';

/** A line was understood, but nothing could be done with it. */
class LineFailed extends Error {}

/** Reads the input line by line; the table is flushed where it begins, and changed at the end. */
class Restore {
  readonly #proc: Process;
  #edit: ArpEdit | undefined;
  line = 0;

  constructor(proc: Process) {
    this.#proc = proc;
  }

  /** @throws {@link IptablesError}, {@link LineFailed} */
  async run(text: string): Promise<void> {
    for (const line of linesOf(text)) {
      this.line++;
      await this.#take(line);
    }
    this.#edit?.commit();
  }

  async #take(text: string): Promise<void> {
    if (text === '' || text.startsWith('#')) return;
    if (text.startsWith('*')) this.#begin(text.slice(1));
    else if (this.#edit === undefined) throw new LineFailed(`line ${this.line} failed`);
    else if (text === 'COMMIT') {
      this.#edit.commit();
      this.#edit = undefined;
    } else if (text.startsWith(':')) this.#run(this.#edit, (e) => this.#chain(text.slice(1), e));
    else await this.#proc.out(this.#run(this.#edit, (e) => this.#rule(text, e)));
  }

  #begin(text: string): void {
    const [name] = splitWords(text);
    const at = `${NAME}: line ${this.line} table name`;
    if (name === undefined) throw parameterProblem(`${at} invalid`);
    if (name !== 'filter') throw parameterProblem(`${at} '${name}' invalid`);
    this.#edit?.commit();
    this.#edit = new ArpEdit(this.#proc.netns);
    this.#edit.clear();
  }

  #run(edit: ArpEdit, carryOut: (edit: ArpEdit) => string): string {
    edit.line = this.line;
    try {
      return carryOut(edit);
    } catch (e) {
      if (!(e instanceof ShortError)) throw e;
      throw new IptablesError(OTHER_PROBLEM, `${NAME}: final implicit COMMIT failed`);
    }
  }

  /** `:CHAIN POLICY` */
  #chain(text: string, edit: ArpEdit): string {
    const [chain, policy] = text.split(/[ \t]+/).filter((w) => w !== '');
    const at = `${NAME}: line ${this.line}`;
    if (chain === undefined) throw parameterProblem(`${at} chain name invalid`);
    if (policy === undefined) throw parameterProblem(`${at} policy invalid`);
    if (edit.isBase(chain)) return setPolicy(chain, policy, edit);
    edit.ensure(chain).rules = [];
    return '';
  }

  #rule(text: string, edit: ArpEdit): string {
    const { rest } = splitCounters(text, this.line);
    return runArpCommand(new ArpCommandParser(splitWords(rest), true).parse(), edit);
  }
}

/** arptables-restore(8); it has no options, and lets pass what is given. */
export const arptablesRestore: Program = async (proc) => {
  if (proc.uid !== 0) {
    await proc.err(notPermitted('arptables'));
    return 4;
  }
  const restore = new Restore(proc);
  try {
    await restore.run(utf8Decode(await readAll(proc, 0)));
    return 0;
  } catch (e) {
    const { line } = restore;
    const told =
      e instanceof LineFailed
        ? { text: `${NAME}: ${e.message}\n`, code: 1 }
        : failure(NAME, e, { last: line, command: line });
    await proc.err(told.text);
    return told.code;
  }
};
