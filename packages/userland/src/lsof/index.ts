import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { lsof } from './lsof.ts';
import { LSOF_OPTIONS } from './options.ts';

/** lsof: lsof(8). */
export const lsofPackage: DebPackage = {
  name: 'lsof',
  version: '4.95.0-1',
  description: 'utility to list open files',
  preinstalled: true,
  programs: { '/usr/bin/lsof': withOptions(lsof, LSOF_OPTIONS) },
};
