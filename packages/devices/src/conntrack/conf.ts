/** Seconds of each state: /proc/sys/net/netfilter/nf_conntrack_*_timeout*. Linux net/netfilter/nf_conntrack_proto_*.c. */
export interface ConntrackConf {
  max: number;
  acct: number;
  timestamp: number;
  events: number;
  checksum: number;
  log_invalid: number;
  helper: number;
  expect_max: number;
  generic_timeout: number;
  icmp_timeout: number;
  icmpv6_timeout: number;
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
  timestamp: 0,
  events: 2,
  checksum: 1,
  log_invalid: 0,
  helper: 0,
  expect_max: 1024,
  generic_timeout: 600,
  icmp_timeout: 30,
  icmpv6_timeout: 30,
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
