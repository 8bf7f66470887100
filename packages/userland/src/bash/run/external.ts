import { KernelError } from '@labwire/core/error';
import { exec, findProgram, type Process, signalDescription } from '../../machine/index.ts';
import { Source } from '../parse/index.ts';
import { Shell } from '../shell.ts';
import { type Change, redirect } from './redirect.ts';

/** A program to run, its words expanded. */
export interface ExternalCommand {
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly changes: readonly Change[];
}

/** Runs a program in a process of its own and waits for it; `tail`: in this process. */
export async function runExternal(
  sh: Shell,
  command: ExternalCommand,
  tail: boolean,
): Promise<number> {
  if (tail) {
    for (const [name, value] of command.env) sh.proc.env.set(name, value);
    return become(sh, sh.proc, command);
  }
  const child = sh.proc.spawn(command.argv, (proc) => become(sh, proc, command), {
    env: command.env,
  });
  return waitForeground(sh, [child]);
}

/** Waits for processes that run in the foreground. @returns the last one's status */
export async function waitForeground(sh: Shell, children: readonly Process[]): Promise<number> {
  let status = 0;
  sh.waiting++;
  try {
    for (const child of children) status = await sh.proc.waitFor(child);
  } finally {
    sh.waiting--;
  }
  const last = children.at(-1);
  for (const child of children) sh.childEnded(child.killedBy);
  if (last?.killedBy !== undefined) await announceDeath(sh, last);
  return status;
}

/** What bash says when a signal ended a program: nothing for INT and PIPE. */
async function announceDeath(sh: Shell, child: Process): Promise<void> {
  const signal = child.killedBy;
  if (signal === undefined || signal === 2 || signal === 13 || sh.dialect === 'dash') return;
  const text = signalDescription(signal);
  if (sh.interactive || signal === 15) await sh.proc.err(`${text}\n`);
  else
    await sh.proc.err(
      `${sh.prefix}${String(child.pid).padStart(5)} ${text.padEnd(23)} ${child.argv.join(' ')}\n`,
    );
}

/** Looks a program up and becomes it; prints why it cannot. */
async function become(sh: Shell, proc: Process, command: ExternalCommand): Promise<number> {
  if (!(await redirect(sh, proc, command.changes))) return 1;
  const name = command.argv[0] as string;
  const path = lookUp(sh, proc, name);
  if (path === undefined) return complain(sh, proc, name, 'ENOENT');
  try {
    return await exec(proc, path, command.argv);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    if (e.errno === 'ENOEXEC') return runAsScript(sh, proc, path, command.argv);
    return complain(sh, proc, name, e.errno);
  }
}

function lookUp(sh: Shell, proc: Process, name: string): string | undefined {
  if (name.includes('/')) return proc.path(name);
  const known = sh.hash.get(name);
  if (known !== undefined && proc.fs.exists(known)) return known;
  const path = findProgram(proc, name, sh.vars.get('PATH'));
  if (path !== undefined) sh.hash.set(name, path);
  return path;
}

async function complain(sh: Shell, proc: Process, name: string, errno: string): Promise<number> {
  const missing = errno === 'ENOENT' && !name.includes('/');
  const isDir = proc.fs.exists(proc.path(name)) && proc.fs.stat(proc.path(name)).type === 'dir';
  const why = missing
    ? sh.dialect === 'dash'
      ? 'not found'
      : 'command not found'
    : isDir
      ? 'Is a directory'
      : errno === 'ENOENT'
        ? sh.dialect === 'dash'
          ? 'not found'
          : 'No such file or directory'
        : errno === 'ENOTDIR'
          ? 'Not a directory'
          : 'Permission denied';
  await proc.err(`${sh.prefix}${name}: ${why}\n`);
  return errno === 'ENOENT' ? 127 : 126;
}

/** A file that is neither a program nor begins with `#!` is a script of this shell's. */
async function runAsScript(
  sh: Shell,
  proc: Process,
  path: string,
  argv: readonly string[],
): Promise<number> {
  const text = proc.fs.readText(path);
  if (text.includes('\0')) return complainBinary(sh, proc, argv[0] as string);
  const script = new Shell(proc, sh.interpreter, {
    dialect: sh.dialect,
    name: argv[0] as string,
    positional: argv.slice(1),
  });
  for (const [name, value] of proc.env) {
    script.vars.set(name, value);
    script.vars.declare(name).exported = true;
  }
  return sh.interpreter.runMain(script, text, new Source(text));
}

async function complainBinary(sh: Shell, proc: Process, name: string): Promise<number> {
  await proc.err(`${sh.prefix}${name}: cannot execute binary file: Exec format error\n`);
  return 126;
}
