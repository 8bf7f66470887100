import { type DebPackage, type Program, withManual } from '../machine/index.ts';
import { arptablesManual } from './command.ts';
import { arptables } from './program.ts';
import { arptablesRestore } from './restore.ts';
import { arptablesSave } from './save.ts';

/** The programs under their plain names and those of nf_tables. */
function programs(): Record<string, Program> {
  const rules = withManual(arptables, arptablesManual);
  const all: Record<string, Program> = {};
  for (const base of ['/usr/sbin/arptables', '/usr/sbin/arptables-nft']) {
    all[base] = rules;
    all[`${base}-save`] = arptablesSave;
    all[`${base}-restore`] = arptablesRestore;
  }
  return all;
}

/** arptables over nf_tables, which Debian ships with iptables. */
export const arptablesPackage: DebPackage = {
  name: 'arptables',
  version: '0.0.5-3.1',
  description: 'ARP table administration',
  preinstalled: true,
  programs: programs(),
};
