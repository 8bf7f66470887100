import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { FREE_OPTIONS, free } from './free.ts';
import { ps } from './ps.ts';
import { kill, killall, pgrep, pidof, pkill } from './signals.ts';
import { sysctl } from './sysctl.ts';
import { uptime, watch } from './uptime.ts';

/** procps: /proc file system utilities. */
export const procpsPackage: DebPackage = {
  name: 'procps',
  version: '2:4.0.2-3',
  description: '/proc file system utilities',
  preinstalled: true,
  programs: {
    '/usr/bin/free': withOptions(free, FREE_OPTIONS),
    '/usr/bin/kill': kill,
    '/usr/bin/killall': killall,
    '/usr/bin/pgrep': pgrep,
    '/usr/bin/pidof': pidof,
    '/usr/bin/pkill': pkill,
    '/usr/bin/ps': ps,
    '/usr/bin/uptime': uptime,
    '/usr/bin/watch': watch,
    '/usr/sbin/sysctl': sysctl,
  },
};
