import type { DebPackage } from '../machine/index.ts';
import { tcpdump as program } from './tcpdump.ts';

/** tcpdump(8). */
export const tcpdump: DebPackage = {
  name: 'tcpdump',
  version: '4.99.3-1',
  description: 'command-line network traffic analyzer',
  preinstalled: true,
  programs: { '/usr/bin/tcpdump': program, '/usr/sbin/tcpdump': program },
};
