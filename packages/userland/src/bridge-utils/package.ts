import type { DebPackage } from '../machine/index.ts';
import { brctl } from './brctl.ts';

/** bridge-utils: utilities for configuring the Linux Ethernet bridge. */
export const bridgeUtils: DebPackage = {
  name: 'bridge-utils',
  version: '1.7.1-1',
  description: 'Utilities for configuring the Linux Ethernet bridge',
  preinstalled: true,
  programs: { '/usr/sbin/brctl': brctl },
};
