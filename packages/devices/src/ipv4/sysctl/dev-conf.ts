/**
 * The switches of one device: /proc/sys/net/ipv4/conf/DEV. Linux `struct ipv4_devconf`.
 * Frozen; a write replaces the whole.
 */
export interface Ipv4DevConf {
  readonly forwarding: number;
  readonly mc_forwarding: number;
  readonly bc_forwarding: number;
  readonly accept_redirects: number;
  readonly secure_redirects: number;
  readonly shared_media: number;
  readonly rp_filter: number;
  readonly send_redirects: number;
  readonly accept_source_route: number;
  readonly accept_local: number;
  readonly src_valid_mark: number;
  readonly proxy_arp: number;
  readonly proxy_arp_pvlan: number;
  readonly log_martians: number;
  readonly arp_filter: number;
  readonly arp_announce: number;
  readonly arp_ignore: number;
  readonly arp_accept: number;
  readonly arp_notify: number;
  readonly arp_evict_nocarrier: number;
  readonly promote_secondaries: number;
  readonly route_localnet: number;
  readonly drop_gratuitous_arp: number;
  readonly drop_unicast_in_l2_multicast: number;
  readonly ignore_routes_with_linkdown: number;
  /** 1 or 2: that version of IGMP alone; 0 or 3: as queriers are. */
  readonly force_igmp_version: number;
  /** Milliseconds. */
  readonly igmpv2_unsolicited_report_interval: number;
  readonly igmpv3_unsolicited_report_interval: number;
}

/** The switches of a device in a fresh namespace. Linux net/ipv4/devinet.c, ipv4_devconf_dflt. */
export const IPV4_DEV_CONF_DEFAULT: Ipv4DevConf = Object.freeze({
  forwarding: 0,
  mc_forwarding: 0,
  bc_forwarding: 0,
  accept_redirects: 1,
  secure_redirects: 1,
  shared_media: 1,
  rp_filter: 0,
  send_redirects: 1,
  accept_source_route: 1,
  accept_local: 0,
  src_valid_mark: 0,
  proxy_arp: 0,
  proxy_arp_pvlan: 0,
  log_martians: 0,
  arp_filter: 0,
  arp_announce: 0,
  arp_ignore: 0,
  arp_accept: 0,
  arp_notify: 0,
  arp_evict_nocarrier: 1,
  promote_secondaries: 0,
  route_localnet: 0,
  drop_gratuitous_arp: 0,
  drop_unicast_in_l2_multicast: 0,
  ignore_routes_with_linkdown: 0,
  force_igmp_version: 0,
  igmpv2_unsolicited_report_interval: 10_000,
  igmpv3_unsolicited_report_interval: 1000,
});

/** `conf/all`, as a namespace starts. `ipv4_devconf` */
export const IPV4_ALL_CONF: Ipv4DevConf = Object.freeze({
  ...IPV4_DEV_CONF_DEFAULT,
  accept_source_route: 0,
});
