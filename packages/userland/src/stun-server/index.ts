import type { DebPackage } from '../machine/index.ts';
import { stund } from './stund.ts';

/** stund(8). */
export const stunServer: DebPackage = {
  name: 'stun-server',
  version: '0.97~dfsg-2.1+b1',
  description: 'Server daemon for STUN',
  preinstalled: false,
  programs: { '/usr/sbin/stund': stund },
};
