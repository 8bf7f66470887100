import type { DebPackage, Program } from '../machine/index.ts';
import { iptablesProgram, legacyProgram } from './program.ts';
import { restoreProgram } from './restore.ts';
import { saveProgram } from './save.ts';

export { Getopt, type LongOption } from './core/getopt.ts';

/** The programs of one family, under their plain names, those of nf_tables, and those of the tables that are not here. */
function family(name: 'iptables' | 'ip6tables'): Record<string, Program> {
  const of = name === 'iptables' ? 'inet' : 'inet6';
  const programs: Record<string, Program> = {};
  for (const base of [name, `${name}-nft`]) {
    programs[`/usr/sbin/${base}`] = iptablesProgram(of);
    programs[`/usr/sbin/${base}-save`] = saveProgram(of);
    programs[`/usr/sbin/${base}-restore`] = restoreProgram(of);
  }
  for (const end of ['', '-save', '-restore'])
    programs[`/usr/sbin/${name}-legacy${end}`] = legacyProgram;
  return programs;
}

/** iptables 1.8.9 as Debian 12 ships it, over nf_tables. */
export const iptables: DebPackage = {
  name: 'iptables',
  version: '1.8.9-2',
  preinstalled: true,
  programs: { ...family('iptables'), ...family('ip6tables') },
};
