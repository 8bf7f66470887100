import type { DebPackage } from '../machine/index.ts';
import { sudo } from './sudo.ts';

/** sudo: limited super user privileges for specific users. */
export const sudoPackage: DebPackage = {
  name: 'sudo',
  version: '1.9.13p3-1+deb12u2',
  description: 'Provide limited super user privileges to specific users',
  preinstalled: true,
  programs: { '/usr/bin/sudo': sudo },
};
