import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { wget as program } from './wget.ts';
import { WGET_OPTIONS } from './wget-options.ts';

/** wget(1). */
export const wget: DebPackage = {
  name: 'wget',
  version: '1.21.3-1+deb12u1',
  description: 'retrieves files from the web',
  preinstalled: true,
  programs: { '/usr/bin/wget': withOptions(program, WGET_OPTIONS) },
};
