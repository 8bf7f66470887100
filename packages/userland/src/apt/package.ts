import type { DebPackage, FileSystem } from '../machine/index.ts';
import { apt, aptGet } from './apt.ts';
import { dpkg } from './dpkg.ts';

/** Debian 12's sources, as its installer writes them. */
const SOURCES = `deb http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian bookworm-updates main
deb http://deb.debian.org/debian-security bookworm-security main
`;

function install(fs: FileSystem): void {
  for (const dir of ['apt.conf.d', 'preferences.d', 'sources.list.d', 'trusted.gpg.d'])
    fs.mkdir(`/etc/apt/${dir}`, { recursive: true });
  fs.writeFile('/etc/apt/sources.list', SOURCES);
}

/** apt: commandline package manager. */
export const aptPackage: DebPackage = {
  name: 'apt',
  version: '2.6.1',
  description: 'commandline package manager',
  preinstalled: true,
  programs: { '/usr/bin/apt': apt, '/usr/bin/apt-get': aptGet },
  install,
};

/** dpkg: Debian package management system. */
export const dpkgPackage: DebPackage = {
  name: 'dpkg',
  version: '1.21.22',
  description: 'Debian package management system',
  preinstalled: true,
  programs: { '/usr/bin/dpkg': dpkg },
};
