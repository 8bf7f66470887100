import { invalidArgument } from '../../../parse/index.ts';
import { type InfoRow, printInfo } from './info.ts';
import type { LinkKind } from './kind.ts';
import { type KindOption, numberOption, onOffOption, readOptions, wordOption } from './options.ts';

const USAGE = `Usage: ... bridge_slave [ fdb_flush ]
			[ state STATE ]
			[ priority PRIO ]
			[ cost COST ]
			[ guard {on | off} ]
			[ hairpin {on | off} ]
			[ fastleave {on | off} ]
			[ root_block {on | off} ]
			[ learning {on | off} ]
			[ flood {on | off} ]
			[ proxy_arp {on | off} ]
			[ proxy_arp_wifi {on | off} ]
			[ mcast_router MULTICAST_ROUTER ]
			[ mcast_fast_leave {on | off} ]
			[ mcast_flood {on | off} ]
			[ bcast_flood {on | off} ]
			[ mcast_to_unicast {on | off} ]
			[ group_fwd_mask MASK ]
			[ neigh_suppress {on | off} ]
			[ vlan_tunnel {on | off} ]
			[ isolated {on | off} ]
			[ locked {on | off} ]
			[ backup_port DEVICE ] [ nobackup_port ]
`;

/** The options, in the order in which an abbreviation is looked up. Source: iproute2 ip/iplink_bridge_slave.c, bridge_slave_parse_opt(). */
const OPTIONS: readonly KindOption[] = [
  wordOption('fdb_flush', 'flush', true),
  numberOption('state', 8, 'state', 'state is invalid'),
  numberOption('priority', 16, 'priority', 'priority is invalid'),
  numberOption('cost', 32, 'cost', 'cost is invalid'),
  onOffOption('hairpin', 'mode'),
  onOffOption('guard'),
  onOffOption('root_block', 'protect'),
  onOffOption('fastleave', 'fast_leave'),
  onOffOption('learning'),
  onOffOption('flood', 'unicast_flood'),
  onOffOption('mcast_flood'),
  onOffOption('bcast_flood'),
  onOffOption('mcast_to_unicast', 'mcast_to_ucast'),
  onOffOption('proxy_arp', 'proxyarp'),
  onOffOption('proxy_arp_wifi', 'proxyarp_wifi'),
  numberOption('mcast_router', 8, 'multicast_router'),
  onOffOption('mcast_fast_leave', 'fast_leave'),
  onOffOption('neigh_suppress'),
  numberOption('group_fwd_mask', 16),
  onOffOption('vlan_tunnel'),
  onOffOption('isolated'),
  onOffOption('locked'),
  {
    exact: [],
    abbreviated: ['backup_port'],
    arg: 'DEVICE',
    read: (data, args, ctx) => {
      const name = args.value();
      data.backup_port = ctx.findIndex(name);
      if (data.backup_port === 0) throw invalidArgument('Device does not exist\n', name);
    },
  },
  wordOption('nobackup_port', 'backup_port', 0),
];

/** BR_STATE_* by number. Linux include/uapi/linux/if_bridge.h. */
export const PORT_STATES: readonly string[] = [
  'disabled',
  'listening',
  'learning',
  'forwarding',
  'blocking',
];
const FORWARD_MASK_NAMES: Readonly<Record<number, string>> = { 0: 'stp', 2: 'lacp', 14: 'lldp' };

/** Names of a mask's bits. Source: ip/iplink_bridge_slave.c, _bitmask2str(). */
function formatForwardMask(mask: number): string {
  const bits = Array.from({ length: 16 }, (_, i) => i).filter((i) => (mask >> i) & 1);
  const names = bits.map((i) => FORWARD_MASK_NAMES[i] ?? `0x${(1 << i).toString(16)}`);
  return names.length === 0 ? '0x0' : names.join(',');
}

/** The attributes, as they are shown. Source: ip/iplink_bridge_slave.c, bridge_slave_print_opt(). */
const ROWS: readonly InfoRow[] = [
  {
    attr: 'state',
    as: ({ printer }, v) => {
      const name = PORT_STATES[Number(v)];
      if (name !== undefined) printer.field('state', 'state %s ', name);
      else printer.field('state_index', 'state (%d) ', Number(v));
    },
  },
  { attr: 'priority' },
  { attr: 'cost' },
  { attr: 'mode', key: 'hairpin', words: 'hairpin', as: 'onOff' },
  { attr: 'guard', as: 'onOff' },
  { attr: 'protect', key: 'root_block', words: 'root_block', as: 'onOff' },
  { attr: 'fast_leave', key: 'fastleave', words: 'fastleave', as: 'onOff' },
  { attr: 'learning', as: 'onOff' },
  { attr: 'unicast_flood', key: 'flood', words: 'flood', as: 'onOff' },
  { attr: 'id', words: 'port_id', as: 'hex' },
  { attr: 'no', words: 'port_no', as: 'hex' },
  { attr: 'designated_port' },
  { attr: 'designated_cost' },
  { attr: 'bridge_id', words: 'designated_bridge', as: 'bridgeId' },
  { attr: 'root_id', words: 'designated_root', as: 'bridgeId' },
  { attr: 'hold_timer', as: 'timer' },
  { attr: 'message_age_timer', as: 'timer' },
  { attr: 'forward_delay_timer', as: 'timer' },
  { attr: 'topology_change_ack' },
  { attr: 'config_pending' },
  { attr: 'proxyarp', key: 'proxy_arp', words: 'proxy_arp', as: 'onOff' },
  { attr: 'proxyarp_wifi', key: 'proxy_arp_wifi', words: 'proxy_arp_wifi', as: 'onOff' },
  { attr: 'multicast_router', words: 'mcast_router' },
  {
    attr: 'fast_leave',
    as: ({ printer }, v) => printer.text(`mcast_fast_leave ${v ? 'on' : 'off'} `),
  },
  { attr: 'mcast_flood', as: 'onOff' },
  { attr: 'bcast_flood', as: 'onOff' },
  { attr: 'mcast_to_ucast', key: 'mcast_to_unicast', words: 'mcast_to_unicast', as: 'onOff' },
  { attr: 'neigh_suppress', as: 'onOff' },
  {
    attr: 'group_fwd_mask',
    as: ({ printer }, v) => {
      printer.hex('group_fwd_mask', 'group_fwd_mask %#x ', Number(v));
      const names = formatForwardMask(Number(v));
      printer.field('group_fwd_mask_str', 'group_fwd_mask_str %s ', names);
    },
  },
  { attr: 'vlan_tunnel', as: 'onOff' },
  { attr: 'isolated', as: 'onOff' },
  { attr: 'locked', as: 'onOff' },
  {
    attr: 'backup_port',
    as: (ctx, v) => ctx.printer.field('backup_port', 'backup_port %s ', ctx.nameOf(Number(v))),
  },
];

/** `ip link … type bridge_slave` */
export const BRIDGE_SLAVE: LinkKind = {
  usage: USAGE,
  words: OPTIONS,
  parse: (ctx, args, data) => {
    const texts = { unknown: 'bridge_slave: unknown option', usage: USAGE };
    readOptions(ctx, args, OPTIONS, texts, data);
  },
  print: (ctx, info) => printInfo(ctx, ROWS, info),
};
