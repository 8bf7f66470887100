/** /proc/sys/net/ipv4/neigh and net/ipv6/neigh. Linux net/core/neighbour.c, neigh_sysctl_register(). */
import { MS, SEC } from '@labwire/core/sim';
import type { Netns } from '../netns/netns.ts';
import {
  intFile,
  msFile,
  type SysctlFile,
  type SysctlTable,
  secondsFile,
  userHzFile,
} from '../netns/sysctl/index.ts';
import type { NeighParams, NeighTable } from './index.ts';

/** Bytes that one Ethernet frame counts in a queue: SKB_TRUESIZE(ETH_FRAME_LEN) */
const FRAME_TRUESIZE = 2100;

type IntField =
  | 'ucastProbes'
  | 'mcastProbes'
  | 'mcastReprobes'
  | 'appProbes'
  | 'proxyQueueLen'
  | 'queueLenBytes';
type TimeField =
  | 'retransTime'
  | 'delayProbeTime'
  | 'gcStaleTime'
  | 'lockTime'
  | 'proxyDelay'
  | 'anycastDelay';

function int(name: string, field: IntField): SysctlFile<NeighParams> {
  return intFile<NeighParams>(
    name,
    (p) => p[field],
    (p, v) => {
      p[field] = v;
    },
    { min: 0 },
  );
}

function time(
  make: typeof msFile<NeighParams>,
  name: string,
  field: TimeField,
  unit: number,
): SysctlFile<NeighParams> {
  return make(
    name,
    (p) => p[field] / unit,
    (p, v) => {
      p[field] = v * unit;
    },
  );
}

const FILES: readonly SysctlFile<NeighParams>[] = [
  time(userHzFile, 'anycast_delay', 'anycastDelay', MS),
  int('app_solicit', 'appProbes'),
  secondsFile<NeighParams>(
    'base_reachable_time',
    (p) => Math.floor(p.baseReachableTime / SEC),
    (p, v) => p.setBaseReachableTime(v * SEC),
  ),
  msFile<NeighParams>(
    'base_reachable_time_ms',
    (p) => p.baseReachableTime / MS,
    (p, v) => p.setBaseReachableTime(v * MS),
  ),
  time(secondsFile, 'delay_first_probe_time', 'delayProbeTime', SEC),
  time(secondsFile, 'gc_stale_time', 'gcStaleTime', SEC),
  time(userHzFile, 'locktime', 'lockTime', MS),
  int('mcast_resolicit', 'mcastReprobes'),
  int('mcast_solicit', 'mcastProbes'),
  time(userHzFile, 'proxy_delay', 'proxyDelay', MS),
  int('proxy_qlen', 'proxyQueueLen'),
  time(userHzFile, 'retrans_time', 'retransTime', MS),
  time(msFile, 'retrans_time_ms', 'retransTime', MS),
  int('ucast_solicit', 'ucastProbes'),
  intFile<NeighParams>(
    'unres_qlen',
    (p) => Math.floor(p.queueLenBytes / FRAME_TRUESIZE),
    (p, v) => {
      p.queueLenBytes = v * FRAME_TRUESIZE;
    },
    { min: 0 },
  ),
  int('unres_qlen_bytes', 'queueLenBytes'),
];

const limit = (name: string, field: 'gcThresh1' | 'gcThresh2' | 'gcThresh3') =>
  intFile<NeighTable>(
    name,
    (t) => t.limits[field],
    (t, v) => {
      t.limits = { ...t.limits, [field]: v };
    },
    { min: 0 },
  );

const TABLE_FILES: readonly SysctlFile<NeighTable>[] = [
  secondsFile<NeighTable>(
    'gc_interval',
    (t) => t.limits.gcInterval / SEC,
    (t, v) => {
      t.limits = { ...t.limits, gcInterval: v * SEC };
    },
  ),
  limit('gc_thresh1', 'gcThresh1'),
  limit('gc_thresh2', 'gcThresh2'),
  limit('gc_thresh3', 'gcThresh3'),
];

const isInit = (netns: Netns): boolean => netns === netns.kernel.initNetns;

const IPV4_TABLE: SysctlTable<Netns, NeighParams> = {
  dir: 'net/ipv4/neigh',
  members: (netns) => [
    ...(isInit(netns) ? ['default'] : []),
    ...netns.devices.list().flatMap((dev) => (dev.inDev === null ? [] : dev.name)),
  ],
  of: (netns, member) => {
    const dev = netns.devices.byName(member);
    return dev === undefined ? netns.ipv4.arp.defaults : netns.ipv4.arp.params(dev);
  },
  files: FILES,
};

const IPV6_TABLE: SysctlTable<Netns, NeighParams> = {
  dir: 'net/ipv6/neigh',
  members: (netns) => [
    ...(isInit(netns) ? ['default'] : []),
    ...[...netns.ipv6.idevs()].map((idev) => idev.dev.name),
  ],
  of: (netns, member) => {
    const dev = netns.devices.byName(member);
    return dev === undefined ? netns.ipv6.resolver.defaults : netns.ipv6.resolver.params(dev);
  },
  files: FILES,
};

const limitsTable = (
  family: 'ipv4' | 'ipv6',
  of: (netns: Netns) => NeighTable,
): SysctlTable<Netns, NeighTable> => ({
  dir: `net/${family}/neigh`,
  when: isInit,
  members: () => ['default'],
  of,
  files: TABLE_FILES,
});

/** `net/ipv4/neigh/*` and `net/ipv6/neigh/*`; the limits are in `default` of a machine's first namespace. */
export const NEIGH_SYSCTLS: readonly SysctlTable<Netns>[] = [
  IPV4_TABLE,
  IPV6_TABLE,
  limitsTable('ipv4', (netns) => netns.ipv4.neigh),
  limitsTable('ipv6', (netns) => netns.ipv6.neigh),
];
