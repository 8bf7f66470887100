import { formatMac, type MacAddr } from '@labwire/core/addr';
import { invalidArgument, macOfBytes, parseLinkAddr, parseUnsigned } from '../../../parse/index.ts';
import { etherProtocolName, parseEtherProtocol } from './ether-protocol.ts';
import { formatBridgeId, type Info, type InfoRow, printInfo } from './info.ts';
import type { LinkKind } from './kind.ts';
import { type KindOption, numberOption, readOptions, wordOption } from './options.ts';

const USAGE = `Usage: ... bridge [ fdb_flush ]
		  [ forward_delay FORWARD_DELAY ]
		  [ hello_time HELLO_TIME ]
		  [ max_age MAX_AGE ]
		  [ ageing_time AGEING_TIME ]
		  [ stp_state STP_STATE ]
		  [ priority PRIORITY ]
		  [ group_fwd_mask MASK ]
		  [ group_address ADDRESS ]
		  [ no_linklocal_learn NO_LINKLOCAL_LEARN ]
		  [ vlan_filtering VLAN_FILTERING ]
		  [ vlan_protocol VLAN_PROTOCOL ]
		  [ vlan_default_pvid VLAN_DEFAULT_PVID ]
		  [ vlan_stats_enabled VLAN_STATS_ENABLED ]
		  [ vlan_stats_per_port VLAN_STATS_PER_PORT ]
		  [ mcast_snooping MULTICAST_SNOOPING ]
		  [ mcast_vlan_snooping MULTICAST_VLAN_SNOOPING ]
		  [ mcast_router MULTICAST_ROUTER ]
		  [ mcast_query_use_ifaddr MCAST_QUERY_USE_IFADDR ]
		  [ mcast_querier MULTICAST_QUERIER ]
		  [ mcast_hash_elasticity HASH_ELASTICITY ]
		  [ mcast_hash_max HASH_MAX ]
		  [ mcast_last_member_count LAST_MEMBER_COUNT ]
		  [ mcast_startup_query_count STARTUP_QUERY_COUNT ]
		  [ mcast_last_member_interval LAST_MEMBER_INTERVAL ]
		  [ mcast_membership_interval MEMBERSHIP_INTERVAL ]
		  [ mcast_querier_interval QUERIER_INTERVAL ]
		  [ mcast_query_interval QUERY_INTERVAL ]
		  [ mcast_query_response_interval QUERY_RESPONSE_INTERVAL ]
		  [ mcast_startup_query_interval STARTUP_QUERY_INTERVAL ]
		  [ mcast_stats_enabled MCAST_STATS_ENABLED ]
		  [ mcast_igmp_version IGMP_VERSION ]
		  [ mcast_mld_version MLD_VERSION ]
		  [ nf_call_iptables NF_CALL_IPTABLES ]
		  [ nf_call_ip6tables NF_CALL_IP6TABLES ]
		  [ nf_call_arptables NF_CALL_ARPTABLES ]

Where: VLAN_PROTOCOL := { 802.1Q | 802.1ad }
`;

/** BR_BOOLOPT_*: bits of IFLA_BR_MULTI_BOOLOPT. */
const NO_LL_LEARN = 1;
const MCAST_VLAN_SNOOPING = 2;

/** `struct br_boolopt_multi` */
interface BoolOptions {
  readonly optval: number;
  readonly optmask: number;
}

function boolOption(word: string, bit: number): KindOption {
  return {
    exact: [word],
    arg: 'NUMBER',
    read: (data, args) => {
      const text = args.value();
      const on = parseUnsigned(text, 255);
      if (on === undefined) throw invalidArgument(`invalid ${word}`, text);
      const old = (data.multi_boolopt ?? { optval: 0, optmask: 0 }) as BoolOptions;
      const optval = on !== 0 ? old.optval | bit : old.optval & ~bit;
      data.multi_boolopt = { optval, optmask: old.optmask | bit };
    },
  };
}

/** The options, in the order in which an abbreviation is looked up. Source: iproute2 ip/iplink_bridge.c, bridge_parse_opt(). */
const OPTIONS: readonly KindOption[] = [
  numberOption('forward_delay', 32),
  numberOption('hello_time', 32),
  numberOption('max_age', 32),
  numberOption('ageing_time', 32),
  numberOption('stp_state', 32),
  numberOption('priority', 16),
  numberOption('vlan_filtering', 8),
  {
    exact: [],
    abbreviated: ['vlan_protocol'],
    arg: 'PROTOCOL',
    read: (data, args) => {
      const text = args.value();
      data.vlan_protocol = parseEtherProtocol(text);
      if (data.vlan_protocol === undefined) throw invalidArgument('invalid vlan_protocol', text);
    },
  },
  numberOption('group_fwd_mask', 16),
  {
    exact: [],
    abbreviated: ['group_address'],
    arg: 'MAC',
    read: (data, args) => {
      data.group_addr = macOfBytes(parseLinkAddr(args.value()));
    },
  },
  boolOption('no_linklocal_learn', NO_LL_LEARN),
  wordOption('fdb_flush', 'fdb_flush', true),
  numberOption('vlan_default_pvid', 16),
  numberOption('vlan_stats_enabled', 8),
  numberOption('vlan_stats_per_port', 8),
  numberOption('mcast_router', 8),
  numberOption('mcast_snooping', 8),
  boolOption('mcast_vlan_snooping', MCAST_VLAN_SNOOPING),
  numberOption('mcast_query_use_ifaddr', 8),
  numberOption('mcast_querier', 8),
  numberOption('mcast_hash_elasticity', 32),
  numberOption('mcast_hash_max', 32),
  numberOption('mcast_last_member_count', 32, 'mcast_last_member_cnt'),
  numberOption('mcast_startup_query_count', 32, 'mcast_startup_query_cnt'),
  numberOption('mcast_last_member_interval', 64, 'mcast_last_member_intvl'),
  numberOption('mcast_membership_interval', 64, 'mcast_membership_intvl'),
  numberOption('mcast_querier_interval', 64, 'mcast_querier_intvl'),
  numberOption('mcast_query_interval', 64, 'mcast_query_intvl'),
  numberOption('mcast_query_response_interval', 64, 'mcast_query_response_intvl'),
  numberOption('mcast_startup_query_interval', 64, 'mcast_startup_query_intvl'),
  numberOption('mcast_stats_enabled', 8),
  numberOption('mcast_igmp_version', 8),
  numberOption('mcast_mld_version', 8),
  numberOption('nf_call_iptables', 8),
  numberOption('nf_call_ip6tables', 8),
  numberOption('nf_call_arptables', 8),
];

/** The attributes, as they are shown. Source: ip/iplink_bridge.c, bridge_print_opt(). */
const ROWS: readonly InfoRow[] = [
  { attr: 'forward_delay' },
  { attr: 'hello_time' },
  { attr: 'max_age' },
  { attr: 'ageing_time' },
  { attr: 'stp_state' },
  { attr: 'priority' },
  { attr: 'vlan_filtering' },
  {
    attr: 'vlan_protocol',
    as: (ctx, v) =>
      ctx.printer.field('vlan_protocol', 'vlan_protocol %s ', etherProtocolName(Number(v))),
  },
  { attr: 'bridge_id', as: 'bridgeId' },
  {
    attr: 'root_id',
    // the program shows the bridge's own id in the root's place
    as: (ctx, _, info) =>
      ctx.printer.field(
        'root_id',
        'designated_root %s ',
        formatBridgeId(info.bridge_id as Parameters<typeof formatBridgeId>[0]),
      ),
  },
  { attr: 'root_port' },
  { attr: 'root_path_cost' },
  { attr: 'topology_change' },
  { attr: 'topology_change_detected' },
  { attr: 'hello_timer', as: 'timer' },
  { attr: 'tcn_timer', as: 'timer' },
  { attr: 'topology_change_timer', as: 'timer' },
  { attr: 'gc_timer', as: 'timer' },
  { attr: 'vlan_default_pvid' },
  { attr: 'vlan_stats_enabled' },
  { attr: 'vlan_stats_per_port' },
  { attr: 'group_fwd_mask', as: 'hex' },
  {
    attr: 'group_addr',
    as: (ctx, v) => ctx.printer.field('group_addr', 'group_address %s ', formatMac(v as MacAddr)),
  },
  { attr: 'mcast_snooping' },
  {
    attr: 'multi_boolopt',
    as: (ctx, v) => {
      const { optval, optmask } = v as BoolOptions;
      const show = (name: string, bit: number) => {
        if ((optmask & bit) !== 0) ctx.printer.field(name, `${name} %u `, optval & bit ? 1 : 0);
      };
      show('no_linklocal_learn', NO_LL_LEARN);
      show('mcast_vlan_snooping', MCAST_VLAN_SNOOPING);
    },
  },
  { attr: 'mcast_router' },
  { attr: 'mcast_query_use_ifaddr' },
  { attr: 'mcast_querier' },
  { attr: 'mcast_hash_elasticity' },
  { attr: 'mcast_hash_max' },
  { attr: 'mcast_last_member_cnt', words: 'mcast_last_member_count' },
  { attr: 'mcast_startup_query_cnt', words: 'mcast_startup_query_count' },
  { attr: 'mcast_last_member_intvl', words: 'mcast_last_member_interval' },
  { attr: 'mcast_membership_intvl', words: 'mcast_membership_interval' },
  { attr: 'mcast_querier_intvl', words: 'mcast_querier_interval' },
  { attr: 'mcast_query_intvl', words: 'mcast_query_interval' },
  { attr: 'mcast_query_response_intvl', words: 'mcast_query_response_interval' },
  { attr: 'mcast_startup_query_intvl', words: 'mcast_startup_query_interval' },
  { attr: 'mcast_stats_enabled' },
  { attr: 'mcast_igmp_version' },
  { attr: 'mcast_mld_version' },
  { attr: 'nf_call_iptables' },
  { attr: 'nf_call_ip6tables' },
  { attr: 'nf_call_arptables' },
];

/** `ip link … type bridge` */
export const BRIDGE: LinkKind = {
  usage: USAGE,
  words: OPTIONS,
  parse: (ctx, args, data) =>
    readOptions(ctx, args, OPTIONS, { unknown: 'bridge: unknown command', usage: USAGE }, data),
  print: (ctx, info: Info) => printInfo(ctx, ROWS, info),
};
