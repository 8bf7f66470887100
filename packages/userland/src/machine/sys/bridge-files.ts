import { formatMac, type MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { type LinkInfo, linkSet } from '@labwire/devices/rtnetlink';
import type { Caller, VirtualDir } from '../fs/index.ts';

/** Files of a bridge whose names in sysfs are not those of the netlink attributes. Linux net/bridge/br_sysfs_br.c */
const BRIDGE_NAMES: Readonly<Record<string, string>> = {
  hash_elasticity: 'mcast_hash_elasticity',
  default_pvid: 'vlan_default_pvid',
  hash_max: 'mcast_hash_max',
  no_linklocal_learn: 'multi_boolopt',
  multicast_igmp_version: 'mcast_igmp_version',
  multicast_last_member_count: 'mcast_last_member_cnt',
  multicast_last_member_interval: 'mcast_last_member_intvl',
  multicast_membership_interval: 'mcast_membership_intvl',
  multicast_mld_version: 'mcast_mld_version',
  multicast_querier: 'mcast_querier',
  multicast_querier_interval: 'mcast_querier_intvl',
  multicast_query_interval: 'mcast_query_intvl',
  multicast_query_response_interval: 'mcast_query_response_intvl',
  multicast_query_use_ifaddr: 'mcast_query_use_ifaddr',
  multicast_router: 'mcast_router',
  multicast_snooping: 'mcast_snooping',
  multicast_startup_query_count: 'mcast_startup_query_cnt',
  multicast_startup_query_interval: 'mcast_startup_query_intvl',
  multicast_stats_enabled: 'mcast_stats_enabled',
};
const BRIDGE_SAME = [
  'ageing_time',
  'bridge_id',
  'forward_delay',
  'gc_timer',
  'group_addr',
  'group_fwd_mask',
  'hello_time',
  'hello_timer',
  'max_age',
  'nf_call_arptables',
  'nf_call_ip6tables',
  'nf_call_iptables',
  'priority',
  'root_id',
  'root_path_cost',
  'root_port',
  'stp_state',
  'tcn_timer',
  'topology_change',
  'topology_change_detected',
  'topology_change_timer',
  'vlan_filtering',
  'vlan_protocol',
  'vlan_stats_enabled',
  'vlan_stats_per_port',
];

/** Files of a port. Linux net/bridge/br_sysfs_if.c */
const PORT_NAMES: Readonly<Record<string, string>> = {
  bpdu_guard: 'guard',
  broadcast_flood: 'bcast_flood',
  change_ack: 'topology_change_ack',
  designated_bridge: 'bridge_id',
  designated_root: 'root_id',
  hairpin_mode: 'mode',
  multicast_fast_leave: 'fast_leave',
  multicast_flood: 'mcast_flood',
  multicast_router: 'multicast_router',
  multicast_to_unicast: 'mcast_to_ucast',
  path_cost: 'cost',
  port_id: 'id',
  port_no: 'no',
  root_block: 'protect',
};
const PORT_SAME = [
  'config_pending',
  'designated_cost',
  'designated_port',
  'forward_delay_timer',
  'group_fwd_mask',
  'hold_timer',
  'isolated',
  'learning',
  'message_age_timer',
  'neigh_suppress',
  'backup_port',
  'priority',
  'proxyarp',
  'proxyarp_wifi',
  'state',
  'unicast_flood',
];
/** A bit of `multi_boolopt`. BR_BOOLOPT_NO_LL_LEARN */
const NO_LL_LEARN = 1;
/** Files that are shown in hexadecimal. */
const HEX = ['vlan_protocol', 'port_id', 'port_no', 'group_fwd_mask'];

function table(
  same: readonly string[],
  names: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  return new Map([...same.map((n) => [n, n] as const), ...Object.entries(names)]);
}

const BRIDGE_FILES = table(BRIDGE_SAME, BRIDGE_NAMES);
const PORT_FILES = table(PORT_SAME, PORT_NAMES);

/** /sys/class/net/DEV/bridge */
export function bridgeFiles(link: (caller: Caller) => LinkInfo): VirtualDir {
  return attributeDir(BRIDGE_FILES, link, 'infoData');
}

/** /sys/class/net/DEV/brport */
export function portFiles(link: (caller: Caller) => LinkInfo): VirtualDir {
  return attributeDir(PORT_FILES, link, 'slaveData');
}

function attributeDir(
  files: ReadonlyMap<string, string>,
  link: (caller: Caller) => LinkInfo,
  data: 'infoData' | 'slaveData',
): VirtualDir {
  return {
    list: () => [...files.keys()],
    lookup: (name) => {
      const attr = files.get(name);
      if (attr === undefined) return undefined;
      return {
        read: (caller) => `${shown(name, link(caller)[data]?.[attr], caller)}\n`,
        write: (text, caller) => {
          if (caller.uid !== 0) throw new KernelError('EPERM');
          const value = written(name, text, caller);
          linkSet(caller.netns, link(caller).ifindex, { [data]: { [attr]: value } });
        },
      };
    },
  };
}

/** What is written to a file, as the attribute's value. @throws {@link KernelError} EINVAL, ENOENT */
function written(name: string, text: string, { netns }: Caller): unknown {
  const word = text.trim();
  if (name === 'backup_port') {
    const dev = netns.devices.byName(word);
    if (word !== '' && dev === undefined) throw new KernelError('ENOENT');
    return dev?.ifindex ?? 0;
  }
  const value = Number(word);
  if (word === '' || Number.isNaN(value)) throw new KernelError('EINVAL');
  if (name !== 'no_linklocal_learn') return value;
  return { optval: value === 0 ? 0 : NO_LL_LEARN, optmask: NO_LL_LEARN };
}

function shown(name: string, value: unknown, caller: Caller): string {
  if (name === 'backup_port')
    return value === undefined ? '' : (caller.netns.devices.byIndex(Number(value))?.name ?? '');
  if (name === 'no_linklocal_learn')
    return String((value as { readonly optval: number }).optval & NO_LL_LEARN);
  if (typeof value === 'object' && value !== null && 'prio' in value) {
    const id = value as { readonly prio: number; readonly addr: MacAddr };
    return `${id.prio.toString(16).padStart(4, '0')}.${formatMac(id.addr).replaceAll(':', '')}`;
  }
  if (name === 'group_addr') return formatMac(value as MacAddr);
  if (HEX.includes(name)) return `0x${Number(value).toString(16)}`;
  return String(Number(value ?? 0));
}
