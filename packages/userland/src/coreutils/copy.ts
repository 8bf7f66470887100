import { KernelError } from '@labwire/core/error';
import type { Process, Program } from '../machine/index.ts';
import { type Options, quote, ToolError, tool, UsageError } from './tool.ts';

/** Splits operands into what is copied and where to; a directory takes them in. */
function plan(
  proc: Process,
  operands: readonly string[],
  options: Options,
): readonly (readonly [from: string, to: string])[] {
  const into = options.value('t');
  const sources = into === undefined ? operands.slice(0, -1) : operands;
  const target = into ?? operands.at(-1);
  if (operands.length === 0 || target === undefined) throw new UsageError('missing file operand');
  if (sources.length === 0)
    throw new UsageError(`missing destination file operand after ${quote(operands[0] as string)}`);
  const isDir = proc.fs.exists(proc.path(target)) && proc.fs.stat(proc.path(target)).type === 'dir';
  if (sources.length > 1 && !isDir)
    throw new ToolError(
      `target ${quote(target)}: ${proc.fs.exists(proc.path(target)) ? 'Not a directory' : 'No such file or directory'}`,
    );
  if (!isDir || options.has('T')) return sources.map((s) => [s, target] as const);
  const base = target.endsWith('/') ? target : `${target}/`;
  return sources.map((s) => [s, base + (s.replace(/\/+$/, '').split('/').at(-1) ?? '')] as const);
}

const COPY_LONGS = {
  recursive: 'r',
  archive: 'a',
  force: 'f',
  'no-clobber': 'n',
  verbose: 'v',
  'target-directory=': 't',
  interactive: 'i',
  update: 'u',
  preserve: 'p',
  'no-target-directory': 'T',
};

/** cp(1). */
export const cp: Program = tool(
  { name: 'cp', letters: 'rRafnvt:iupTdPL', longs: COPY_LONGS },
  async (proc, options, operands) => {
    let status = 0;
    for (const [from, to] of plan(proc, operands, options)) {
      try {
        await copy(proc, options, from, to);
      } catch (e) {
        status = 1;
        if (e instanceof ToolError) await proc.err(`cp: ${e.message}\n`);
        else throw e;
      }
    }
    return status;
  },
);

async function copy(proc: Process, options: Options, from: string, to: string): Promise<void> {
  const source = attempt(`cannot stat ${quote(from)}`, () => proc.fs.stat(proc.path(from)));
  const target = proc.path(to);
  if (source.type === 'dir') {
    if (!options.has('r', 'R', 'a'))
      throw new ToolError(`-r not specified; omitting directory ${quote(from)}`);
    if (!proc.fs.exists(target))
      attempt(`cannot create directory ${quote(to)}`, () => proc.fs.mkdir(target));
    for (const name of proc.fs.readdir(proc.path(from)))
      await copy(proc, options, `${from}/${name}`, `${to}/${name}`);
    return;
  }
  if (options.has('n') && proc.fs.exists(target)) return;
  if (proc.fs.exists(target) && proc.fs.realpath(target) === proc.fs.realpath(proc.path(from)))
    throw new ToolError(`${quote(from)} and ${quote(to)} are the same file`);
  copyFile(proc, from, to, source.mode);
  if (options.has('p', 'a')) proc.fs.utime(target, source.mtime);
  if (options.has('v')) await proc.out(`${quote(from)} -> ${quote(to)}\n`);
}

function copyFile(proc: Process, from: string, to: string, mode: number): void {
  const target = proc.path(to);
  const data = attempt(`cannot open ${quote(from)} for reading`, () =>
    proc.fs.readFile(proc.path(from)),
  );
  attempt(`cannot create regular file ${quote(to)}`, () =>
    proc.fs.writeFile(target, data, { mode: mode & ~proc.umask }),
  );
  if (proc.fs.stat(target).type === 'file') proc.fs.copyProgram(proc.path(from), target);
}

function attempt<T>(what: string, body: () => T): T {
  try {
    return body();
  } catch (e) {
    if (e instanceof KernelError) throw new ToolError(`${what}: ${e.message}`);
    throw e;
  }
}

/** mv(1). */
export const mv: Program = tool(
  { name: 'mv', letters: 'fnvt:iuT', longs: COPY_LONGS },
  async (proc, options, operands) => {
    let status = 0;
    for (const [from, to] of plan(proc, operands, options)) {
      try {
        move(proc, options, from, to);
        if (options.has('v')) await proc.out(`renamed ${quote(from)} -> ${quote(to)}\n`);
      } catch (e) {
        status = 1;
        if (e instanceof ToolError) await proc.err(`mv: ${e.message}\n`);
        else throw e;
      }
    }
    return status;
  },
);

function move(proc: Process, options: Options, from: string, to: string): void {
  const [source, target] = [proc.path(from), proc.path(to)];
  attempt(`cannot stat ${quote(from)}`, () => proc.fs.lstat(source));
  if (options.has('n') && proc.fs.exists(target)) return;
  attempt(`cannot move ${quote(from)} to ${quote(to)}`, () => proc.fs.rename(source, target));
}

/** install(1), as far as it copies files and makes directories. */
export const install: Program = tool(
  { name: 'install', letters: 'dm:o:g:vDt:T' },
  async (proc, options, operands) => {
    const mode = Number.parseInt(options.value('m') ?? '755', 8);
    if (options.has('d')) {
      for (const dir of operands) {
        proc.fs.mkdir(proc.path(dir), { recursive: true });
        proc.fs.chmod(proc.path(dir), mode);
      }
      return 0;
    }
    for (const [from, to] of plan(proc, operands, options)) {
      attempt(`cannot stat ${quote(from)}`, () => proc.fs.stat(proc.path(from)));
      const dir = proc.path(to).replace(/\/[^/]*$/, '');
      if (options.has('D')) proc.fs.mkdir(dir, { recursive: true });
      copyFile(proc, from, to, mode);
      proc.fs.chmod(proc.path(to), mode);
    }
    return 0;
  },
);
