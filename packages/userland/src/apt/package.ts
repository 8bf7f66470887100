import type { DebPackage } from '../machine/index.ts';
import { apt, aptGet } from './apt.ts';
import { dpkg } from './dpkg.ts';

/** apt: commandline package manager. */
export const aptPackage: DebPackage = {
  name: 'apt',
  version: '2.6.1',
  description: 'commandline package manager',
  preinstalled: true,
  programs: { '/usr/bin/apt': apt, '/usr/bin/apt-get': aptGet },
};

/** dpkg: Debian package management system. */
export const dpkgPackage: DebPackage = {
  name: 'dpkg',
  version: '1.21.22',
  description: 'Debian package management system',
  preinstalled: true,
  programs: { '/usr/bin/dpkg': dpkg },
};
