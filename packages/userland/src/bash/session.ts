import type { LoginShell, Process } from '../machine/index.ts';
import { jobLine } from './builtins/jobs.ts';
import { ExitShell } from './control.ts';
import { lastOf } from './jobs.ts';
import { isIncomplete, parseText, Source } from './parse/index.ts';
import { contained, interpreter, runExitTrap, wireVariables } from './run/interpreter.ts';
import { Shell } from './shell.ts';

/**
 * The number of the first line in messages of a shell that is fed whole commands: `bash: line 3: …`. The commands of the
 * reference runs follow two lines that set the shell up.
 */
const FIRST_LINE = 3;

/** A bash that a terminal feeds one command at a time. */
export class BashSession implements LoginShell {
  readonly shell: Shell;
  #exited = false;

  constructor(proc: Process, from?: Shell) {
    this.shell = from?.successor(proc) ?? new Shell(proc, interpreter, {});
    if (from === undefined) importEnvironment(this.shell);
    this.shell.fromOption = true;
    wireVariables(this.shell);
    this.shell.catchInterrupts();
  }

  get exited(): boolean {
    return this.#exited;
  }

  /** Speaks as at a prompt: no line numbers in messages, jobs are announced, aliases count. */
  get interactive(): boolean {
    return this.shell.interactive;
  }

  set interactive(on: boolean) {
    this.shell.interactive = on;
  }

  async run(text: string): Promise<number> {
    const sh = this.shell;
    sh.history.push(text.trimEnd());
    try {
      sh.status = await contained(sh, () =>
        interpreter.runText(sh, text, new Source(text, FIRST_LINE)),
      );
    } catch (e) {
      if (!(e instanceof ExitShell)) throw e;
      this.#exited = sh.interactive;
      sh.status = await runExitTrap(sh, e.status);
    }
    if (sh.interactive) await this.#reportJobs();
    return sh.status;
  }

  async #reportJobs(): Promise<void> {
    for (const job of [...this.shell.jobs.list()]) {
      if (lastOf(job).exitCode === undefined) continue;
      await this.shell.proc.err(jobLine(this.shell, job));
      this.shell.jobs.remove(job);
    }
  }

  isIncomplete(text: string): boolean {
    return isIncomplete(text, parseText(text));
  }

  prompt(continuation: boolean): string {
    const { vars, proc } = this.shell;
    if (continuation) return vars.get('PS2') ?? '> ';
    return expandPrompt(vars.get('PS1') ?? '\\u@\\h:\\w\\$ ', {
      user: proc.machine.user(proc.uid).name,
      host: proc.machine.hostname,
      cwd: proc.cwd,
      home: vars.get('HOME') ?? '',
      root: proc.uid === 0,
    });
  }

  fork(proc: Process): LoginShell {
    return new BashSession(proc, this.shell);
  }
}

/** What a prompt tells of. */
interface PromptFacts {
  readonly user: string;
  readonly host: string;
  readonly cwd: string;
  readonly home: string;
  readonly root: boolean;
}

/** Puts in place of `\u`, `\h`, `\w` and the like what they stand for. bash parse.y, decode_prompt_string() */
function expandPrompt(text: string, facts: PromptFacts): string {
  const inHome =
    facts.home !== '' && (facts.cwd === facts.home || facts.cwd.startsWith(`${facts.home}/`));
  const short = inHome ? `~${facts.cwd.slice(facts.home.length)}` : facts.cwd;
  const values: Readonly<Record<string, string>> = {
    u: facts.user,
    h: facts.host.split('.', 1)[0] as string,
    H: facts.host,
    w: short,
    W: short === '/' ? '/' : short.slice(short.lastIndexOf('/') + 1),
    $: facts.root ? '#' : '$',
    s: 'bash',
    n: '\n',
    '[': '',
    ']': '',
    e: '\x1b',
    '\\': '\\',
  };
  return text.replace(/\\(.)/gs, (all, c: string) => values[c] ?? all);
}

/** Makes variables of the environment that a shell is started with. */
export function importEnvironment(sh: Shell): void {
  for (const [name, value] of sh.proc.env) {
    if (!/^[A-Za-z_]\w*$/.test(name)) continue;
    sh.vars.set(name, value);
    sh.vars.declare(name).exported = true;
  }
  if (sh.vars.get('PWD') !== sh.proc.cwd) sh.vars.set('PWD', sh.proc.cwd);
  sh.vars.declare('PWD').exported = true;
  sh.vars.set('IFS', ' \t\n');
  const level = Number(sh.vars.get('SHLVL') ?? 0) + 1;
  sh.vars.set('SHLVL', String(level));
  sh.vars.declare('SHLVL').exported = true;
  if (sh.vars.get('PATH') === undefined) sh.vars.set('PATH', DEFAULT_SHELL_PATH);
}

/** bash config-top.h, DEFAULT_PATH_VALUE */
const DEFAULT_SHELL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
