/** /proc/sys/net/ipv4. Linux net/ipv4/sysctl_net_ipv4.c, net/ipv4/route.c. */
import { KernelError } from '@labwire/core/error';
import type { Netns } from '../../netns/netns.ts';
import {
  intFile,
  intsFile,
  msFile,
  type Range,
  type SysctlFile,
  type SysctlTable,
  secondsFile,
} from '../../netns/sysctl/index.ts';
import type { Ipv4 } from '../ipv4.ts';
import { setForwarding } from './dev-sysctls.ts';
import type { Ipv4Conf } from './ipv4-conf.ts';

type NumberField = {
  [K in keyof Ipv4Conf]: Ipv4Conf[K] extends number ? K : never;
}[keyof Ipv4Conf];
type PairField = 'ip_local_port_range' | 'ping_group_range';

const set = (ip: Ipv4, what: Partial<Ipv4Conf>): void => {
  ip.conf = { ...ip.conf, ...what };
};

function int(name: NumberField, range: Range = {}): SysctlFile<Ipv4> {
  return intFile<Ipv4>(
    name,
    (ip) => ip.conf[name],
    (ip, v) => set(ip, { [name]: v }),
    range,
  );
}

function seconds(name: NumberField): SysctlFile<Ipv4> {
  return secondsFile<Ipv4>(
    name,
    (ip) => ip.conf[name],
    (ip, v) => set(ip, { [name]: v }),
  );
}

/** Two numbers, of which the second may be left as it is; `check` says which are kept. @throws {@link KernelError} EINVAL */
function pair(
  name: PairField,
  range: Range,
  check: (ip: Ipv4, low: number, high: number) => readonly [number, number],
): SysctlFile<Ipv4> {
  return intsFile<Ipv4>(
    name,
    (ip) => ip.conf[name],
    (ip, [low, high]) => {
      const old = ip.conf[name];
      set(ip, { [name]: check(ip, low ?? old[0], high ?? old[1]) });
    },
    range,
  );
}

/** The first is not the larger, and none of them is a port that asks for privilege. `ipv4_local_port_range()` */
function localPortRange(ip: Ipv4, low: number, high: number): readonly [number, number] {
  if (high < low || low < ip.conf.ip_unprivileged_port_start) throw new KernelError('EINVAL');
  return [low, high];
}

/** What is no range is the empty one. `ipv4_ping_group_range()` */
function pingGroupRange(_ip: Ipv4, low: number, high: number): readonly [number, number] {
  return low <= high ? [low, high] : [1, 0];
}

/** Below the ports that the kernel picks. `ipv4_privileged_ports()` */
function setUnprivilegedPortStart(ip: Ipv4, port: number): void {
  if (port > ip.conf.ip_local_port_range[0]) throw new KernelError('EINVAL');
  set(ip, { ip_unprivileged_port_start: port });
}

const BOOL: Range = { min: 0, max: 1 };
const NOT_NEGATIVE: Range = { min: 0 };

const FILES: readonly SysctlFile<Ipv4>[] = [
  int('fib_multipath_hash_fields', { min: 1, max: 0xfff }),
  int('fib_multipath_hash_policy', { min: 0, max: 3 }),
  int('fib_multipath_use_neigh', BOOL),
  int('icmp_echo_ignore_all', BOOL),
  int('icmp_echo_ignore_broadcasts', BOOL),
  int('icmp_errors_use_inbound_ifaddr', BOOL),
  int('icmp_ignore_bogus_error_responses', BOOL),
  int('icmp_msgs_burst', NOT_NEGATIVE),
  int('icmp_msgs_per_sec', NOT_NEGATIVE),
  msFile<Ipv4>(
    'icmp_ratelimit',
    (ip) => ip.conf.icmp_ratelimit,
    (ip, v) => set(ip, { icmp_ratelimit: v }),
    NOT_NEGATIVE,
  ),
  int('icmp_ratemask'),
  int('igmp_link_local_mcast_reports'),
  int('igmp_max_memberships'),
  int('igmp_qrv', { min: 1 }),
  int('ip_default_ttl', { min: 1, max: 255 }),
  intFile<Ipv4>('ip_forward', (ip) => ip.allConf.forwarding, setForwarding),
  int('ip_forward_use_pmtu', { min: 0, max: 255 }),
  pair('ip_local_port_range', { min: 1, max: 65_535 }, localPortRange),
  int('ip_no_pmtu_disc', { min: 0, max: 255 }),
  int('ip_nonlocal_bind', { min: 0, max: 255 }),
  intFile<Ipv4>(
    'ip_unprivileged_port_start',
    (ip) => ip.conf.ip_unprivileged_port_start,
    setUnprivilegedPortStart,
    { min: 0, max: 65_535 },
  ),
  int('ipfrag_high_thresh'),
  int('ipfrag_max_dist', NOT_NEGATIVE),
  seconds('ipfrag_time'),
  pair('ping_group_range', NOT_NEGATIVE, pingGroupRange),
  int('raw_l3mdev_accept', BOOL),
  int('tcp_l3mdev_accept', BOOL),
  int('udp_l3mdev_accept', BOOL),
];

const ROUTE_FILES: readonly SysctlFile<Ipv4>[] = [
  {
    name: 'flush',
    mode: 0o200,
    read: () => {
      throw new KernelError('EACCES');
    },
    write: (ip) => {
      ip.exceptionGenid++;
      ip.fib.flushCache();
    },
  },
  int('min_pmtu', { min: 68 }),
  seconds('mtu_expires'),
];

const of = (netns: Netns): Ipv4 => netns.ipv4;

/** `net/ipv4` and `net/ipv4/route`. */
export const IPV4_NET_SYSCTLS: readonly SysctlTable<Netns>[] = [
  { dir: 'net/ipv4', of, files: FILES } satisfies SysctlTable<Netns, Ipv4>,
  { dir: 'net/ipv4/route', of, files: ROUTE_FILES } satisfies SysctlTable<Netns, Ipv4>,
];
