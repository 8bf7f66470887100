import { KernelError } from '@labwire/core/error';
import type { Process, Program } from '../machine/index.ts';
import { isMode, parseMode } from './mode.ts';
import { type Options, quote, tool, UsageError } from './tool.ts';

/** Runs something for each operand; a failure is printed as `NAME: WHAT 'FILE': WHY`. @returns 1 if any failed */
async function each(
  proc: Process,
  name: string,
  what: string,
  operands: readonly string[],
  body: (file: string) => Promise<void> | void,
): Promise<number> {
  if (operands.length === 0) throw new UsageError('missing operand');
  let status = 0;
  for (const file of operands) {
    try {
      await body(file);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      await proc.err(`${name}: ${what} ${quote(file)}: ${e.message}\n`);
      status = 1;
    }
  }
  return status;
}

/** mkdir(1). */
export const mkdir: Program = tool(
  { name: 'mkdir', letters: 'pm:v', longs: { parents: 'p', 'mode=': 'm', verbose: 'v' } },
  (proc, options, operands) =>
    each(proc, 'mkdir', 'cannot create directory', operands, async (dir) => {
      const mode = options.value('m');
      const recursive = options.has('p');
      const made = !proc.fs.exists(proc.path(dir));
      proc.fs.mkdir(proc.path(dir), { recursive, mode: 0o777 & ~proc.umask });
      if (mode !== undefined && made) proc.fs.chmod(proc.path(dir), parseMode(mode, 0o777, true));
      if (options.has('v') && made) await proc.out(`mkdir: created directory ${quote(dir)}\n`);
    }),
);

/** rmdir(1). */
export const rmdir: Program = tool(
  { name: 'rmdir', letters: 'pv', longs: { parents: 'p', verbose: 'v' } },
  (proc, options, operands) =>
    each(proc, 'rmdir', 'failed to remove', operands, (dir) => {
      proc.fs.rmdir(proc.path(dir));
      if (!options.has('p')) return;
      for (let up = parentOf(dir); up !== '' && up !== '/'; up = parentOf(up))
        proc.fs.rmdir(proc.path(up));
    }),
);

function parentOf(path: string): string {
  return path.replace(/\/+$/, '').replace(/\/?[^/]*$/, '');
}

/** rm(1). */
export const rm: Program = tool(
  {
    name: 'rm',
    letters: 'rRfidvI',
    longs: { recursive: 'r', force: 'f', dir: 'd', verbose: 'v', interactive: 'i' },
  },
  async (proc, options, operands) => {
    if (operands.length === 0 && options.has('f')) return 0;
    return each(proc, 'rm', 'cannot remove', operands, async (file) => {
      const path = proc.path(file);
      if (options.has('f') && !isThere(proc, path)) return;
      if (proc.fs.lstat(path).type !== 'dir') proc.fs.unlink(path);
      else if (options.has('r', 'R')) removeTree(proc, path);
      else if (options.has('d')) proc.fs.rmdir(path);
      else throw new KernelError('EISDIR');
      if (options.has('v')) await proc.out(`removed ${quote(file)}\n`);
    });
  },
);

function isThere(proc: Process, path: string): boolean {
  try {
    proc.fs.lstat(path);
    return true;
  } catch (e) {
    if (e instanceof KernelError && (e.errno === 'ENOENT' || e.errno === 'ENOTDIR')) return false;
    throw e;
  }
}

/** Removes a directory with all that is in it. @throws KernelError */
export function removeTree(proc: Process, path: string): void {
  for (const name of proc.fs.readdir(path)) {
    const child = `${path}/${name}`;
    if (proc.fs.lstat(child).type === 'dir') removeTree(proc, child);
    else proc.fs.unlink(child);
  }
  proc.fs.rmdir(path);
}

/** touch(1). */
export const touch: Program = tool(
  {
    name: 'touch',
    letters: 'acmr:d:t:h',
    longs: { 'no-create': 'c', 'date=': 'd', 'reference=': 'r' },
  },
  (proc, options, operands) => {
    if (operands.length === 0) throw new UsageError('missing file operand');
    return each(proc, 'touch', 'cannot touch', operands, (file) => {
      const path = proc.path(file);
      if (proc.fs.exists(path)) proc.fs.utime(path, touchTime(proc, options));
      else if (!options.has('c'))
        proc.fs.writeFile(path, '', { append: true, mode: 0o666 & ~proc.umask });
    });
  },
);

function touchTime(proc: Process, options: Options): number {
  const reference = options.value('r');
  if (reference !== undefined) return proc.fs.stat(proc.path(reference)).mtime;
  return Math.floor(proc.machine.wallClock);
}

/** ln(1). */
export const ln: Program = tool(
  {
    name: 'ln',
    letters: 'sfnvrT',
    longs: { symbolic: 's', force: 'f', 'no-dereference': 'n', verbose: 'v' },
  },
  async (proc, options, operands) => {
    const [target] = operands;
    if (target === undefined) throw new UsageError('missing file operand');
    const given = operands[1] ?? target.slice(target.lastIndexOf('/') + 1);
    const path = proc.path(given);
    const intoDir =
      proc.fs.exists(path) && proc.fs.stat(path).type === 'dir' && !options.has('n', 'T');
    const at = intoDir ? `${path}/${target.slice(target.lastIndexOf('/') + 1)}` : path;
    try {
      if (options.has('f') && isThere(proc, at)) proc.fs.unlink(at);
      if (options.has('s')) proc.fs.symlink(target, at);
      else proc.fs.link(proc.path(target), at);
      return 0;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      const kind = options.has('s') ? 'symbolic link' : 'hard link';
      const detail = options.has('s') ? `${quote(given)}` : `${quote(given)} => ${quote(target)}`;
      if (!options.has('s') && e.errno === 'ENOENT' && !proc.fs.exists(proc.path(target)))
        await proc.err(`ln: failed to access ${quote(target)}: ${e.message}\n`);
      else await proc.err(`ln: failed to create ${kind} ${detail}: ${e.message}\n`);
      return 1;
    }
  },
);

/** chmod(1). */
export const chmod: Program = tool(
  {
    name: 'chmod',
    letters: 'Rvcf',
    longs: { recursive: 'R', verbose: 'v' },
    spell: modeOperands,
  },
  (proc, options, operands) => {
    const [mode, ...files] = operands;
    if (mode === undefined) throw new UsageError('missing operand');
    if (files.length === 0) throw new UsageError(`missing operand after ${quote(mode)}`);
    if (!isMode(mode)) throw new UsageError(`invalid mode: ${quote(mode)}`);
    return changeEach(proc, 'chmod', 'cannot access', files, options, (path) => {
      const stat = proc.fs.stat(path);
      proc.fs.chmod(path, parseMode(mode, stat.mode, stat.type === 'dir'));
    });
  },
);

/** A leading mode such as `-w` is an operand, not an option. */
function modeOperands(words: readonly string[]): readonly string[] {
  const at = words.findIndex((a) => /^-[rwxXst,+=-]+$/.test(a));
  return at < 0 ? words : [...words.slice(0, at), '--', ...words.slice(at)];
}

async function changeEach(
  proc: Process,
  name: string,
  what: string,
  files: readonly string[],
  options: Options,
  change: (path: string) => void,
): Promise<number> {
  return each(proc, name, what, files, (file) => {
    const walk = (path: string): void => {
      change(path);
      if (!options.has('R') || proc.fs.lstat(path).type !== 'dir') return;
      for (const child of proc.fs.readdir(path)) walk(`${path}/${child}`);
    };
    walk(proc.path(file));
  });
}
