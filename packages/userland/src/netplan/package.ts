import type { DebPackage } from '../machine/index.ts';
import { netplan } from './command/netplan.ts';

/** netplan. */
export const netplanPackage: DebPackage = {
  name: 'netplan.io',
  version: '0.106-2+deb12u1',
  description: 'Declarative network configuration for various backends at runtime',
  preinstalled: false,
  programs: { '/usr/sbin/netplan': netplan },
  install: (fs) => {
    for (const dir of ['etc', 'lib']) fs.mkdir(`/${dir}/netplan`, { recursive: true });
  },
};
