/** The files of /proc/sys/net/netfilter. Linux net/netfilter/nf_conntrack_standalone.c, nf_log.c. */
import { KernelError } from '@labwire/core/error';
import type { Netns } from '../netns/netns.ts';
import {
  intFile,
  type Range,
  readOnlyFile,
  type SysctlFile,
  type SysctlTable,
  secondsFile,
} from '../netns/sysctl/index.ts';
import type { ConntrackConf } from './conf.ts';

/** Switches and small numbers, with their ranges. */
const NUMBERS: readonly (readonly [keyof ConntrackConf, Range])[] = [
  ['acct', { min: 0, max: 1 }],
  ['checksum', { min: 0, max: 1 }],
  ['events', { min: 0, max: 2 }],
  ['frag6_high_thresh', { min: 3_145_728 }],
  ['frag6_low_thresh', { min: 0, max: 4_194_304 }],
  ['tcp_be_liberal', { min: 0, max: 1 }],
  ['tcp_loose', { min: 0, max: 1 }],
  ['tcp_max_retrans', { min: 0, max: 255 }],
  ['timestamp', { min: 0, max: 1 }],
];

/** Times in seconds. */
const SECONDS: readonly (keyof ConntrackConf)[] = [
  'frag6_timeout',
  'generic_timeout',
  'gre_timeout',
  'gre_timeout_stream',
  'icmp_timeout',
  'icmpv6_timeout',
  'sctp_timeout_closed',
  'sctp_timeout_cookie_echoed',
  'sctp_timeout_cookie_wait',
  'sctp_timeout_established',
  'sctp_timeout_heartbeat_sent',
  'sctp_timeout_shutdown_ack_sent',
  'sctp_timeout_shutdown_recd',
  'sctp_timeout_shutdown_sent',
  'tcp_timeout_close',
  'tcp_timeout_close_wait',
  'tcp_timeout_established',
  'tcp_timeout_fin_wait',
  'tcp_timeout_last_ack',
  'tcp_timeout_max_retrans',
  'tcp_timeout_syn_recv',
  'tcp_timeout_syn_sent',
  'tcp_timeout_time_wait',
  'tcp_timeout_unacknowledged',
  'udp_timeout',
  'udp_timeout_stream',
];

/** What all namespaces share: only the first may change it. */
const SHARED: readonly (keyof ConntrackConf)[] = ['buckets', 'expect_max', 'max'];

/** The logger of each protocol family that has one, as a fresh namespace shows it. */
const LOGGERS: Readonly<Record<number, string>> = {
  2: 'nf_log_ipv4',
  3: 'nf_log_arp',
  5: 'nf_log_netdev',
  7: 'nf_log_bridge',
  10: 'nf_log_ipv6',
};
const FAMILIES = 11;

const own = (netns: Netns): ConntrackConf => netns.netfilter.conntrack.conf;
const shared = (netns: Netns): ConntrackConf => own(netns.kernel.initNetns);
const isFirst = (netns: Netns): boolean => netns === netns.kernel.initNetns;

function conntrackFile(
  name: keyof ConntrackConf,
  make: typeof intFile<Netns>,
  conf: (netns: Netns) => ConntrackConf,
  range: Range = {},
): SysctlFile<Netns> {
  return make(
    `nf_conntrack_${name}`,
    (netns) => conf(netns)[name],
    (netns, v) => {
      conf(netns)[name] = v;
    },
    range,
  );
}

/** A family's logger can be unbound, and bound again. `nf_log_proc_dostring()` */
function loggerFile(pf: number): SysctlFile<Netns> {
  return {
    name: String(pf),
    mode: 0o644,
    read: ({ netfilter }) => netfilter.loggers.get(pf) ?? LOGGERS[pf] ?? 'NONE',
    write: ({ netfilter }, text) => {
      const name = text.trim();
      if (name !== 'NONE' && name !== LOGGERS[pf]) throw new KernelError('ENOENT');
      netfilter.loggers.set(pf, name);
    },
  };
}

const DIR = 'net/netfilter';

/** What every namespace has. */
const NETFILTER: SysctlTable<Netns, Netns> = {
  dir: DIR,
  of: (netns) => netns,
  files: [
    ...NUMBERS.map(([name, range]) => conntrackFile(name, intFile, own, range)),
    ...SECONDS.map((name) => conntrackFile(name, secondsFile, own)),
    readOnlyFile('nf_conntrack_count', (netns) => String(netns.netfilter.conntrack.list().length)),
    intFile('nf_conntrack_log_invalid', () => 0, refuseLogInvalid, { min: 0, max: 255 }),
  ],
};

/** What 6.x has and 5.10 has not. */
const NETFILTER_6: SysctlTable<Netns, Netns> = {
  dir: DIR,
  when: (netns) => netns.kernel.profile === '6.x',
  of: (netns) => netns,
  files: [
    conntrackFile('tcp_ignore_invalid_rst', intFile, own, { min: 0, max: 1 }),
    intFile('nf_hooks_lwtunnel', () => 0, refuseLwtunnel, { min: 0, max: 1 }),
  ],
};

/** What 5.x had and 6.0 took away. */
const NETFILTER_5: SysctlTable<Netns, Netns> = {
  dir: DIR,
  when: (netns) => netns.kernel.profile === '5.x',
  of: (netns) => netns,
  files: [conntrackFile('helper', intFile, own, { min: 0, max: 1 })],
};

/** What is INVALID is counted, not logged. */
function refuseLogInvalid(_: Netns, value: number): void {
  if (value !== 0) throw new KernelError('EOPNOTSUPP');
}

/** Hooks in lightweight tunnels cannot be switched on: there are none. */
function refuseLwtunnel(_: Netns, value: number): void {
  if (value !== 0) throw new KernelError('EOPNOTSUPP');
}

const LOGGER_FILES: SysctlTable<Netns, Netns> = {
  dir: `${DIR}/nf_log`,
  of: (netns) => netns,
  files: Array.from({ length: FAMILIES }, (_, pf) => loggerFile(pf)),
};

/** The first namespace's, which all live by. */
const FIRST: SysctlTable<Netns, Netns> = {
  dir: DIR,
  when: isFirst,
  of: (netns) => netns,
  files: [
    ...SHARED.map((name) => conntrackFile(name, intFile, shared, { min: 0 })),
    intFile(
      'nf_log_all_netns',
      (netns) => netns.kernel.nfLogAllNetns,
      (netns, v) => {
        netns.kernel.nfLogAllNetns = v;
      },
      { min: 0, max: 1 },
    ),
  ],
};

const OLD_MAX: SysctlTable<Netns, Netns> = {
  dir: 'net',
  when: isFirst,
  of: (netns) => netns,
  files: [{ ...conntrackFile('max', intFile, shared, { min: 0 }), name: 'nf_conntrack_max' }],
};

const OTHERS: SysctlTable<Netns, Netns> = {
  dir: DIR,
  when: (netns) => !isFirst(netns),
  of: (netns) => netns,
  files: SHARED.map((name) =>
    readOnlyFile(`nf_conntrack_${name}`, (netns) => String(shared(netns)[name])),
  ),
};

/** /proc/sys/net/netfilter, and net/nf_conntrack_max. */
export const NETFILTER_SYSCTLS: readonly SysctlTable<Netns>[] = [
  NETFILTER,
  NETFILTER_6,
  NETFILTER_5,
  LOGGER_FILES,
  FIRST,
  OTHERS,
  OLD_MAX,
];
