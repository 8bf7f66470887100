import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { FUSER_OPTIONS, fuser } from './fuser.ts';

/** psmisc: fuser(1). */
export const psmisc: DebPackage = {
  name: 'psmisc',
  version: '23.6-1',
  description: 'utilities that use the proc file system',
  preinstalled: true,
  programs: { '/usr/bin/fuser': withOptions(fuser, FUSER_OPTIONS) },
};
