/** Bonds by their files. Linux drivers/net/bonding/bond_sysfs.c, bond_sysfs_slave.c */
import { formatMac, type MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import {
  findLink,
  type LinkInfo,
  linkAdd,
  linkDel,
  linkDump,
  linkSet,
} from '@labwire/devices/rtnetlink';
import { BOND_MODES } from '../../network-config/bond-modes.ts';
import type { Caller, VirtualDir, VirtualFile } from '../fs/index.ts';

/** Attributes that have a word for each value; files show both. Linux drivers/net/bonding/bond_options.c */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  mode: BOND_MODES,
  xmit_hash_policy: ['layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac'],
  primary_reselect: ['always', 'better', 'failure'],
  fail_over_mac: ['none', 'active', 'follow'],
  arp_validate: ['none', 'active', 'backup', 'all'],
  arp_all_targets: ['any', 'all'],
  ad_select: ['stable', 'bandwidth', 'count'],
  lacp_rate: ['slow', 'fast'],
  lacp_active: ['off', 'on'],
};

/** Files whose names are not those of the netlink attributes. */
const NAMES: Readonly<Record<string, string>> = {
  arp_missed_max: 'missed_max',
  lacp_active: 'ad_lacp_active',
  lacp_rate: 'ad_lacp_rate',
  num_grat_arp: 'num_peer_notif',
  num_unsol_na: 'num_peer_notif',
};

/** Attributes that name a port. */
const PORTS: readonly string[] = ['active_slave', 'primary'];
/** Files that say nothing while the mode is not 802.3ad, and of addresses that nobody gave. */
const SILENT: readonly string[] = [
  'ad_actor_key',
  'ad_actor_sys_prio',
  'ad_actor_system',
  'ad_aggregator',
  'ad_num_ports',
  'ad_partner_key',
  'ad_partner_mac',
  'ad_user_port_key',
  'arp_ip_target',
];
const NUMBERS: readonly string[] = [
  'all_slaves_active',
  'arp_interval',
  'arp_missed_max',
  'downdelay',
  'lp_interval',
  'miimon',
  'min_links',
  'num_grat_arp',
  'num_unsol_na',
  'packets_per_slave',
  'peer_notif_delay',
  'resend_igmp',
  'tlb_dynamic_lb',
  'updelay',
  'use_carrier',
];
const FILES = [
  ...Object.keys(WORDS),
  ...PORTS,
  ...SILENT,
  ...NUMBERS,
  'mii_status',
  'queue_id',
  'slaves',
].sort();

type LinkOf = (caller: Caller) => LinkInfo;

const slavesOf = ({ netns }: Caller, { ifindex }: LinkInfo): LinkInfo[] =>
  linkDump(netns).filter((l) => l.masterIfindex === ifindex);

const attrOf = (file: string): string => NAMES[file] ?? file;

/** One line of words; nothing if there are none. */
const line = (words: readonly string[]): string =>
  words.length === 0 ? '' : `${words.join(' ')}\n`;

/** /sys/class/net/DEV/bonding */
export function bondFiles(link: LinkOf): VirtualDir {
  return {
    list: () => FILES,
    lookup: (name) =>
      FILES.includes(name)
        ? {
            read: (caller) => show(name, link(caller), caller),
            write: (text, caller) => {
              if (caller.uid !== 0) throw new KernelError('EPERM');
              plainly(() => change(name, text.trim(), link(caller), caller));
            },
          }
        : undefined,
  };
}

/** What goes wrong is told by its number alone: a file has no words. */
function plainly(run: () => void): void {
  try {
    run();
  } catch (e) {
    throw e instanceof KernelError ? new KernelError(e.errno) : e;
  }
}

function show(name: string, link: LinkInfo, caller: Caller): string {
  if (SILENT.includes(name)) return '';
  const slaves = slavesOf(caller, link);
  if (name === 'slaves') return line(slaves.map((s) => s.name));
  if (name === 'queue_id') return line(slaves.map((s) => `${s.name}:0`));
  // IFF_LOWER_UP
  if (name === 'mii_status') return (link.flags & 0x1_0000) !== 0 ? 'up\n' : 'down\n';
  const value = link.infoData?.[attrOf(name)];
  if (PORTS.includes(name))
    return line(slaves.filter((s) => s.ifindex === value).map((s) => s.name));
  const words = WORDS[name];
  return words === undefined ? `${Number(value)}\n` : `${words[Number(value)]} ${Number(value)}\n`;
}

/** @throws {@link KernelError} EINVAL, EPERM, ENODEV, and what changing the bond does */
function change(name: string, text: string, link: LinkInfo, caller: Caller): void {
  const { netns } = caller;
  if (name === 'slaves') {
    changeSlaves(text, link, caller);
    return;
  }
  if (SILENT.includes(name) || name === 'mii_status' || name === 'queue_id')
    throw new KernelError('EACCES');
  const value = PORTS.includes(name) ? portIndex(text, caller) : numberOf(name, text);
  linkSet(netns, link.ifindex, { infoData: { [attrOf(name)]: value } });
}

function portIndex(name: string, { netns }: Caller): number {
  return name === '' ? 0 : findLink(netns, { name }).ifindex;
}

/** A word of the attribute, or a number. `bond_opt_parse()` */
function numberOf(name: string, text: string): number {
  const words = WORDS[name];
  const value = words?.indexOf(text) ?? -1;
  if (value >= 0) return value;
  if (!/^\d+$/.test(text) || (words !== undefined && Number(text) >= words.length))
    throw new KernelError('EINVAL');
  return Number(text);
}

/** `+eth0` and `-eth0`. `bond_option_slaves_set()` */
function changeSlaves(text: string, link: LinkInfo, { netns }: Caller): void {
  const sign = text[0];
  if (sign !== '+' && sign !== '-') throw new KernelError('EPERM');
  const dev = findLink(netns, { name: text.slice(1) });
  if (sign === '-' && dev.master?.ifindex !== link.ifindex) throw new KernelError('EINVAL');

  linkSet(netns, dev.ifindex, { master: sign === '+' ? link.ifindex : 0 });
}

/** What each file of /sys/class/net/DEV/bonding_slave says, by the netlink attribute. */
const SLAVE_FILES: Readonly<Record<string, (data: Readonly<Record<string, unknown>>) => string>> = {
  ad_actor_oper_port_state: () => 'N/A',
  ad_aggregator_id: () => 'N/A',
  ad_partner_oper_port_state: () => 'N/A',
  link_failure_count: (data) => String(data.link_failure_count),
  mii_status: (data) => ['up', 'going down', 'down', 'going back'][Number(data.mii_status)] ?? '',
  perm_hwaddr: (data) => formatMac(data.perm_hwaddr as MacAddr),
  queue_id: (data) => String(data.queue_id),
  state: (data) => (data.state === 0 ? 'active' : 'backup'),
};

/** /sys/class/net/DEV/bonding_slave */
export function bondSlaveFiles(link: LinkOf): VirtualDir {
  return {
    list: () => Object.keys(SLAVE_FILES),
    lookup: (name) => {
      const shown = SLAVE_FILES[name];
      return shown && { read: (caller) => `${shown(link(caller).slaveData ?? {})}\n` };
    },
  };
}

/** /sys/class/net/bonding_masters, which is there once there is a bond. */
export const BONDING_MASTERS: VirtualFile = {
  read: ({ netns }) => line(bonds(netns).map((l) => l.name)),
  write: (text, { netns, uid }) => {
    if (uid !== 0) throw new KernelError('EPERM');
    const [sign, name] = [text[0], text.trim().slice(1)];
    if ((sign !== '+' && sign !== '-') || name === '') throw new KernelError('EPERM');
    if (sign === '+') plainly(() => linkAdd(netns, { kind: 'bond', name }));
    else {
      const bond = bonds(netns).find((l) => l.name === name);
      if (bond === undefined) throw new KernelError('ENODEV');
      linkDel(netns, bond.ifindex);
    }
  },
};

/** The bonds of a namespace. */
export function bonds(netns: Caller['netns']): LinkInfo[] {
  return linkDump(netns).filter((l) => l.kind === 'bond');
}
