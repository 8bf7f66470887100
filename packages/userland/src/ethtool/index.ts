import type { DebPackage } from '../machine/index.ts';
import { ethtool as program } from './ethtool.ts';

/** ethtool(8). */
export const ethtool: DebPackage = {
  name: 'ethtool',
  version: '1:6.1-1',
  description: 'display or change Ethernet device settings',
  preinstalled: true,
  programs: { '/usr/sbin/ethtool': program },
};
