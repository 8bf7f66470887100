import { withOptions } from '../libc-net/index.ts';
import { type DebPackage, withManual } from '../machine/index.ts';
import { ARP_OPTIONS, arp } from './arp.ts';
import { ifconfig, ifconfigManual } from './ifconfig.ts';
import { NETSTAT_OPTIONS, netstat } from './netstat.ts';
import { ROUTE_OPTIONS, route } from './route.ts';

/** net-tools: ifconfig, route, arp and netstat. */
export const netTools: DebPackage = {
  name: 'net-tools',
  version: '2.10-0.1+deb12u2',
  description: 'NET-3 networking toolkit',
  preinstalled: true,
  programs: {
    '/usr/sbin/arp': withOptions(arp, ARP_OPTIONS),
    '/usr/sbin/ifconfig': withManual(ifconfig, ifconfigManual),
    '/usr/sbin/route': withOptions(route, ROUTE_OPTIONS),
    '/usr/bin/netstat': withOptions(netstat, NETSTAT_OPTIONS),
  },
};
