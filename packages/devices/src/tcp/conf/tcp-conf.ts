/** Settings of a namespace under /proc/sys/net/ipv4/tcp_*, by their kernel names; times in the units the files show. Linux net/ipv4/tcp_ipv4.c, tcp_sk_init() */
export interface TcpConf {
  readonly tcp_abort_on_overflow: number;
  readonly tcp_congestion_control: 'cubic' | 'reno';
  readonly tcp_dsack: number;
  /** 3 and 4 turn tail loss probes on. */
  readonly tcp_early_retrans: number;
  /** Seconds in FIN-WAIT-2 of a socket that nobody holds. */
  readonly tcp_fin_timeout: number;
  /** Milliseconds between two answers to bad segments. */
  readonly tcp_invalid_ratelimit: number;
  /** Seconds. */
  readonly tcp_keepalive_intvl: number;
  readonly tcp_keepalive_probes: number;
  /** Seconds. */
  readonly tcp_keepalive_time: number;
  readonly tcp_max_syn_backlog: number;
  readonly tcp_max_tw_buckets: number;
  readonly tcp_min_snd_mss: number;
  /** Segments that a super-segment has at least. */
  readonly tcp_min_tso_segs: number;
  readonly tcp_moderate_rcvbuf: number;
  readonly tcp_orphan_retries: number;
  /** Percent of the rate that the window gives: while it grows steadily, and in slow start. */
  readonly tcp_pacing_ca_ratio: number;
  readonly tcp_pacing_ss_ratio: number;
  readonly tcp_reordering: number;
  readonly tcp_retries2: number;
  readonly tcp_rfc1337: number;
  /** Bytes of a receive buffer: least, at first, most. */
  readonly tcp_rmem: readonly [number, number, number];
  /** Milliseconds. */
  readonly tcp_rto_max_ms: number;
  /** Microseconds. */
  readonly tcp_rto_min_us: number;
  readonly tcp_sack: number;
  readonly tcp_slow_start_after_idle: number;
  readonly tcp_syn_linear_timeouts: number;
  readonly tcp_syn_retries: number;
  readonly tcp_synack_retries: number;
  /** 0 drops where the SYN queue is full, 1 sends cookies then, 2 always. */
  readonly tcp_syncookies: number;
  readonly tcp_timestamps: number;
  /** Each doubling of the round trip beyond 2^n microseconds halves a super-segment. */
  readonly tcp_tso_rtt_log: number;
  /** A super-segment may wait if it would fill less than this part of the window; 0 never. */
  readonly tcp_tso_win_divisor: number;
  /** 0 never, 1 always, 2 for loopback alone. */
  readonly tcp_tw_reuse: number;
  readonly tcp_window_scaling: number;
  /** Bytes of a send buffer: least, at first, most. */
  readonly tcp_wmem: readonly [number, number, number];
}

/** The settings of a fresh namespace: of Linux 6.16 and later, before which `tcp_rmem` ends at 6 MiB. */
export const TCP_CONF_DEFAULT: TcpConf = Object.freeze<TcpConf>({
  tcp_abort_on_overflow: 0,
  tcp_congestion_control: 'cubic',
  tcp_dsack: 1,
  tcp_early_retrans: 3,
  tcp_fin_timeout: 60,
  tcp_invalid_ratelimit: 500,
  tcp_keepalive_intvl: 75,
  tcp_keepalive_probes: 9,
  tcp_keepalive_time: 7200,
  tcp_max_syn_backlog: 2048,
  tcp_max_tw_buckets: 131_072,
  tcp_min_snd_mss: 48,
  tcp_min_tso_segs: 2,
  tcp_moderate_rcvbuf: 1,
  tcp_orphan_retries: 0,
  tcp_pacing_ca_ratio: 120,
  tcp_pacing_ss_ratio: 200,
  tcp_reordering: 3,
  tcp_retries2: 15,
  tcp_rfc1337: 0,
  tcp_rmem: [4096, 131_072, 33_554_432],
  tcp_rto_max_ms: 120_000,
  tcp_rto_min_us: 200_000,
  tcp_sack: 1,
  tcp_slow_start_after_idle: 1,
  tcp_syn_linear_timeouts: 4,
  tcp_syn_retries: 6,
  tcp_synack_retries: 5,
  tcp_syncookies: 1,
  tcp_timestamps: 1,
  tcp_tso_rtt_log: 9,
  tcp_tso_win_divisor: 3,
  tcp_tw_reuse: 2,
  tcp_window_scaling: 1,
  tcp_wmem: [4096, 16_384, 4_194_304],
});

/** The settings of a fresh namespace of an older kernel. */
export const TCP_CONF_5X: TcpConf = Object.freeze<TcpConf>({
  ...TCP_CONF_DEFAULT,
  tcp_rmem: [4096, 131_072, 6_291_456],
});
