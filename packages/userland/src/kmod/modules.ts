import type { TunnelKind } from '@labwire/devices/link';

/**
 * Modules of a Debian kernel whose work Labwire does. They are as if built into the kernel: always there, and never listed.
 */
export const MODULES: ReadonlySet<string> = new Set([
  '8021q',
  'act_mirred',
  'act_police',
  'arp_tables',
  'br_netfilter',
  'bridge',
  'cls_fw',
  'cls_u32',
  'dummy',
  'ebtable_broute',
  'ebtable_filter',
  'ebtable_nat',
  'ebtables',
  'garp',
  'ip6_tables',
  'ip6table_filter',
  'ip6table_mangle',
  'ip6table_nat',
  'ip6table_raw',
  'ip_tables',
  'iptable_filter',
  'iptable_mangle',
  'iptable_nat',
  'iptable_raw',
  'iptable_security',
  'ip_gre',
  'ip_tunnel',
  'ipip',
  'kvm',
  'kvm_amd',
  'kvm_intel',
  'llc',
  'macvlan',
  'macvtap',
  'mrp',
  'nf_conntrack',
  'nf_conntrack_ftp',
  'nf_conntrack_netlink',
  'nf_conntrack_tftp',
  'nf_defrag_ipv4',
  'nf_defrag_ipv6',
  'nf_nat',
  'nf_nat_ftp',
  'nf_nat_tftp',
  'nf_tables',
  'nft_compat',
  'sch_fq_codel',
  'sch_htb',
  'sch_netem',
  'sch_tbf',
  'sit',
  'stp',
  'tap',
  'tun',
  'veth',
  'vhost',
  'vhost_net',
  'vxlan',
  'x_tables',
  'xt_MASQUERADE',
  'xt_REDIRECT',
  'xt_conntrack',
  'xt_nat',
  'xt_physdev',
  'xt_tcpudp',
]);

/** Modules that are not as if built in: devices appear as they are loaded. The kind of link that each brings. */
export const LOADABLE: ReadonlyMap<string, TunnelKind> = new Map([
  ['ip_gre', 'gre'],
  ['ipip', 'ipip'],
  ['sit', 'sit'],
] as const);

/** A module's own name: dashes are underscores. */
export function moduleName(word: string): string {
  return word.replaceAll('-', '_');
}
