/** Settings of a namespace under /proc/sys/net/ipv4 that IPv4, ICMP, UDP and ping sockets act on. Linux `struct netns_ipv4`. */
export interface Ipv4Conf {
  readonly ip_default_ttl: number;
  readonly ip_no_pmtu_disc: number;
  readonly ip_forward_use_pmtu: number;
  readonly ip_nonlocal_bind: number;
  readonly ip_local_port_range: readonly [low: number, high: number];
  readonly ip_unprivileged_port_start: number;
  readonly ping_group_range: readonly [low: number, high: number];
  readonly icmp_echo_ignore_all: number;
  readonly icmp_echo_ignore_broadcasts: number;
  readonly icmp_ignore_bogus_error_responses: number;
  readonly icmp_errors_use_inbound_ifaddr: number;
  /** Milliseconds between two errors to one destination. */
  readonly icmp_ratelimit: number;
  /** Types that are limited, one bit each. */
  readonly icmp_ratemask: number;
  readonly icmp_msgs_per_sec: number;
  readonly icmp_msgs_burst: number;
  /** 0: addresses, 1: ports too, 2: inner addresses of tunnels, 3: {@link fib_multipath_hash_fields}. */
  readonly fib_multipath_hash_policy: number;
  readonly fib_multipath_hash_fields: number;
  /** Next hops whose gateway is out of reach are passed over. */
  readonly fib_multipath_use_neigh: number;
  /** Seconds. */
  readonly ipfrag_time: number;
  /** Bytes. */
  readonly ipfrag_high_thresh: number;
  readonly ipfrag_max_dist: number;
  readonly igmp_max_memberships: number;
  /** How often a change is told: the robustness variable. */
  readonly igmp_qrv: number;
  /** Whether groups of 224.0.0.0/24 are told of. */
  readonly igmp_link_local_mcast_reports: number;
  /** Whether sockets that are bound to no device hear layer 3 domains. */
  readonly raw_l3mdev_accept: number;
  readonly tcp_l3mdev_accept: number;
  readonly udp_l3mdev_accept: number;
  /** Bytes. route/min_pmtu */
  readonly min_pmtu: number;
  /** Seconds. route/mtu_expires */
  readonly mtu_expires: number;
}

/** The settings of a fresh namespace. Linux net/ipv4/af_inet.c, inet_init_net(). */
export const IPV4_CONF_DEFAULT: Ipv4Conf = Object.freeze<Ipv4Conf>({
  ip_default_ttl: 64,
  ip_no_pmtu_disc: 0,
  ip_forward_use_pmtu: 0,
  ip_nonlocal_bind: 0,
  ip_local_port_range: [32_768, 60_999],
  ip_unprivileged_port_start: 1024,
  ping_group_range: [1, 0],
  icmp_echo_ignore_all: 0,
  icmp_echo_ignore_broadcasts: 1,
  icmp_ignore_bogus_error_responses: 1,
  icmp_errors_use_inbound_ifaddr: 0,
  icmp_ratelimit: 1000,
  icmp_ratemask: 6168,
  icmp_msgs_per_sec: 1000,
  icmp_msgs_burst: 50,
  fib_multipath_hash_policy: 0,
  fib_multipath_hash_fields: 7,
  fib_multipath_use_neigh: 0,
  ipfrag_time: 30,
  ipfrag_high_thresh: 4_194_304,
  ipfrag_max_dist: 64,
  igmp_max_memberships: 20,
  igmp_qrv: 2,
  igmp_link_local_mcast_reports: 1,
  raw_l3mdev_accept: 1,
  tcp_l3mdev_accept: 0,
  udp_l3mdev_accept: 0,
  min_pmtu: 552,
  mtu_expires: 600,
});
