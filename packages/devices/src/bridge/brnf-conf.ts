import type { Netns } from '../netns/netns.ts';
import { intFile, type SysctlTable } from '../netns/sysctl/index.ts';

/** What bridge netfilter hands to the IP hooks: /proc/sys/net/bridge. Linux net/bridge/br_netfilter_hooks.c. */
export interface BrnfConf {
  readonly callIptables: number;
  readonly callIp6tables: number;
  readonly callArptables: number;
  readonly filterVlanTagged: number;
  readonly filterPppoeTagged: number;
  readonly passVlanInputDev: number;
}

/** The settings of a fresh namespace. */
export const BRNF_CONF_DEFAULT: BrnfConf = Object.freeze({
  callIptables: 1,
  callIp6tables: 1,
  callArptables: 1,
  filterVlanTagged: 0,
  filterPppoeTagged: 0,
  passVlanInputDev: 0,
});

/** Any number but 0 reads back as 1. `brnf_sysctl_call_tables()` */
function brnfFile(name: string, field: keyof BrnfConf) {
  return intFile<Netns>(
    name,
    (netns) => netns.brnf[field],
    (netns, v) => {
      netns.brnf = { ...netns.brnf, [field]: v === 0 ? 0 : 1 };
    },
  );
}

/** The files of /proc/sys/net/bridge. */
export const BRNF_SYSCTLS: SysctlTable<Netns, Netns> = {
  dir: 'net/bridge',
  of: (netns) => netns,
  files: [
    brnfFile('bridge-nf-call-arptables', 'callArptables'),
    brnfFile('bridge-nf-call-ip6tables', 'callIp6tables'),
    brnfFile('bridge-nf-call-iptables', 'callIptables'),
    brnfFile('bridge-nf-filter-pppoe-tagged', 'filterPppoeTagged'),
    brnfFile('bridge-nf-filter-vlan-tagged', 'filterVlanTagged'),
    brnfFile('bridge-nf-pass-vlan-input-dev', 'passVlanInputDev'),
  ],
};
