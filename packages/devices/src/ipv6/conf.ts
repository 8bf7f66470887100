/**
 * The switches of one device under /proc/sys/net/ipv6/conf/DEV, as numbers that the packet path reads.
 * Defaults are those of a fresh namespace. Linux `struct ipv6_devconf`, net/ipv6/addrconf.c, ipv6_devconf_dflt.
 */
export interface Ipv6Conf {
  forwarding: number;
  hop_limit: number;
  mtu: number;
  accept_ra: number;
  accept_ra_defrtr: number;
  accept_ra_pinfo: number;
  accept_redirects: number;
  autoconf: number;
  dad_transmits: number;
  accept_dad: number;
  disable_ipv6: number;
  addr_gen_mode: number;
  keep_addr_on_down: number;
  router_solicitations: number;
  /** Seconds. */
  router_solicitation_delay: number;
  /** Seconds. */
  router_solicitation_interval: number;
  /** Seconds. */
  router_solicitation_max_interval: number;
  /** Milliseconds. */
  mldv2_unsolicited_report_interval: number;
  ra_defrtr_metric: number;
  proxy_ndp: number;
  use_tempaddr: number;
}

/** The switches of a new device. */
export const IPV6_CONF_DEFAULT: Readonly<Ipv6Conf> = Object.freeze({
  forwarding: 0,
  hop_limit: 64,
  mtu: 1280,
  accept_ra: 1,
  accept_ra_defrtr: 1,
  accept_ra_pinfo: 1,
  accept_redirects: 1,
  autoconf: 1,
  dad_transmits: 1,
  accept_dad: 1,
  disable_ipv6: 0,
  addr_gen_mode: 0,
  keep_addr_on_down: 0,
  router_solicitations: -1,
  router_solicitation_delay: 1,
  router_solicitation_interval: 4,
  router_solicitation_max_interval: 3600,
  mldv2_unsolicited_report_interval: 1000,
  ra_defrtr_metric: 1024,
  proxy_ndp: 0,
  use_tempaddr: 0,
});
