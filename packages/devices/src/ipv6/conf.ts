/**
 * The switches of one device under /proc/sys/net/ipv6/conf/DEV, as numbers that the packet path reads; most devices
 * share theirs, so they are replaced and never changed in place. Defaults are those of a fresh namespace. Linux `struct
 * ipv6_devconf`, net/ipv6/addrconf.c, ipv6_devconf_dflt.
 */
export interface Ipv6Conf {
  readonly forwarding: number;
  readonly hop_limit: number;
  /** Of `all` and `default`, for show; a device has its own, `Inet6Dev.mtu`. */
  readonly mtu: number;
  readonly accept_ra: number;
  readonly accept_ra_defrtr: number;
  readonly accept_ra_pinfo: number;
  readonly accept_redirects: number;
  readonly autoconf: number;
  readonly dad_transmits: number;
  readonly accept_dad: number;
  readonly disable_ipv6: number;
  readonly addr_gen_mode: number;
  readonly keep_addr_on_down: number;
  readonly router_solicitations: number;
  /** Seconds. */
  readonly router_solicitation_delay: number;
  /** Seconds. */
  readonly router_solicitation_interval: number;
  /** Seconds. */
  readonly router_solicitation_max_interval: number;
  /** 1 or 2: that version of MLD alone; 0: as queriers are. */
  readonly force_mld_version: number;
  /** Milliseconds. */
  readonly mldv1_unsolicited_report_interval: number;
  /** Milliseconds. */
  readonly mldv2_unsolicited_report_interval: number;
  readonly ra_defrtr_metric: number;
  readonly proxy_ndp: number;
  readonly use_tempaddr: number;
}

/** The switches of a new device. */
export const IPV6_CONF_DEFAULT: Ipv6Conf = Object.freeze({
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
  force_mld_version: 0,
  mldv1_unsolicited_report_interval: 10_000,
  mldv2_unsolicited_report_interval: 1000,
  ra_defrtr_metric: 1024,
  proxy_ndp: 0,
  use_tempaddr: 0,
});

/** `conf/all` of a fresh namespace. */
export const IPV6_ALL_CONF: Ipv6Conf = Object.freeze({ ...IPV6_CONF_DEFAULT, accept_dad: 0 });
