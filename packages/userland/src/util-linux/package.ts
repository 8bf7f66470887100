import type { DebPackage } from '../machine/index.ts';
import { nsenter, unshare } from './namespaces.ts';
import { dmesg, su } from './su.ts';

/** util-linux: miscellaneous system utilities. */
export const utilLinuxPackage: DebPackage = {
  name: 'util-linux',
  version: '2.38.1-5+deb12u3',
  description: 'miscellaneous system utilities',
  preinstalled: true,
  programs: {
    '/usr/bin/dmesg': dmesg,
    '/usr/bin/nsenter': nsenter,
    '/usr/bin/su': su,
    '/usr/bin/unshare': unshare,
  },
};
