import { KernelError } from '@labwire/core/error';
import type { Netns } from './netns.ts';
import { intFile, type SysctlFile, type SysctlTable } from './sysctl/index.ts';

/*
 * Settings that nothing here acts on. Some only change how fast Linux does its work, or with how much memory: they keep
 * what is written to them. The others belong to something that is not modelled: they show the kernel's default, and any
 * other value is refused with EOPNOTSUPP.
 */

type Values = Readonly<Record<string, number>>;

/** One directory as the files see it: what was written there, by name; undefined while nothing was. */
interface Dir {
  readonly get: (name: string) => number | undefined;
  readonly put: (name: string, value: number) => void;
}

/** What was written, by namespace and path. */
const written = new WeakMap<Netns, Map<string, number>>();

function dirOf(netns: Netns, path: string): Dir {
  return {
    get: (name) => written.get(netns)?.get(`${path}/${name}`),
    put: (name, value) => {
      const values = written.get(netns) ?? new Map<string, number>();
      written.set(netns, values.set(`${path}/${name}`, value));
    },
  };
}

/** Files that keep what is written. */
function kept(defaults: Values): SysctlFile<Dir>[] {
  return Object.entries(defaults).map(([name, value]) =>
    intFile<Dir>(
      name,
      (dir) => dir.get(name) ?? value,
      (dir, v) => dir.put(name, v),
    ),
  );
}

/** Files of what is not modelled: another value than the default is refused. */
function fixed(defaults: Values): SysctlFile<Dir>[] {
  return Object.entries(defaults).map(([name, value]) =>
    intFile<Dir>(
      name,
      () => value,
      (_dir, v) => {
        if (v !== value) throw new KernelError('EOPNOTSUPP');
      },
    ),
  );
}

const table = (
  dir: string,
  files: readonly SysctlFile<Dir>[],
  members?: (netns: Netns) => readonly string[],
): SysctlTable<Netns, Dir> => ({
  dir,
  ...(members === undefined ? {} : { members }),
  of: (netns, member) => dirOf(netns, `${dir}/${member}`),
  files,
});

const CORE = [
  ...kept({
    optmem_max: 131_072,
    rps_default_mask: 0,
    tstamp_allow_data: 1,
    txrehash: 1,
    xfrm_acq_expires: 30,
    xfrm_aevent_etime: 10,
    xfrm_aevent_rseqth: 2,
    xfrm_larval_drop: 1,
  }),
];

/** Linux net/ipv4/sysctl_net_ipv4.c, ipv4_net_table[] */
const IPV4 = [
  ...kept({
    fib_notify_on_flag_change: 0,
    ip_early_demux: 1,
    tcp_autocorking: 1,
    tcp_backlog_ack_defer: 1,
    tcp_challenge_ack_limit: 2_147_483_647,
    tcp_comp_sack_delay_ns: 1_000_000,
    tcp_comp_sack_nr: 44,
    tcp_comp_sack_slack_ns: 100_000,
    tcp_early_demux: 1,
    // client and server have to ask for it by a socket option, which no program here does
    tcp_fastopen: 1,
    tcp_fastopen_blackhole_timeout_sec: 0,
    tcp_limit_output_bytes: 4_194_304,
    tcp_min_rtt_wlen: 300,
    // connections leave nothing behind for later ones
    tcp_no_metrics_save: 0,
    tcp_no_ssthresh_metrics_save: 1,
    udp_early_demux: 1,
    udp_rmem_min: 4096,
    udp_wmem_min: 4096,
    xfrm4_gc_thresh: 32_768,
  }),
  ...fixed({
    fwmark_reflect: 0,
    icmp_echo_enable_probe: 0,
    ip_autobind_reuse: 0,
    ip_dynaddr: 0,
    ip_forward_update_priority: 1,
    ipfrag_low_thresh: 3_145_728,
    tcp_adv_win_scale: 1,
    tcp_app_win: 31,
    tcp_base_mss: 1024,
    tcp_ecn: 2,
    tcp_ecn_fallback: 1,
    tcp_fack: 0,
    tcp_frto: 2,
    tcp_fwmark_accept: 0,
    tcp_max_reordering: 300,
    tcp_migrate_req: 0,
    tcp_mtu_probe_floor: 48,
    tcp_mtu_probing: 0,
    tcp_pingpong_thresh: 1,
    tcp_plb_cong_thresh: 128,
    tcp_plb_enabled: 0,
    tcp_plb_idle_rehash_rounds: 3,
    tcp_plb_rehash_rounds: 12,
    tcp_plb_suspend_rto_sec: 60,
    tcp_probe_interval: 600,
    tcp_probe_threshold: 8,
    tcp_recovery: 1,
    tcp_reflect_tos: 0,
    tcp_retrans_collapse: 1,
    tcp_retries1: 3,
    tcp_shrink_window: 0,
    tcp_stdurg: 0,
    tcp_thin_linear_timeouts: 0,
    tcp_workaround_signed_windows: 0,
  }),
];

/** Linux net/ipv4/devinet.c, devinet_sysctl */
const IPV4_CONF = [
  ...kept({ disable_policy: 0, disable_xfrm: 0, tag: 0 }),
  ...fixed({ bootp_relay: 0, medium_id: 0 }),
];

/** Linux net/ipv6/sysctl_net_ipv6.c, ipv6_table_template[] */
const IPV6 = [
  ...kept({
    auto_flowlabels: 1,
    fib_notify_on_flag_change: 0,
    flowlabel_consistency: 1,
    flowlabel_state_ranges: 0,
    idgen_delay: 1,
    idgen_retries: 3,
    max_dst_opts_length: 2_147_483_647,
    max_dst_opts_number: 8,
    max_hbh_length: 2_147_483_647,
    max_hbh_opts_number: 8,
    seg6_flowlabel: 0,
    xfrm6_gc_thresh: 32_768,
  }),
  ...fixed({
    anycast_src_echo_reply: 0,
    flowlabel_reflect: 0,
    ip6frag_high_thresh: 4_194_304,
    ip6frag_low_thresh: 3_145_728,
    ip6frag_time: 60,
    ip_nonlocal_bind: 0,
  }),
];

/** Linux net/ipv6/addrconf.c, addrconf_sysctl[] */
const IPV6_CONF = [
  // temporary addresses, segment routing and in-situ measurements are never switched on
  ...kept({
    disable_policy: 0,
    ioam6_id: 65_535,
    max_desync_factor: 600,
    regen_max_retry: 3,
    seg6_require_hmac: 0,
    temp_prefered_lft: 86_400,
    temp_valid_lft: 604_800,
  }),
  ...fixed({
    accept_ra_from_local: 0,
    accept_ra_min_hop_limit: 1,
    accept_ra_min_lft: 0,
    accept_ra_mtu: 1,
    accept_ra_rt_info_max_plen: 0,
    accept_ra_rt_info_min_plen: 0,
    accept_ra_rtr_pref: 1,
    accept_source_route: 0,
    accept_untracked_na: 0,
    drop_unicast_in_l2_multicast: 0,
    drop_unsolicited_na: 0,
    enhanced_dad: 1,
    force_tllao: 0,
    ioam6_enabled: 0,
    max_addresses: 16,
    ndisc_evict_nocarrier: 1,
    ndisc_notify: 0,
    ndisc_tclass: 0,
    optimistic_dad: 0,
    ra_honor_pio_life: 0,
    router_probe_interval: 60,
    rpl_seg_enabled: 0,
    seg6_enabled: 0,
    suppress_frag_ndisc: 1,
    use_oif_addrs_only: 0,
    use_optimistic: 0,
  }),
];

/** Linux net/ipv6/route.c, ipv6_route_table_template[]: caches that do not fill here. */
const IPV6_ROUTE = [
  ...kept({
    gc_elasticity: 9,
    gc_interval: 30,
    gc_min_interval: 0,
    gc_min_interval_ms: 500,
    gc_thresh: 1024,
    gc_timeout: 60,
    max_size: 2_147_483_647,
    skip_notify_on_dev_down: 0,
  }),
  ...fixed({ min_adv_mss: 1220, mtu_expires: 600 }),
];

/** Linux net/mptcp/ctrl.c, mptcp_sysctl_table[]: no program here opens a socket of MPTCP. */
const MPTCP = kept({
  add_addr_timeout: 120,
  allow_join_initial_addr_port: 1,
  checksum_enabled: 0,
  enabled: 1,
  pm_type: 0,
  stale_loss_cnt: 4,
});

const ipv4Members = ({ devices }: Netns): readonly string[] => [
  'all',
  'default',
  ...devices.list().flatMap((dev) => (dev.inDev === null ? [] : dev.name)),
];

const ipv6Members = ({ ipv6 }: Netns): readonly string[] => [
  'all',
  'default',
  ...[...ipv6.idevs()].map((idev) => idev.dev.name),
];

/** Settings that nothing here acts on. */
export const TUNING_SYSCTLS: readonly SysctlTable<Netns>[] = [
  table('net/core', CORE),
  table('net/ipv4', IPV4),
  table('net/ipv4/conf', IPV4_CONF, ipv4Members),
  table('net/ipv6', IPV6),
  table('net/ipv6/conf', IPV6_CONF, ipv6Members),
  table('net/ipv6/route', IPV6_ROUTE),
  table('net/mptcp', MPTCP),
] as readonly SysctlTable<Netns>[];
