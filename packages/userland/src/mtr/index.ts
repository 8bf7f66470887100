import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { mtr } from './mtr.ts';
import { MTR_OPTIONS } from './options.ts';

/** mtr(8). */
export const mtrTiny: DebPackage = {
  name: 'mtr-tiny',
  version: '0.95-1',
  description: 'Full screen ncurses traceroute tool',
  preinstalled: true,
  programs: { '/usr/bin/mtr': withOptions(mtr, MTR_OPTIONS) },
};
