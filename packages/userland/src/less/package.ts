import type { DebPackage } from '../machine/index.ts';
import { clear, man, pager, reset, which } from './pager.ts';

/** less: pager program similar to more. */
export const lessPackage: DebPackage = {
  name: 'less',
  version: '590-2.1~deb12u2',
  description: 'pager program similar to more',
  preinstalled: true,
  programs: { '/usr/bin/less': pager, '/usr/bin/more': pager, '/usr/bin/pager': pager },
};

/** man-db, without pages. */
export const manPackage: DebPackage = {
  name: 'man-db',
  version: '2.11.2-2',
  description: 'tools for reading manual pages',
  preinstalled: true,
  programs: { '/usr/bin/man': man },
};

/** ncurses-bin, as far as clearing the screen. */
export const ncursesPackage: DebPackage = {
  name: 'ncurses-bin',
  version: '6.4-4',
  description: 'terminal-related programs and man pages',
  preinstalled: true,
  programs: { '/usr/bin/clear': clear, '/usr/bin/reset': reset },
};

/** debianutils, as far as which. */
export const debianutilsPackage: DebPackage = {
  name: 'debianutils',
  version: '5.7-0.5~deb12u1',
  description: 'Miscellaneous utilities specific to Debian',
  preinstalled: true,
  programs: { '/usr/bin/which': which },
};
