import type { DebPackage } from '../machine/index.ts';
import { layOutTree } from './tree.ts';

/** base-files: the tree that everything else is laid into. */
export const baseFilesPackage: DebPackage = {
  name: 'base-files',
  version: '12.4+deb12u11',
  description: 'Debian base system miscellaneous files',
  preinstalled: true,
  programs: {},
  install: layOutTree,
};
