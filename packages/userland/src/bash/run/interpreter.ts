import { builtins } from '../builtins/index.ts';
import {
  AbortCommand,
  BreakLoop,
  ContinueLoop,
  ExitShell,
  ExpansionError,
  ReturnFrom,
  TrapArrived,
} from '../control.ts';
import { evaluateArithmetic } from '../expand/index.ts';
import {
  type CommandNode,
  parseText,
  type Source,
  type Statement,
  syntaxProblem,
} from '../parse/index.ts';
import type { Interpreter, Shell } from '../shell.ts';
import { runExternal } from './external.ts';
import { runCommand, runList } from './statements.ts';

/** The parts of the interpreter, put together. */
export const interpreter: Interpreter = {
  builtins,
  runList,
  runCommand,
  runText,
  runProgram: (sh, argv) =>
    runExternal(sh, { argv, env: sh.vars.environment(), changes: [] }, false),
  runTail: (sh: Shell, node: CommandNode) => asProcess(sh, () => runCommand(sh, node, true)),
  runSubshell: (sh: Shell, list: readonly Statement[]) => asProcess(sh, () => runList(sh, list)),
  runMain: (sh: Shell, text: string, source: Source) =>
    asProcess(sh, () => runText(sh, text, source)),
};

/** Runs a text: what stands before a syntax error is run too, as bash runs a script line by line. */
async function runText(sh: Shell, text: string, source: Source): Promise<number> {
  const script = parseText(text);
  const saved = { source: sh.source, pos: sh.pos };
  sh.source = source;
  try {
    const problem = syntaxProblem(script, source);
    if (problem === undefined) return await runList(sh, script.commands);
    const before = parseText(text.slice(0, problem.lineStart));
    if (before.errors === undefined) await runList(sh, before.commands);
    return await complainSyntax(sh, problem.messages);
  } catch (e) {
    if (e instanceof ExpansionError) e.prefix ??= sh.prefix;
    throw e;
  } finally {
    sh.source = saved.source;
    sh.pos = saved.pos;
  }
}

async function complainSyntax(
  sh: Shell,
  messages: readonly { readonly line: number; readonly text: string }[],
): Promise<number> {
  for (const { line, text } of messages) {
    const head = sh.interactive
      ? `${sh.name}: `
      : `${sh.name}: ${sh.fromOption ? '-c: ' : ''}line ${line}: `;
    await sh.proc.err(`${head}${text}\n`);
  }
  sh.status = 2;
  return 2;
}

/** Runs something to the end of a shell's process: exits, traps and stray controls included. @returns the exit status */
async function asProcess(sh: Shell, body: () => Promise<number>): Promise<number> {
  wireVariables(sh);
  let status: number;
  try {
    status = await contained(sh, body);
  } catch (e) {
    if (!(e instanceof ExitShell)) throw e;
    status = e.status;
  }
  return runExitTrap(sh, status);
}

/** Runs the EXIT trap. @returns the status with which the shell ends */
export async function runExitTrap(sh: Shell, status: number): Promise<number> {
  const trap = sh.traps.get('EXIT');
  if (trap === undefined) return status;
  sh.traps.delete('EXIT');
  sh.status = status;
  try {
    await sh.runTrap(trap);
  } catch (e) {
    if (!(e instanceof ExitShell)) throw e;
    return e.status;
  }
  return status;
}

/** Runs something, turning what may not leave a shell into a status. @throws ExitShell */
export async function contained(sh: Shell, body: () => Promise<number>): Promise<number> {
  try {
    return await body();
  } catch (e) {
    if (e instanceof ExpansionError) return refused(sh, e);
    if (e instanceof AbortCommand) return sh.depth === 0 ? e.status : sh.die(e.status - 128);
    if (e instanceof ReturnFrom) return e.status;
    if (e instanceof TrapArrived) {
      await sh.runTraps();
      return 128 + e.signal;
    }
    if (e instanceof BreakLoop || e instanceof ContinueLoop) return 0;
    throw e;
  }
}

async function refused(sh: Shell, e: ExpansionError): Promise<number> {
  await sh.proc.err(`${e.prefix ?? sh.prefix}${e.message}\n`);
  // execute_in_subshell() makes 1 of what main() makes 127
  if (e.fatal && !sh.interactive) throw new ExitShell(sh.depth > 0 ? 1 : e.status);
  sh.status = 1;
  return 1;
}

/** Gives a shell's variables the values that are computed. */
export function wireVariables(sh: Shell): void {
  const { vars, proc } = sh;
  vars.evaluate = (text) => String(evaluateArithmetic(text, vars));
  const random = () => proc.machine.kernel.sim.random(`${proc.machine.name} bash`);
  vars.define('RANDOM', () => String(random().below(32_768)));
  vars.define('SRANDOM', () => String(random().u32()));
  vars.define('SECONDS', () => String(sh.seconds));
  vars.define('LINENO', () => String(sh.source.lineAt(sh.pos)));
  vars.define('BASHPID', () => String(proc.pid));
  vars.define('BASH_SUBSHELL', () => String(sh.depth));
  vars.define('PPID', () => String(proc.ppid));
  vars.define('UID', () => String(proc.uid));
  vars.define('EUID', () => String(proc.uid));
  vars.define('HOSTNAME', () => proc.machine.hostname);
  vars.define('EPOCHSECONDS', () => String(Math.floor(proc.machine.wallClock)));
  vars.define('EPOCHREALTIME', () => proc.machine.wallClock.toFixed(6));
  vars.defineArray('PIPESTATUS', () => sh.pipeStatus.map(String));
  vars.defineArray('FUNCNAME', () => sh.callStack);
  vars.define('BASH_VERSION', () => '5.2.15(1)-release');
  vars.define('OSTYPE', () => 'linux-gnu');
  vars.define('HOSTTYPE', () => 'x86_64');
  vars.define('MACHTYPE', () => 'x86_64-pc-linux-gnu');
  vars.define('OPTIND', () => '1');
}
