import type { DebPackage } from '../machine/index.ts';
import { egrep, fgrep, grep } from './grep.ts';

/** grep: GNU grep, egrep and fgrep. */
export const grepPackage: DebPackage = {
  name: 'grep',
  version: '3.8-5',
  description: 'GNU grep, egrep and fgrep',
  preinstalled: true,
  programs: { '/usr/bin/grep': grep, '/usr/bin/egrep': egrep, '/usr/bin/fgrep': fgrep },
};
