/** Seconds of each state: /proc/sys/net/netfilter/nf_conntrack_*_timeout*. Linux net/netfilter/nf_conntrack_proto_*.c. */
export interface ConntrackConf {
  max: number;
  acct: number;
  /** Helpers by port alone; 5.x only. */
  helper: number;
  timestamp: number;
  events: number;
  checksum: number;
  expect_max: number;
  buckets: number;
  frag6_high_thresh: number;
  frag6_low_thresh: number;
  frag6_timeout: number;
  generic_timeout: number;
  gre_timeout: number;
  gre_timeout_stream: number;
  icmp_timeout: number;
  icmpv6_timeout: number;
  sctp_timeout_closed: number;
  sctp_timeout_cookie_echoed: number;
  sctp_timeout_cookie_wait: number;
  sctp_timeout_established: number;
  sctp_timeout_heartbeat_sent: number;
  sctp_timeout_shutdown_ack_sent: number;
  sctp_timeout_shutdown_recd: number;
  sctp_timeout_shutdown_sent: number;
  udp_timeout: number;
  udp_timeout_stream: number;
  tcp_timeout_syn_sent: number;
  tcp_timeout_syn_recv: number;
  tcp_timeout_established: number;
  tcp_timeout_fin_wait: number;
  tcp_timeout_close_wait: number;
  tcp_timeout_last_ack: number;
  tcp_timeout_time_wait: number;
  tcp_timeout_close: number;
  tcp_timeout_max_retrans: number;
  tcp_timeout_unacknowledged: number;
  tcp_be_liberal: number;
  tcp_loose: number;
  tcp_max_retrans: number;
  tcp_ignore_invalid_rst: number;
}

/** What a fresh namespace has. */
export const CONNTRACK_CONF_DEFAULT: Readonly<ConntrackConf> = Object.freeze({
  max: 262_144,
  acct: 0,
  helper: 0,
  timestamp: 0,
  events: 2,
  checksum: 1,
  expect_max: 4096,
  buckets: 262_144,
  frag6_high_thresh: 4_194_304,
  frag6_low_thresh: 3_145_728,
  frag6_timeout: 60,
  generic_timeout: 600,
  gre_timeout: 30,
  gre_timeout_stream: 180,
  icmp_timeout: 30,
  icmpv6_timeout: 30,
  sctp_timeout_closed: 10,
  sctp_timeout_cookie_echoed: 3,
  sctp_timeout_cookie_wait: 3,
  sctp_timeout_established: 210,
  sctp_timeout_heartbeat_sent: 30,
  sctp_timeout_shutdown_ack_sent: 3,
  sctp_timeout_shutdown_recd: 3,
  sctp_timeout_shutdown_sent: 3,
  udp_timeout: 30,
  udp_timeout_stream: 120,
  tcp_timeout_syn_sent: 120,
  tcp_timeout_syn_recv: 60,
  tcp_timeout_established: 432_000,
  tcp_timeout_fin_wait: 120,
  tcp_timeout_close_wait: 60,
  tcp_timeout_last_ack: 30,
  tcp_timeout_time_wait: 120,
  tcp_timeout_close: 10,
  tcp_timeout_max_retrans: 300,
  tcp_timeout_unacknowledged: 300,
  tcp_be_liberal: 0,
  tcp_loose: 1,
  tcp_max_retrans: 3,
  tcp_ignore_invalid_rst: 0,
});
