import { type DebPackage, withManual } from '../machine/index.ts';
import { conntrackManual } from './command-line/index.ts';
import { conntrackProgram } from './program.ts';

/** conntrack-tools 1.4.7 as Debian 12 ships them: conntrack(8). */
export const conntrack: DebPackage = {
  name: 'conntrack',
  version: '1:1.4.7-1+b2',
  description: 'Program to modify the conntrack tables',
  preinstalled: true,
  programs: { '/usr/sbin/conntrack': withManual(conntrackProgram, conntrackManual) },
};
