import { type DebPackage, withManual } from '../machine/index.ts';
import { ipsetManual } from './command.ts';
import { ipset } from './program.ts';

/** ipset 7.17 as Debian 12 ships it. */
export const ipsetPackage: DebPackage = {
  name: 'ipset',
  version: '7.17-1',
  description: 'administration tool for kernel IP sets',
  preinstalled: true,
  programs: { '/usr/sbin/ipset': withManual(ipset, ipsetManual) },
};
