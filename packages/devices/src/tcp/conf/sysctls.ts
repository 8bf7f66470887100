import { KernelError } from '@labwire/core/error';
import type { Netns } from '../../netns/netns.ts';
import {
  intFile,
  intsFile,
  msFile,
  type Range,
  readOnlyFile,
  type SysctlFile,
  type SysctlTable,
  secondsFile,
  textFile,
} from '../../netns/sysctl/index.ts';
import type { TcpConf } from './tcp-conf.ts';

type NumberField = {
  [K in keyof TcpConf]: TcpConf[K] extends number ? K : never;
}[keyof TcpConf];

/** What one layer's settings hang on. */
interface Holder {
  conf: TcpConf;
}

const BYTE: Range = { min: 0, max: 255 };

function put<K extends keyof TcpConf>(holder: Holder, name: K, value: TcpConf[K]): void {
  holder.conf = { ...holder.conf, [name]: value };
}

const plain = (name: NumberField, range: Range = {}): SysctlFile<Holder> =>
  intFile<Holder>(
    name,
    (h) => h.conf[name],
    (h, v) => put(h, name, v),
    range,
  );

const seconds = (name: NumberField): SysctlFile<Holder> =>
  secondsFile<Holder>(
    name,
    (h) => h.conf[name],
    (h, v) => put(h, name, v),
  );

const memory = (name: 'tcp_rmem' | 'tcp_wmem'): SysctlFile<Holder> =>
  intsFile<Holder>(
    name,
    (h) => h.conf[name],
    (h, v) => put(h, name, v as unknown as TcpConf['tcp_rmem']),
    { min: 1 },
  );

const ALGORITHMS = 'reno cubic';

function putAlgorithm(holder: Holder, name: string): void {
  if (name !== 'cubic' && name !== 'reno') throw new KernelError('ENOENT');
  put(holder, 'tcp_congestion_control', name);
}

/** Files under /proc/sys/net/ipv4 of what TCP acts on. Linux net/ipv4/sysctl_net_ipv4.c, ipv4_net_table[] */
export const TCP_SYSCTLS: SysctlTable<Netns, Holder> = {
  dir: 'net/ipv4',
  of: (netns) => netns.tcp,
  files: [
    plain('tcp_abort_on_overflow', BYTE),
    readOnlyFile('tcp_available_congestion_control', () => ALGORITHMS),
    readOnlyFile('tcp_allowed_congestion_control', () => ALGORITHMS),
    textFile<Holder>('tcp_congestion_control', (h) => h.conf.tcp_congestion_control, putAlgorithm),
    plain('tcp_dsack', BYTE),
    plain('tcp_early_retrans', { min: 0, max: 4 }),
    seconds('tcp_fin_timeout'),
    msFile<Holder>(
      'tcp_invalid_ratelimit',
      (h) => h.conf.tcp_invalid_ratelimit,
      (h, v) => put(h, 'tcp_invalid_ratelimit', v),
    ),
    seconds('tcp_keepalive_intvl'),
    plain('tcp_keepalive_probes', BYTE),
    seconds('tcp_keepalive_time'),
    plain('tcp_max_syn_backlog'),
    plain('tcp_max_tw_buckets'),
    plain('tcp_min_snd_mss', { min: 48, max: 65_535 }),
    plain('tcp_min_tso_segs', { min: 1, max: 255 }),
    plain('tcp_moderate_rcvbuf', BYTE),
    plain('tcp_orphan_retries', BYTE),
    plain('tcp_pacing_ca_ratio', { min: 0, max: 1000 }),
    plain('tcp_pacing_ss_ratio', { min: 0, max: 1000 }),
    plain('tcp_reordering'),
    plain('tcp_retries2', BYTE),
    plain('tcp_rfc1337', BYTE),
    memory('tcp_rmem'),
    plain('tcp_rto_max_ms', { min: 1000, max: 120_000 }),
    plain('tcp_rto_min_us', { min: 1 }),
    plain('tcp_sack', BYTE),
    plain('tcp_slow_start_after_idle', BYTE),
    plain('tcp_syn_linear_timeouts', { min: 0, max: 127 }),
    plain('tcp_syn_retries', { min: 1, max: 127 }),
    plain('tcp_synack_retries', BYTE),
    plain('tcp_syncookies', BYTE),
    plain('tcp_timestamps', BYTE),
    plain('tcp_tso_rtt_log', BYTE),
    plain('tcp_tso_win_divisor', BYTE),
    plain('tcp_tw_reuse', { min: 0, max: 2 }),
    plain('tcp_window_scaling', BYTE),
    memory('tcp_wmem'),
  ],
};
