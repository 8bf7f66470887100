import type { DebPackage, Program } from '../machine/index.ts';
import { ETHERTYPES_FILE } from './ethertypes.ts';
import { ebtables } from './program.ts';
import { ebtablesRestore } from './restore.ts';
import { ebtablesSave } from './save.ts';

/** The programs under their plain names and those of nf_tables. */
function programs(): Record<string, Program> {
  const all: Record<string, Program> = {};
  for (const base of ['/usr/sbin/ebtables', '/usr/sbin/ebtables-nft']) {
    all[base] = ebtables;
    all[`${base}-save`] = ebtablesSave;
    all[`${base}-restore`] = ebtablesRestore;
  }
  return all;
}

/** ebtables over nf_tables, which Debian ships with iptables. */
export const ebtablesPackage: DebPackage = {
  name: 'ebtables',
  version: '2.0.11-5',
  description: 'Ethernet bridge frame table administration',
  preinstalled: true,
  programs: programs(),
  install(fs) {
    fs.writeFile('/etc/ethertypes', ETHERTYPES_FILE);
  },
};
