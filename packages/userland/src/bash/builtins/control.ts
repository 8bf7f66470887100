import { KernelError } from '@labwire/core/error';
import { exec as execProgram, findProgram } from '../../machine/index.ts';
import { BreakLoop, ContinueLoop, ExitShell, ReturnFrom } from '../control.ts';
import { evaluateText } from '../expand/index.ts';
import { Source } from '../parse/index.ts';
import type { Builtin, Shell } from '../shell.ts';

/** The status argument of exit and return. @returns undefined after a complaint */
async function statusArgument(sh: Shell, name: string, args: readonly string[]): Promise<number> {
  const text = args[0] === '--' ? args[1] : args[0];
  if (text === undefined) return sh.status;
  if (/^\s*[-+]?\d+\s*$/.test(text)) return ((Number(text) % 256) + 256) % 256;
  await sh.complain(`${name}: ${text}: numeric argument required`);
  return 2;
}

const exit: Builtin = async (sh, args) => {
  if (args.length > 1 && /^-?\d+$/.test(args[0] as string)) {
    await sh.complain('exit: too many arguments');
    return 1;
  }
  throw new ExitShell(await statusArgument(sh, 'exit', args));
};

const return_: Builtin = async (sh, args) => {
  if (sh.callStack.length === 0 && !sh.sourcing) {
    await sh.complain("return: can only `return' from a function or sourced script");
    return 2;
  }
  throw new ReturnFrom(await statusArgument(sh, 'return', args));
};

function leaveLoop(name: string, make: (levels: number) => Error): Builtin {
  return async (sh, args) => {
    const levels = Number(args[0] ?? 1);
    if (sh.loopDepth === 0) {
      await sh.complain(`${name}: only meaningful in a \`for', \`while', or \`until' loop`);
      return 0;
    }
    if (!Number.isInteger(levels)) {
      await sh.complain(`${name}: ${args[0]}: numeric argument required`);
      throw new ExitShell(128);
    }
    if (levels < 1) {
      await sh.complain(`${name}: ${args[0]}: loop count out of range`);
      return 1;
    }
    throw make(Math.min(levels, sh.loopDepth));
  };
}

const eval_: Builtin = (sh, args) => {
  const text = args.join(' ');
  return sh.runIndirect(text, sh.sourceFor(text));
};

const source: Builtin = async (sh, args) => {
  const [name, ...rest] = args;
  if (name === undefined) {
    await sh.complain('source: filename argument required');
    await sh.proc.err('source: usage: source filename [arguments]\n');
    return 2;
  }
  const path = sourcePath(sh, name);
  let text: string;
  try {
    text = sh.proc.fs.readText(path);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await sh.complain(
      e.errno === 'EISDIR' ? `source: ${name}: is a directory` : `${name}: ${e.message}`,
    );
    return 1;
  }
  return runSourced(sh, text, rest);
};

function sourcePath(sh: Shell, name: string): string {
  if (name.includes('/')) return sh.proc.path(name);
  return findProgram(sh.proc, name, sh.vars.get('PATH')) ?? sh.proc.path(name);
}

async function runSourced(sh: Shell, text: string, args: readonly string[]): Promise<number> {
  const saved = { positional: sh.positional, sourcing: sh.sourcing };
  if (args.length > 0) sh.positional = [...args];
  sh.sourcing = true;
  try {
    return await sh.runIndirect(text, new Source(text));
  } catch (e) {
    if (e instanceof ReturnFrom) return e.status;
    throw e;
  } finally {
    sh.positional = args.length > 0 ? saved.positional : sh.positional;
    sh.sourcing = saved.sourcing;
  }
}

const exec: Builtin = async (sh, args) => {
  let argv = args[0] === '--' ? args.slice(1) : args;
  let name: string | undefined;
  if (argv[0] === '-a') {
    name = argv[1];
    argv = argv.slice(2);
  }
  if (argv[0] === undefined) return 0;
  throw new ExitShell(await replace(sh, argv, name));
};

async function replace(
  sh: Shell,
  argv: readonly string[],
  name: string | undefined,
): Promise<number> {
  const program = argv[0] as string;
  const path = findProgram(sh.proc, program, sh.vars.get('PATH'));
  sh.proc.env.clear();
  for (const [key, value] of sh.vars.environment()) sh.proc.env.set(key, value);
  if (path === undefined) {
    await sh.complain(`exec: ${program}: not found`);
    return 127;
  }
  try {
    return await execProgram(sh.proc, path, [name ?? program, ...argv.slice(1)]);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await sh.complain(`${program}: ${e.message}`);
    await sh.complain(`exec: ${program}: cannot execute: ${e.message}`);
    return e.errno === 'ENOENT' ? 127 : 126;
  }
}

const shift: Builtin = async (sh, args) => {
  const n = Number(args[0] ?? 1);
  if (!Number.isInteger(n)) {
    await sh.complain(`shift: ${args[0]}: numeric argument required`);
    return 1;
  }
  if (n < 0) {
    await sh.complain(`shift: ${args[0]}: shift count out of range`);
    return 1;
  }
  if (n > sh.positional.length) return 1;
  sh.positional = sh.positional.slice(n);
  return 0;
};

const let_: Builtin = async (sh, args) => {
  if (args.length === 0) {
    await sh.complain('let: expression expected');
    return 1;
  }
  let value = 0n;
  for (const text of args) value = await evaluateText(sh, text);
  return Number(value === 0n);
};

/** Builtins that steer what runs next. */
export const controlBuiltins: Readonly<Record<string, Builtin>> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  exit,
  logout: exit,
  return: return_,
  break: leaveLoop('break', (n) => new BreakLoop(n)),
  continue: leaveLoop('continue', (n) => new ContinueLoop(n)),
  eval: eval_,
  source,
  '.': source,
  exec,
  shift,
  let: let_,
};
