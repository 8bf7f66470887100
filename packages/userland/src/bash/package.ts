import type { DebPackage } from '../machine/index.ts';
import { bash, dash } from './bash-program.ts';
import { BashSession } from './session.ts';

/** bash: the GNU Bourne Again Shell. */
export const bashPackage: DebPackage = {
  name: 'bash',
  version: '5.2.15-2+b7',
  description: 'GNU Bourne Again SHell',
  preinstalled: true,
  programs: { '/usr/bin/bash': bash },
  loginShell: (proc) => new BashSession(proc),
};

/** dash: the POSIX shell that is /bin/sh. */
export const dashPackage: DebPackage = {
  name: 'dash',
  version: '0.5.12-2',
  description: 'POSIX-compliant shell',
  preinstalled: true,
  programs: { '/usr/bin/sh': dash, '/usr/bin/dash': dash },
};
