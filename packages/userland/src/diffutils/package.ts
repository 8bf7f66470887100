import type { DebPackage } from '../machine/index.ts';
import { cmp } from './cmp.ts';
import { diff } from './diff.ts';

/** diffutils: file comparison utilities. */
export const diffutilsPackage: DebPackage = {
  name: 'diffutils',
  version: '1:3.8-4',
  description: 'File comparison utilities',
  preinstalled: true,
  programs: { '/usr/bin/cmp': cmp, '/usr/bin/diff': diff },
};
