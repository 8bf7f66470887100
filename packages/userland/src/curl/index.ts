import type { DebPackage } from '../machine/index.ts';
import { curl as program } from './curl.ts';

/** curl(1). */
export const curl: DebPackage = {
  name: 'curl',
  version: '7.88.1-10+deb12u15',
  description: 'command line tool for transferring data with URL syntax',
  preinstalled: true,
  programs: { '/usr/bin/curl': program },
};
