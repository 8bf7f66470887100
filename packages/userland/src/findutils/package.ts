import type { DebPackage } from '../machine/index.ts';
import { find } from './find.ts';
import { xargs } from './xargs.ts';

/** findutils: utilities for finding files. */
export const findutilsPackage: DebPackage = {
  name: 'findutils',
  version: '4.9.0-4',
  description: 'utilities for finding files--find, xargs',
  preinstalled: true,
  programs: { '/usr/bin/find': find, '/usr/bin/xargs': xargs },
};
