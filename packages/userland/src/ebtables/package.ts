import type { DebPackage } from '../machine/index.ts';
import { ebtables } from './ebtables.ts';
import { ETHERTYPES_FILE } from './ethertypes.ts';

/** ebtables over nf_tables, which Debian ships with iptables. */
export const ebtablesPackage: DebPackage = {
  name: 'ebtables',
  version: '2.0.11-5',
  description: 'Ethernet bridge frame table administration',
  preinstalled: true,
  programs: { '/usr/sbin/ebtables': ebtables, '/usr/sbin/ebtables-nft': ebtables },
  install(fs) {
    fs.writeFile('/etc/ethertypes', ETHERTYPES_FILE);
  },
};
