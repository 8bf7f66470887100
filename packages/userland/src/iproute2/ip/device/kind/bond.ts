import { formatMac, type MacAddr } from '@labwire/core/addr';
import type { Context } from '../../../context/index.ts';
import { Failure, invalidArgument } from '../../../parse/index.ts';
import { type InfoRow, printInfo } from './info.ts';
import type { LinkKind } from './kind.ts';
import { type KindOption, numberOption, readOptions, wordOption } from './options.ts';

const USAGE = `Usage: ... bond [ mode BONDMODE ] [ active_slave SLAVE_DEV ]
                [ clear_active_slave ] [ miimon MIIMON ]
                [ updelay UPDELAY ] [ downdelay DOWNDELAY ]
                [ peer_notify_delay DELAY ]
                [ use_carrier USE_CARRIER ]
                [ arp_interval ARP_INTERVAL ]
                [ arp_validate ARP_VALIDATE ]
                [ arp_all_targets ARP_ALL_TARGETS ]
                [ arp_ip_target [ ARP_IP_TARGET, ... ] ]
                [ ns_ip6_target [ NS_IP6_TARGET, ... ] ]
                [ primary SLAVE_DEV ]
                [ primary_reselect PRIMARY_RESELECT ]
                [ fail_over_mac FAIL_OVER_MAC ]
                [ xmit_hash_policy XMIT_HASH_POLICY ]
                [ resend_igmp RESEND_IGMP ]
                [ num_grat_arp|num_unsol_na NUM_GRAT_ARP|NUM_UNSOL_NA ]
                [ all_slaves_active ALL_SLAVES_ACTIVE ]
                [ min_links MIN_LINKS ]
                [ lp_interval LP_INTERVAL ]
                [ packets_per_slave PACKETS_PER_SLAVE ]
                [ tlb_dynamic_lb TLB_DYNAMIC_LB ]
                [ lacp_rate LACP_RATE ]
                [ lacp_active LACP_ACTIVE]
                [ ad_select AD_SELECT ]
                [ ad_user_port_key PORTKEY ]
                [ ad_actor_sys_prio SYSPRIO ]
                [ ad_actor_system LLADDR ]
                [ arp_missed_max MISSED_MAX ]

BONDMODE := balance-rr|active-backup|balance-xor|broadcast|802.3ad|balance-tlb|balance-alb
ARP_VALIDATE := none|active|backup|all|filter|filter_active|filter_backup
ARP_ALL_TARGETS := any|all
PRIMARY_RESELECT := always|better|failure
FAIL_OVER_MAC := none|active|follow
XMIT_HASH_POLICY := layer2|layer2+3|layer3+4|encap2+3|encap3+4|vlan+srcmac
LACP_ACTIVE := off|on
LACP_RATE := slow|fast
AD_SELECT := stable|bandwidth|count
`;

/** Words for numbers, as iproute2 ip/iplink_bond.c has them. */
const WORDS = {
  mode: [
    'balance-rr',
    'active-backup',
    'balance-xor',
    'broadcast',
    '802.3ad',
    'balance-tlb',
    'balance-alb',
  ],
  arp_validate: ['none', 'active', 'backup', 'all', 'filter', 'filter_active', 'filter_backup'],
  arp_all_targets: ['any', 'all'],
  primary_reselect: ['always', 'better', 'failure'],
  fail_over_mac: ['none', 'active', 'follow'],
  xmit_hash_policy: ['layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac'],
  ad_lacp_active: ['off', 'on'],
  ad_lacp_rate: ['slow', 'fast'],
  ad_select: ['stable', 'bandwidth', 'count'],
} as const;

/** An option that takes one of its attribute's words, or the word's number. `get_index()` */
function choice(word: string, attr: keyof typeof WORDS, exact = false): KindOption {
  const words: readonly string[] = WORDS[attr];
  return {
    exact: exact ? [word] : [],
    abbreviated: exact ? [] : [word],
    arg: words.join('|'),
    read: (data, args) => {
      const text = args.value();
      const index = words.findIndex((w, i) => w === text || String(i) === text);
      if (index < 0) throw invalidArgument(`invalid ${word}`, text);
      data[attr] = index;
    },
  };
}

/** An option that names a device. */
function device(word: string): KindOption {
  return {
    exact: [],
    abbreviated: [word],
    arg: 'DEVICE',
    read: (data, args, ctx) => {
      const name = args.value();
      data[word] = ctx.findIndex(name);
      if (data[word] === 0) throw new Failure(255, `Cannot find device "${name}"\n`);
    },
  };
}

/** Addresses, which the kernel of Labwire refuses. */
function targets(word: string): KindOption {
  return {
    exact: [],
    abbreviated: [word],
    arg: 'ADDRESS',
    read: (data, args) => {
      data[word] = args.following === undefined ? '' : args.value();
    },
  };
}

const NUM_PEER_NOTIF = 'invalid num_grat_arp|num_unsol_na';

/** The options, in the order in which an abbreviation is looked up. Source: ip/iplink_bond.c, bond_parse_opt(). */
const OPTIONS: readonly KindOption[] = [
  choice('mode', 'mode'),
  device('active_slave'),
  wordOption('clear_active_slave', 'active_slave', 0),
  numberOption('miimon', 32),
  numberOption('updelay', 32),
  numberOption('downdelay', 32),
  numberOption('peer_notify_delay', 32, 'peer_notif_delay'),
  numberOption('use_carrier', 8),
  numberOption('arp_interval', 32),
  targets('arp_ip_target'),
  targets('ns_ip6_target'),
  choice('arp_validate', 'arp_validate'),
  choice('arp_all_targets', 'arp_all_targets'),
  numberOption('arp_missed_max', 8, 'missed_max'),
  device('primary'),
  choice('primary_reselect', 'primary_reselect'),
  choice('fail_over_mac', 'fail_over_mac'),
  choice('xmit_hash_policy', 'xmit_hash_policy'),
  numberOption('resend_igmp', 32),
  numberOption('num_grat_arp', 8, 'num_peer_notif', NUM_PEER_NOTIF),
  numberOption('num_unsol_na', 8, 'num_peer_notif', NUM_PEER_NOTIF),
  numberOption('all_slaves_active', 8),
  numberOption('min_links', 32),
  numberOption('lp_interval', 32),
  numberOption('packets_per_slave', 32),
  choice('lacp_rate', 'ad_lacp_rate'),
  choice('lacp_active', 'ad_lacp_active', true),
  choice('ad_select', 'ad_select'),
  numberOption('ad_user_port_key', 16),
  numberOption('ad_actor_sys_prio', 16),
  targets('ad_actor_system'),
  numberOption('tlb_dynamic_lb', 8),
];

/** A row that shows an attribute's word. `get_name()` */
function words(attr: keyof typeof WORDS, name: string = attr): InfoRow {
  return {
    attr,
    as: ({ printer }, v) => printer.field(attr, `${name} %s `, WORDS[attr][Number(v)] ?? 'UNKNOWN'),
  };
}

/** A row that names a device. */
function deviceRow(attr: string): InfoRow {
  return {
    attr,
    as: (ctx: Context, v) => ctx.printer.field(attr, `${attr} %s `, ctx.nameOf(Number(v))),
  };
}

/** The attributes, as they are shown. Source: ip/iplink_bond.c, bond_print_opt(). */
const ROWS: readonly InfoRow[] = [
  words('mode'),
  deviceRow('active_slave'),
  { attr: 'miimon' },
  { attr: 'updelay' },
  { attr: 'downdelay' },
  { attr: 'peer_notif_delay', key: 'peer_notify_delay', words: 'peer_notify_delay' },
  { attr: 'use_carrier' },
  { attr: 'arp_interval' },
  { attr: 'missed_max', key: 'arp_missed_max', words: 'arp_missed_max' },
  {
    attr: 'arp_validate',
    as: ({ printer }, v) => {
      if (printer.isJson && Number(v) === 0) printer.jsonRaw('arp_validate', 'null');
      else
        printer.field(
          'arp_validate',
          'arp_validate %s ',
          WORDS.arp_validate[Number(v)] ?? 'UNKNOWN',
        );
    },
  },
  words('arp_all_targets'),
  deviceRow('primary'),
  words('primary_reselect'),
  words('fail_over_mac'),
  words('xmit_hash_policy'),
  { attr: 'resend_igmp' },
  { attr: 'num_peer_notif', words: 'num_grat_arp' },
  { attr: 'all_slaves_active' },
  { attr: 'min_links' },
  { attr: 'lp_interval' },
  { attr: 'packets_per_slave' },
  words('ad_lacp_active', 'lacp_active'),
  words('ad_lacp_rate', 'lacp_rate'),
  words('ad_select'),
  { attr: 'tlb_dynamic_lb' },
];

/** `ip link … type bond` */
export const BOND: LinkKind = {
  usage: USAGE,
  words: OPTIONS,
  parse: (ctx, args, data) =>
    readOptions(ctx, args, OPTIONS, { unknown: 'bond: unknown command', usage: USAGE }, data),
  print: (ctx, info) => printInfo(ctx, ROWS, info),
};

const SLAVE_USAGE = 'Usage: ... bond_slave [ queue_id ID ] [ prio PRIORITY ]\n';

const SLAVE_OPTIONS: readonly KindOption[] = [
  numberOption('queue_id', 16, 'queue_id', 'queue_id is invalid'),
  numberOption('prio', 32, 'prio', 'prio is invalid'),
];

function slaveWord(attr: string, names: readonly string[]): InfoRow {
  return {
    attr,
    as: ({ printer }, v) => printer.field(attr, `${attr} %s `, names[Number(v)] ?? ''),
  };
}

/** Source: ip/iplink_bond_slave.c, bond_slave_print_opt() */
const SLAVE_ROWS: readonly InfoRow[] = [
  slaveWord('state', ['ACTIVE', 'BACKUP']),
  slaveWord('mii_status', ['UP', 'GOING_DOWN', 'DOWN', 'GOING_BACK']),
  { attr: 'link_failure_count' },
  {
    attr: 'perm_hwaddr',
    as: ({ printer }, v) =>
      printer.field('perm_hwaddr', 'perm_hwaddr %s ', formatMac(v as MacAddr)),
  },
  { attr: 'queue_id' },
  { attr: 'prio' },
];

/** `ip link … type bond_slave` */
export const BOND_SLAVE: LinkKind = {
  usage: SLAVE_USAGE,
  words: SLAVE_OPTIONS,
  parse: (ctx, args, data) => {
    const texts = { unknown: 'bond_slave: unknown option', usage: SLAVE_USAGE };
    readOptions(ctx, args, SLAVE_OPTIONS, texts, data);
  },
  print: (ctx, info) => printInfo(ctx, SLAVE_ROWS, info),
};
