import { KernelError } from '@labwire/core/error';
import type { Netns } from '../netns/netns.ts';
import { intFile, type SysctlTable } from '../netns/sysctl/index.ts';

/** What bridge netfilter hands to the IP hooks: /proc/sys/net/bridge. Linux net/bridge/br_netfilter_hooks.c. */
export interface BrnfConf {
  readonly callIptables: number;
  readonly callIp6tables: number;
  readonly callArptables: number;
  readonly filterVlanTagged: number;
  readonly passVlanInputDev: number;
}

/** The settings of a fresh namespace. */
export const BRNF_CONF_DEFAULT: BrnfConf = Object.freeze({
  callIptables: 1,
  callIp6tables: 1,
  callArptables: 1,
  filterVlanTagged: 0,
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

/** What rules would see in PPPoE frames; Labwire looks into none, so it cannot be turned on. */
const PPPOE_FILE = intFile<Netns>(
  'bridge-nf-filter-pppoe-tagged',
  () => 0,
  (_, v) => {
    if (v !== 0) throw new KernelError('EOPNOTSUPP', 'Labwire does not look into PPPoE frames');
  },
);

/** The files of /proc/sys/net/bridge. */
export const BRNF_SYSCTLS: SysctlTable<Netns, Netns> = {
  dir: 'net/bridge',
  of: (netns) => netns,
  files: [
    brnfFile('bridge-nf-call-arptables', 'callArptables'),
    brnfFile('bridge-nf-call-ip6tables', 'callIp6tables'),
    brnfFile('bridge-nf-call-iptables', 'callIptables'),
    PPPOE_FILE,
    brnfFile('bridge-nf-filter-vlan-tagged', 'filterVlanTagged'),
    brnfFile('bridge-nf-pass-vlan-input-dev', 'passVlanInputDev'),
  ],
};
