import type { DebPackage } from '../machine/index.ts';
import { arp } from './arp.ts';
import { ifconfig } from './ifconfig.ts';
import { netstat } from './netstat.ts';
import { route } from './route.ts';

/** net-tools: ifconfig, route, arp and netstat. */
export const netTools: DebPackage = {
  name: 'net-tools',
  version: '2.10-0.1+deb12u2',
  description: 'NET-3 networking toolkit',
  preinstalled: true,
  programs: {
    '/usr/sbin/arp': arp,
    '/usr/sbin/ifconfig': ifconfig,
    '/usr/sbin/route': route,
    '/usr/bin/netstat': netstat,
  },
};
