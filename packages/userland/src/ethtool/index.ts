import { type DebPackage, withManual } from '../machine/index.ts';
import { ethtoolManual, ethtool as program } from './ethtool.ts';

/** ethtool(8). */
export const ethtool: DebPackage = {
  name: 'ethtool',
  version: '1:6.1-1',
  description: 'display or change Ethernet device settings',
  preinstalled: true,
  programs: { '/usr/sbin/ethtool': withManual(program, ethtoolManual) },
};
