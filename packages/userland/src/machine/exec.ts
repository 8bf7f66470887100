import { KernelError } from '@labwire/core/error';
import { MS, type Nanos } from '@labwire/core/sim';
import type { Process } from './process.ts';

/** What fork(2) and execve(2) of a small program take. */
const EXEC_COST: Nanos = 1 * MS;
/** Interpreters that `#!` may go through. Linux fs/exec.c, exec_binprm() */
const MAX_INTERPRETERS = 5;
/** Where programs are looked for if PATH is not set. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Finds a program as execvp(3) does: a name with a slash is a path, any other is looked for in PATH.
 * @returns its absolute path; undefined if there is none
 */
export function findProgram(
  proc: Process,
  name: string,
  path: string = proc.env.get('PATH') ?? DEFAULT_PATH,
): string | undefined {
  if (name.includes('/')) return proc.path(name);
  for (const dir of path.split(':')) {
    const full = proc.path(`${dir === '' ? '.' : dir}/${name}`);
    if (isRunnable(proc, full)) return full;
  }
  return undefined;
}

function isRunnable(proc: Process, path: string): boolean {
  return proc.fs.exists(path) && proc.fs.stat(path).type === 'file' && proc.fs.access(path, 1);
}

/**
 * Becomes another program: execve(2). Runs it in this process to its end.
 * @param path absolute, as {@link findProgram} gives it
 * @param argv with the program's name as its first word
 * @returns its exit code
 * @throws KernelError ENOENT, EACCES, ENOTDIR, EISDIR (a directory); ENOEXEC if it is neither a program nor a script
 */
export async function exec(proc: Process, path: string, argv: readonly string[]): Promise<number> {
  let program = programAt(proc, path);
  // a script is told the path that was called, as execve(2) was given it
  let file = argv[0]?.includes('/') === true ? argv[0] : path;
  let words = argv;
  for (let depth = 0; program === undefined; depth++) {
    const line = interpreterLine(proc, proc.path(file));
    if (line === undefined || depth === MAX_INTERPRETERS) throw new KernelError('ENOEXEC');
    words = [...line, file, ...words.slice(1)];
    file = line[0] as string;
    program = programAt(proc, file);
  }
  for (const [signal, handler] of proc.handlers)
    if (handler !== 'ignore') proc.handlers.delete(signal);
  proc.argv = words;
  proc.comm = path.slice(path.lastIndexOf('/') + 1).slice(0, 15);
  await proc.sleep(EXEC_COST);
  return program(proc);
}

function programAt(proc: Process, path: string): ReturnType<Process['fs']['programOf']> {
  if (proc.fs.stat(path).type === 'dir') throw new KernelError('EACCES');
  return proc.fs.programOf(path);
}

/** The words of a script's first line after `#!`: the interpreter and at most one argument. */
function interpreterLine(proc: Process, path: string): string[] | undefined {
  const text = proc.fs.readText(path);
  if (!text.startsWith('#!')) return undefined;
  const line = (text.split('\n', 1)[0] as string).slice(2).trim();
  const space = line.search(/[ \t]/);
  if (line === '') return undefined;
  return space < 0 ? [line] : [line.slice(0, space), line.slice(space).trim()];
}
