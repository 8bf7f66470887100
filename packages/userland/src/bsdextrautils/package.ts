import type { DebPackage } from '../machine/index.ts';
import { column } from './column.ts';
import { rev } from './rev.ts';

/** bsdextrautils: extra utilities from 4.4BSD-Lite. */
export const bsdextrautilsPackage: DebPackage = {
  name: 'bsdextrautils',
  version: '2.38.1-5+deb12u3',
  description: 'extra utilities from 4.4BSD-Lite',
  preinstalled: true,
  programs: { '/usr/bin/column': column, '/usr/bin/rev': rev },
};
