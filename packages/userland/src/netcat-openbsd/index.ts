import { withOptions } from '../libc-net/index.ts';
import type { DebPackage } from '../machine/index.ts';
import { nc } from './nc.ts';
import { NC_OPTIONS } from './nc-options.ts';

const program = withOptions(nc, NC_OPTIONS);

/** nc(1). */
export const netcatOpenbsd: DebPackage = {
  name: 'netcat-openbsd',
  version: '1.219-1',
  description: 'TCP/IP swiss army knife',
  preinstalled: true,
  programs: { '/usr/bin/nc': program, '/usr/bin/netcat': program, '/usr/bin/nc.openbsd': program },
};
