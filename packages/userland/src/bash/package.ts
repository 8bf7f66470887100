import { type DebPackage, type Manual, rowsOf, withManual } from '../machine/index.ts';
import { bash, dash } from './bash-program.ts';
import { builtins } from './builtins/index.ts';
import { BashSession } from './session.ts';

/** The commands that are part of the shell; what it takes itself is bash's. */
const shellManual = (): Manual => [{ title: 'Builtins', rows: rowsOf(builtins.keys()) }];
const documentedDash = withManual(dash, shellManual);

/** bash: the GNU Bourne Again Shell. */
export const bashPackage: DebPackage = {
  name: 'bash',
  version: '5.2.15-2+b7',
  description: 'GNU Bourne Again SHell',
  preinstalled: true,
  programs: { '/usr/bin/bash': withManual(bash, shellManual) },
  loginShell: (proc) => new BashSession(proc),
};

/** dash: the POSIX shell that is /bin/sh. */
export const dashPackage: DebPackage = {
  name: 'dash',
  version: '0.5.12-2',
  description: 'POSIX-compliant shell',
  preinstalled: true,
  programs: { '/usr/bin/sh': documentedDash, '/usr/bin/dash': documentedDash },
};
