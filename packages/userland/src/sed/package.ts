import type { DebPackage } from '../machine/index.ts';
import { sed } from './sed.ts';

/** sed: the GNU stream editor. */
export const sedPackage: DebPackage = {
  name: 'sed',
  version: '4.9-1',
  description: 'GNU stream editor for filtering/transforming text',
  preinstalled: true,
  programs: { '/usr/bin/sed': sed },
};
