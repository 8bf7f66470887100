import type { DebPackage } from '../machine/index.ts';
import { awk } from './awk.ts';

/** awk: on Debian it is mawk unless gawk is installed; the language is POSIX's. */
export const gawkPackage: DebPackage = {
  name: 'gawk',
  version: '1:5.2.1-2',
  description: 'GNU awk, a pattern scanning and processing language',
  preinstalled: true,
  programs: { '/usr/bin/awk': awk, '/usr/bin/gawk': awk, '/usr/bin/mawk': awk },
};
