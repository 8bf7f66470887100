import type { DebPackage } from '../machine/index.ts';
import { cat } from './cat.ts';
import { echo, false_, printf, test, true_, yes } from './echo.ts';
import { ls } from './ls.ts';

/** coreutils: the GNU core utilities. */
export const coreutilsPackage: DebPackage = {
  name: 'coreutils',
  version: '9.1-1',
  description: 'GNU core utilities',
  preinstalled: true,
  programs: {
    '/usr/bin/cat': cat,
    '/usr/bin/echo': echo,
    '/usr/bin/false': false_,
    '/usr/bin/ls': ls,
    '/usr/bin/printf': printf,
    '/usr/bin/test': test,
    '/usr/bin/[': test,
    '/usr/bin/true': true_,
    '/usr/bin/yes': yes,
  },
};
