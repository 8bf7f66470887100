import type { DebPackage } from '../machine/index.ts';
import { nc } from './nc.ts';

/** nc(1). */
export const netcatOpenbsd: DebPackage = {
  name: 'netcat-openbsd',
  version: '1.219-1',
  description: 'TCP/IP swiss army knife',
  preinstalled: true,
  programs: { '/usr/bin/nc': nc, '/usr/bin/netcat': nc, '/usr/bin/nc.openbsd': nc },
};
