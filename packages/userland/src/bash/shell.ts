import { SEC, US } from '@labwire/core/sim';
import { type Process, SIGINT, SignalDeath } from '../machine/index.ts';
import { AbortCommand, TrapArrived } from './control.ts';
import { Jobs } from './jobs.ts';
import type { Assignment, CommandNode, FunctionNode, Statement } from './parse/index.ts';
import { Source } from './parse/index.ts';
import { Variables } from './variables.ts';

/** A command that is part of the shell. @returns its exit status */
export type Builtin = (sh: Shell, args: readonly string[]) => Promise<number> | number;

/** Whose words the shell speaks: `sh` is dash on Debian. */
export type Dialect = 'bash' | 'dash';

/** What runs a shell's commands: the parts that know each other only through here. */
export interface Interpreter {
  readonly builtins: ReadonlyMap<string, Builtin>;
  /** Runs the statements of a list. */
  runList(sh: Shell, list: readonly Statement[]): Promise<number>;
  /** Runs one command; `tail`: the process has nothing to do after it. */
  runCommand(sh: Shell, node: CommandNode, tail: boolean): Promise<number>;
  /** Runs one command that is all a subshell's process has to do. */
  runTail(sh: Shell, node: CommandNode): Promise<number>;
  /** Runs a whole script as a process of its own, traps and exit included. */
  runMain(sh: Shell, text: string, source: Source): Promise<number>;
  /** Runs statements in a subshell's process, traps and exit included. */
  runSubshell(sh: Shell, list: readonly Statement[]): Promise<number>;
  /** Runs a program with these words, not a function or builtin of its name. */
  runProgram(sh: Shell, argv: readonly string[]): Promise<number>;
  /** Runs a text: parses it and runs its statements. */
  runText(sh: Shell, text: string, source: Source): Promise<number>;
}

/** A function, and the text that its lines are counted in. */
export interface ShellFunction {
  readonly node: FunctionNode;
  readonly source: Source;
}

/** How a shell begins. */
export interface ShellOptions {
  readonly dialect?: Dialect;
  /** $0, and the name in messages. Default: bash. */
  readonly name?: string;
  readonly positional?: readonly string[];
  /** Types at a prompt: messages have no line numbers, jobs are announced, aliases count. */
  readonly interactive?: boolean;
}

/** What one statement takes, so that a loop that does nothing cannot stop the clock. */
const STATEMENT_COST = 10 * US;
/** How much of that is saved up before time passes. */
const MAX_DEBT = 1000 * US;

/** The state of one shell: what its commands see and change. */
export class Shell {
  readonly proc: Process;
  readonly interpreter: Interpreter;
  readonly dialect: Dialect;
  readonly vars: Variables;
  readonly functions: Map<string, ShellFunction>;
  readonly aliases: Map<string, string>;
  /** `set -o` options by letter, and pipefail by name. */
  readonly options: Set<string>;
  /** `shopt` options. */
  readonly shopts: Set<string>;
  readonly jobs: Jobs;
  /** What `trap` has set: signal name (or EXIT, ERR, DEBUG, RETURN) to command text; '' ignores. */
  readonly traps: Map<string, string> = new Map();
  /** Where programs were found. */
  readonly hash: Map<string, string>;
  /** Directory stack below the working directory. */
  dirs: string[] = [];
  name: string;
  positional: string[];
  interactive: boolean;
  /** $? */
  status = 0;
  /** $! */
  lastBackground: number | undefined;
  /** `exit` was run. */
  exited = false;
  /** Loops that are being run, for break and continue. */
  loopDepth = 0;
  /** Greater than 0 where set -e does not count: conditions, `!`, all but the last of && and ||. */
  errexitOff = 0;
  /** Statuses of the last pipeline. PIPESTATUS */
  pipeStatus: number[] = [0];
  /** What is being run. */
  source: Source = new Source('');
  /** Where in it. */
  pos = 0;
  /** $$: the first shell's pid, in subshells too. */
  rootPid: number;
  /** 0 in the shell itself, more in its subshells. BASH_SUBSHELL */
  depth: number;
  /** How deep in `$(…)`, `eval` and sourced files: a `+` more for each in what `set -x` shows. `indirection_level` */
  indirection = 0;
  /** Words typed so far. */
  readonly history: string[] = [];
  /** getopts: how far it got in a cluster of letters. */
  getoptsAt = 1;
  /** A file is being sourced: `return` ends it. */
  sourcing = false;
  /** The text came with -c, which messages of syntax errors tell. */
  fromOption = false;
  /** Ctrl-C ends a command, not the shell. */
  catchesInterrupts = false;
  /** Names of the functions that run, innermost first. FUNCNAME */
  readonly callStack: string[] = [];
  /** Aliases that are being expanded, so that one may name itself. */
  readonly aliasing: Set<string> = new Set();
  /** `NAME=(…)` after a declaration builtin, to be assigned once it has declared NAME. */
  readonly pendingArrays: Map<string, Assignment> = new Map();
  /** Descriptors of process substitutions, closed when their command has ended. */
  readonly substitutions: number[] = [];
  /** Greater than 0 while a child runs in the foreground: Ctrl-C is its to answer. */
  waiting = 0;
  #interrupted = false;
  readonly #arrived: number[] = [];
  #debt = 0;

  constructor(proc: Process, interpreter: Interpreter, options: ShellOptions = {}, from?: Shell) {
    this.proc = proc;
    this.interpreter = interpreter;
    this.dialect = options.dialect ?? from?.dialect ?? 'bash';
    this.name = options.name ?? from?.name ?? this.dialect;
    this.positional = [...(options.positional ?? from?.positional ?? [])];
    this.interactive = options.interactive ?? false;
    this.vars = from?.vars.clone() ?? new Variables();
    this.functions = new Map(from?.functions);
    this.aliases = new Map(from?.aliases);
    this.options = new Set(from?.options);
    this.shopts = new Set(from?.shopts);
    this.hash = new Map(from?.hash);
    this.jobs = new Jobs();
    this.rootPid = from?.rootPid ?? proc.pid;
    this.depth = from === undefined ? 0 : from.depth + 1;
    if (from !== undefined) this.#continue(from);
  }

  #continue(from: Shell): void {
    this.status = from.status;
    this.lastBackground = from.lastBackground;
    this.source = from.source;
    this.pos = from.pos;
    this.loopDepth = 0;
    this.errexitOff = from.errexitOff;
    this.indirection = from.indirection;
    this.dirs = [...from.dirs];
    this.history.push(...from.history);
  }

  /** The shell's state in another process: a subshell. */
  fork(proc: Process): Shell {
    return new Shell(proc, this.interpreter, {}, this);
  }

  /** The subshell of a substitution, which runs a text of its own. */
  forkSubstitution(proc: Process): Shell {
    const sub = this.fork(proc);
    sub.indirection++;
    return sub;
  }

  /** Runs a text that a command of this shell names: `eval`, or a sourced file. `parse_and_execute()` */
  async runIndirect(text: string, source: Source): Promise<number> {
    this.indirection++;
    try {
      return await this.interpreter.runText(this, text, source);
    } finally {
      this.indirection--;
    }
  }

  /** What begins each line that `set -x` shows. PS4 */
  get tracePrefix(): string {
    return `${'+'.repeat(this.indirection + 1)} `;
  }

  /** The shell that takes this one's place at a terminal, while this one is still busy. */
  successor(proc: Process): Shell {
    const next = new Shell(proc, this.interpreter, { interactive: this.interactive }, this);
    next.depth = 0;
    next.rootPid = proc.pid;
    next.status = 0;
    next.errexitOff = 0;
    next.fromOption = this.fromOption;
    return next;
  }

  /** What begins each message: `bash: line 3: `. */
  get prefix(): string {
    if (this.interactive) return `${this.name}: `;
    const line = this.source.lineAt(this.pos);
    return this.dialect === 'dash' ? `${this.name}: ${line}: ` : `${this.name}: line ${line}: `;
  }

  /** Prints a message on standard error. */
  complain(message: string): Promise<void> {
    return this.proc.err(`${this.prefix}${message}\n`);
  }

  /** A text that takes the place of what is being run, its lines counted from here. */
  sourceFor(text: string): Source {
    return new Source(text, this.source.lineAt(this.pos));
  }

  /** Seconds since the shell began. SECONDS */
  get seconds(): number {
    return Math.floor((this.proc.now - this.proc.startTime) / SEC);
  }

  /** Between two statements: lets time pass, lets signals in. */
  async tick(): Promise<void> {
    this.proc.noteProgress();
    this.proc.checkSignals();
    this.#debt += STATEMENT_COST;
    if (this.#debt >= MAX_DEBT) {
      const debt = this.#debt;
      this.#debt = 0;
      await this.proc.sleep(debt);
    }
    if (this.#interrupted) this.throwIfInterrupted();
    if (this.#arrived.length > 0) await this.runTraps();
  }

  /** Makes Ctrl-C end the command that runs, not the shell. */
  catchInterrupts(): void {
    this.catchesInterrupts = true;
    this.proc.handlers.set(SIGINT, () => {
      if (this.waiting > 0) this.#interrupted = true;
      else if (!this.proc.interrupt(new AbortCommand(128 + SIGINT))) this.#interrupted = true;
    });
  }

  /** @throws AbortCommand after Ctrl-C */
  throwIfInterrupted(): void {
    if (!this.#interrupted) return;
    this.#interrupted = false;
    throw new AbortCommand(128 + SIGINT);
  }

  /** A child that ran in the foreground has ended: if Ctrl-C ended it, it ends the command line too. */
  childEnded(killedBy: number | undefined): void {
    if (killedBy === SIGINT) {
      const mine = this.#interrupted;
      this.#interrupted = false;
      if (mine) throw new AbortCommand(128 + SIGINT);
    }
    this.#interrupted = false;
  }

  /** Notes a signal that a trap is set for. */
  trapArrived(signal: number): void {
    this.#arrived.push(signal);
    if (this.waiting === 0) this.proc.interrupt(new TrapArrived(signal));
  }

  /** Runs the commands of the traps whose signals have come. */
  async runTraps(): Promise<void> {
    for (let signal = this.#arrived.shift(); signal !== undefined; signal = this.#arrived.shift()) {
      const text = this.traps.get(String(signal));
      if (text !== undefined && text !== '') await this.runTrap(text);
    }
  }

  /** Runs a trap's command; $? is as before after it. */
  async runTrap(text: string): Promise<void> {
    const status = this.status;
    await this.interpreter.runText(this, text, new Source(text));
    this.status = status;
  }

  /** Ends the shell's process as the signal would have. */
  die(signal: number): never {
    this.proc.handlers.delete(signal);
    throw new SignalDeath(signal);
  }
}
