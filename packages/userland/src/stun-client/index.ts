import type { DebPackage } from '../machine/index.ts';
import { stun } from './stun.ts';

/** stun(1). */
export const stunClient: DebPackage = {
  name: 'stun-client',
  version: '0.97~dfsg-2.1+b1',
  description: 'Test client for STUN',
  preinstalled: false,
  programs: { '/usr/bin/stun': stun },
};
