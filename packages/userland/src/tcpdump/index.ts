import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { TCPDUMP_OPTIONS } from './options.ts';
import { tcpdump as program } from './tcpdump.ts';

const documented = withOptions(program, TCPDUMP_OPTIONS);

/** tcpdump(8). */
export const tcpdump: DebPackage = {
  name: 'tcpdump',
  version: '4.99.3-1',
  description: 'command-line network traffic analyzer',
  preinstalled: true,
  programs: { '/usr/bin/tcpdump': documented, '/usr/sbin/tcpdump': documented },
};
