import { KernelError } from '@labwire/core/error';
import type { Builtin, Shell } from '../shell.ts';

/** Goes to a directory and sets PWD and OLDPWD. @throws KernelError */
function changeTo(sh: Shell, path: string, physical: boolean): void {
  const { proc } = sh;
  const full = proc.path(path);
  const target = physical ? proc.fs.realpath(full) : logical(full);
  if (proc.fs.stat(target).type !== 'dir') throw new KernelError('ENOTDIR');
  if (!proc.fs.access(target, 1)) throw new KernelError('EACCES');
  sh.vars.set('OLDPWD', proc.cwd);
  sh.vars.declare('OLDPWD').exported = true;
  proc.cwd = target;
  sh.vars.set('PWD', target);
  sh.vars.declare('PWD').exported = true;
}

/** Takes `.` and `..` out of a path as the shell does: without looking at links. */
function logical(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') out.pop();
    else if (part !== '' && part !== '.') out.push(part);
  }
  return `/${out.join('/')}`;
}

const cd: Builtin = async (sh, args) => {
  const options = args.filter((a) => /^-[LPe@]+$/.test(a));
  const [target, extra] = args.filter((a) => !options.includes(a) && a !== '--');
  if (extra !== undefined) {
    await sh.complain('cd: too many arguments');
    return 1;
  }
  const variable = target === undefined ? 'HOME' : target === '-' ? 'OLDPWD' : undefined;
  const path = variable === undefined ? (target as string) : sh.vars.get(variable);
  if (path === undefined) {
    await sh.complain(`cd: ${variable} not set`);
    return 1;
  }
  if (path === '') return 0;
  try {
    changeTo(
      sh,
      path,
      options.some((o) => o.includes('P')),
    );
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await sh.complain(
      sh.dialect === 'dash' ? `cd: can't cd to ${path}` : `cd: ${path}: ${e.message}`,
    );
    return sh.dialect === 'dash' ? 2 : 1;
  }
  if (target === '-') await sh.proc.out(`${sh.proc.cwd}\n`);
  return 0;
};

const pwd: Builtin = async (sh, args) => {
  const physical = args.some((a) => a.startsWith('-') && a.includes('P'));
  await sh.proc.out(`${physical ? sh.proc.fs.realpath(sh.proc.cwd) : sh.proc.cwd}\n`);
  return 0;
};

function shownStack(sh: Shell): string {
  const home = sh.vars.get('HOME') ?? '';
  const short = (dir: string) =>
    home !== '' && (dir === home || dir.startsWith(`${home}/`))
      ? `~${dir.slice(home.length)}`
      : dir;
  return [sh.proc.cwd, ...sh.dirs].map(short).join(' ');
}

const dirs: Builtin = async (sh, args) => {
  if (args.includes('-c')) sh.dirs = [];
  else await sh.proc.out(`${shownStack(sh)}\n`);
  return 0;
};

const pushd: Builtin = async (sh, args) => {
  const from = sh.proc.cwd;
  const target = args[0] ?? sh.dirs[0];
  if (target === undefined) {
    await sh.complain('pushd: no other directory');
    return 1;
  }
  try {
    changeTo(sh, target, false);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await sh.complain(`pushd: ${target}: ${e.message}`);
    return 1;
  }
  sh.dirs = [from, ...(args[0] === undefined ? sh.dirs.slice(1) : sh.dirs)];
  return dirs(sh, []);
};

const popd: Builtin = async (sh) => {
  const target = sh.dirs.shift();
  if (target === undefined) {
    await sh.complain('popd: directory stack empty');
    return 1;
  }
  changeTo(sh, target, false);
  return dirs(sh, []);
};

/** Builtins for the working directory. */
export const directoryBuiltins: Readonly<Record<string, Builtin>> = { cd, pwd, dirs, pushd, popd };
