import type { DebPackage } from '../machine/index.ts';
import { iptablesProgram } from './program.ts';
import { saveProgram } from './save.ts';

const programs = {
  '/usr/sbin/iptables': iptablesProgram('inet'),
  '/usr/sbin/ip6tables': iptablesProgram('inet6'),
  '/usr/sbin/iptables-save': saveProgram('inet'),
  '/usr/sbin/ip6tables-save': saveProgram('inet6'),
};

/** iptables 1.8.9 as Debian 12 ships it, over nf_tables. */
export const iptables: DebPackage = {
  name: 'iptables',
  version: '1.8.9-2',
  preinstalled: true,
  programs,
};
