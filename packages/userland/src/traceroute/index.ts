import type { DebPackage } from '../machine/index.ts';
import { traceroute as program } from './traceroute.ts';

/** traceroute(1). */
export const traceroute: DebPackage = {
  name: 'traceroute',
  version: '1:2.1.2-1',
  description: 'Traces the route taken by packets over an IPv4/IPv6 network',
  preinstalled: true,
  programs: {
    '/usr/bin/traceroute': program,
    '/usr/sbin/traceroute': program,
    '/usr/bin/traceroute.db': program,
    '/usr/bin/traceroute6': program,
    '/usr/bin/traceroute6.db': program,
  },
};
