import type { FileSystem } from './fs/index.ts';
import type { Machine } from './machine.ts';
import type { Process } from './process.ts';
import { SIGINT } from './signal.ts';
import { Tty, type WindowSize } from './tty.ts';

/** A shell as a terminal drives it. */
export interface LoginShell {
  /** Runs a command text; resolves with its exit status. */
  run(text: string): Promise<number>;
  /** Whether the text goes on in a next line: an open quote, a here-document, a trailing backslash. */
  isIncomplete(text: string): boolean;
  /** What PS1, or for a continuation PS2, shows. */
  prompt(continuation: boolean): string;
  /** Speaks as at a prompt: no line numbers in messages, jobs are announced, aliases count. */
  interactive: boolean;
  /** Whether `exit` was typed. */
  readonly exited: boolean;
  /** The same shell in another process: working directory, variables, functions. */
  fork(proc: Process): LoginShell;
}

/** How a terminal is opened. */
export interface TerminalOptions {
  /** Default: 0. */
  readonly uid?: number;
  /** Default: the user's home. */
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: 200 rows of 400 columns. */
  readonly size?: WindowSize;
  /** Somebody sits at it: `exit` ends it, jobs are announced, aliases count. Default: false. */
  readonly interactive?: boolean;
}

/** What to do with what a command prints. */
export interface RunOptions {
  /** Called with each piece that it prints. */
  readonly onOutput?: (text: string) => void;
}

const DEFAULT_SIZE: WindowSize = { rows: 200, columns: 400 };

/** One command that was typed at a terminal. */
export class TerminalRun {
  readonly command: string;
  /** Standard output and standard error as they came; grows as long as anything that it started prints. */
  output = '';
  /** The shell is ready for the next command. */
  done = false;
  /** Undefined while it runs and if a signal ended it. */
  exitCode: number | undefined;
  readonly #tty: Tty;
  readonly #onOutput: ((text: string) => void) | undefined;
  shell: Process | undefined;

  constructor(command: string, index: number, size: WindowSize, options: RunOptions) {
    this.command = command;
    this.#onOutput = options.onOutput;
    this.#tty = new Tty(index, size, (text) => this.#print(text));
  }

  #print(text: string): void {
    this.output += text;
    this.#onOutput?.(text);
  }

  /** The terminal that its processes have open. */
  get tty(): Tty {
    return this.#tty;
  }

  /** Ctrl-C: SIGINT to everything in the foreground. */
  interrupt(): void {
    this.#tty.echo('^C');
    if (this.shell === undefined) return;
    for (const proc of foreground(this.shell)) proc.kill(SIGINT);
  }

  /** Types at the command's standard input. */
  type(text: string): void {
    this.#tty.type(text);
  }

  /** Takes back what was typed and the command did not read, which the shell reads next. */
  takeUnread(): string {
    return this.#tty.takeUnread();
  }

  /** Ctrl-D: ends the command's standard input. */
  endOfInput(): void {
    this.#tty.endOfInput();
  }
}

/** The processes of a shell's foreground job and the shell, children first. */
function foreground(shell: Process): Process[] {
  const all = [...shell.machine.processes.values()].filter(
    (p) => p !== shell && p.pgid === shell.pgid && hasAncestor(p, shell),
  );
  return [...all.reverse(), shell];
}

function hasAncestor(proc: Process, ancestor: Process): boolean {
  for (let p = proc.parent; p !== undefined; p = p.parent) if (p === ancestor) return true;
  return false;
}

interface Session {
  readonly proc: Process;
  readonly shell: LoginShell;
  readonly queue: TerminalRun[];
  wake: (() => void) | undefined;
  current: TerminalRun | undefined;
  /** No more commands come. */
  closed: boolean;
}

/** A terminal of a machine: a screen, a keyboard and a shell. */
export class Terminal {
  readonly machine: Machine;
  readonly name: string;
  readonly size: WindowSize;
  #session: Session;
  readonly #index: number;

  constructor(machine: Machine, name: string, index: number, options: TerminalOptions) {
    this.machine = machine;
    this.name = name;
    this.size = options.size ?? DEFAULT_SIZE;
    this.#index = index;
    this.#session = this.#start(undefined, options);
  }

  /**
   * Types a command (one or more whole lines) and lets it begin; the simulator must run for it to get anywhere.
   * If the command before still runs, it goes on, and a fresh shell with the same state takes this one.
   */
  run(command: string, options: RunOptions = {}): TerminalRun {
    if (
      this.#session.current !== undefined ||
      this.#session.queue.length > 0 ||
      this.#session.closed
    ) {
      const busy = this.#session;
      this.#session = this.#start(busy, {});
      busy.closed = true;
    }
    const run = new TerminalRun(command, this.#index, this.size, options);
    this.#session.queue.push(run);
    this.#session.wake?.();
    return run;
  }

  /** Whether a command text goes on in a next line. */
  isIncomplete(text: string): boolean {
    return this.#session.shell.isIncomplete(text);
  }

  /** What the shell's prompt shows. */
  prompt(continuation = false): string {
    return this.#session.shell.prompt(continuation);
  }

  /** Whether the shell has ended: `exit`. */
  get exited(): boolean {
    return this.#session.shell.exited;
  }

  /** The files as this terminal's shell sees them, for completion. */
  get fs(): FileSystem {
    return this.#session.proc.fs;
  }

  /** The shell's process. */
  get shell(): Process {
    return this.#session.proc;
  }

  #start(from: Session | undefined, options: TerminalOptions): Session {
    const ready: { session?: Session } = {};
    const body = async (): Promise<number> => {
      await this.#serve(ready.session as Session);
      return 0;
    };
    const proc = this.machine.startLogin(from?.proc, body, options);
    const shell = from === undefined ? this.machine.loginShell(proc) : from.shell.fork(proc);
    shell.interactive = options.interactive ?? from?.shell.interactive ?? false;
    const session: Session = {
      proc,
      shell,
      queue: [],
      wake: undefined,
      current: undefined,
      closed: false,
    };
    ready.session = session;
    return session;
  }

  async #serve(session: Session): Promise<void> {
    while (!session.shell.exited) {
      const run = session.queue.shift();
      if (run !== undefined) await this.#one(session, run);
      else if (session.closed) return;
      else await waitForCommand(session);
    }
  }

  async #one(session: Session, run: TerminalRun): Promise<void> {
    const { proc, shell } = session;
    session.current = run;
    run.shell = proc;
    for (const fd of [0, 1, 2]) proc.setFd(fd, run.tty);
    run.exitCode = await shell.run(run.command);
    session.current = undefined;
    run.shell = undefined;
    run.done = true;
  }
}

function waitForCommand(session: Session): Promise<void> {
  return session.proc.park<void>('a command at the terminal', (wake) => {
    session.wake = wake;
    return () => {
      session.wake = undefined;
    };
  });
}
