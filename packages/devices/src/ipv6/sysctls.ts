import type { Netns } from '../netns/netns.ts';
import {
  bitmapFile,
  intFile,
  msFile,
  type Range,
  type SysctlFile,
  type SysctlTable,
} from '../netns/sysctl/index.ts';
import type { Ipv6Conf } from './conf.ts';
import type { Inet6Dev } from './inet6-dev.ts';
import type { Ipv6 } from './ipv6.ts';

/** One directory of `net/ipv6/conf`. */
interface ConfDir {
  readonly ip6: Ipv6;
  /** Whose switches they are. */
  readonly owner: 'all' | 'default' | Inet6Dev;
}

function confOf({ ip6, owner }: ConfDir): Ipv6Conf {
  if (owner === 'all') return ip6.confAll;
  return owner === 'default' ? ip6.confDefault : owner.conf;
}

function setConf({ ip6, owner }: ConfDir, name: keyof Ipv6Conf, v: number): void {
  if (owner === 'all') ip6.confAll = { ...ip6.confAll, [name]: v };
  else if (owner === 'default') ip6.confDefault = { ...ip6.confDefault, [name]: v };
  else owner.setConf(name, v);
}

const PLAIN: readonly (keyof Ipv6Conf)[] = [
  'accept_dad',
  'accept_ra',
  'accept_ra_defrtr',
  'accept_ra_pinfo',
  'accept_redirects',
  'autoconf',
  'dad_transmits',
  'force_mld_version',
  'keep_addr_on_down',
  'proxy_ndp',
  'ra_defrtr_metric',
  'router_solicitation_delay',
  'router_solicitation_interval',
  'router_solicitation_max_interval',
  'router_solicitations',
  'use_tempaddr',
];

function conf(name: keyof Ipv6Conf, range: Range = {}): SysctlFile<ConfDir> {
  return intFile<ConfDir>(
    name,
    (d) => confOf(d)[name],
    (d, v) => setConf(d, name, v),
    range,
  );
}

function milliseconds(name: keyof Ipv6Conf): SysctlFile<ConfDir> {
  return msFile<ConfDir>(
    name,
    (d) => confOf(d)[name],
    (d, v) => setConf(d, name, v),
  );
}

const CONF_FILES: readonly SysctlFile<ConfDir>[] = [
  ...PLAIN.map((name) => conf(name)),
  conf('addr_gen_mode', { min: 0, max: 3 }),
  conf('hop_limit', { min: 1, max: 255 }),
  intFile<ConfDir>(
    'mtu',
    (d) => (typeof d.owner === 'string' ? confOf(d).mtu : d.owner.mtu),
    (d, v) => {
      if (typeof d.owner === 'string') setConf(d, 'mtu', v);
      else d.owner.mtu = v;
    },
    { min: 1280 },
  ),
  intFile<ConfDir>('disable_ipv6', (d) => confOf(d).disable_ipv6, setDisabled),
  intFile<ConfDir>('forwarding', (d) => confOf(d).forwarding, setForwarding),
  milliseconds('mldv1_unsolicited_report_interval'),
  milliseconds('mldv2_unsolicited_report_interval'),
];

/** Writes a switch that acts on devices; `all` also writes `default` and every device. */
function setActing(
  d: ConfDir,
  name: 'disable_ipv6' | 'forwarding',
  v: number,
  act: (idev: Inet6Dev) => void,
): void {
  if (typeof d.owner !== 'string') {
    act(d.owner);
    return;
  }
  if (d.owner === 'all') {
    setConf({ ip6: d.ip6, owner: 'default' }, name, v);
    for (const idev of [...d.ip6.idevs()]) act(idev);
  }
  setConf(d, name, v);
}

/** `addrconf_disable_ipv6()` */
function setDisabled(d: ConfDir, v: number): void {
  setActing(d, 'disable_ipv6', v, (idev) => d.ip6.setDisabled(idev, v));
}

/** `addrconf_fixup_forwarding()` */
function setForwarding(d: ConfDir, v: number): void {
  setActing(d, 'forwarding', v, (idev) => d.ip6.setForwarding(idev, v));
}

function confDir({ ipv6 }: Netns, member: string): ConfDir {
  if (member === 'all' || member === 'default') return { ip6: ipv6, owner: member };
  const idev = [...ipv6.idevs()].find((i) => i.dev.name === member) as Inet6Dev;
  return { ip6: ipv6, owner: idev };
}

const IPV6_FILES: readonly SysctlFile<Ipv6>[] = [
  intFile<Ipv6>(
    'bindv6only',
    (ip6) => ip6.bindv6only,
    (ip6, v) => {
      ip6.bindv6only = v;
    },
  ),
  intFile<Ipv6>(
    'fib_multipath_hash_fields',
    (ip6) => ip6.multipath.fields,
    (ip6, v) => {
      ip6.multipath.fields = v;
    },
    { min: 1, max: 0xfff },
  ),
  intFile<Ipv6>(
    'fib_multipath_hash_policy',
    (ip6) => ip6.multipath.policy,
    (ip6, v) => {
      ip6.multipath.policy = v;
    },
    { min: 0, max: 3 },
  ),
  intFile<Ipv6>(
    'fwmark_reflect',
    (ip6) => ip6.fwmarkReflect,
    (ip6, v) => {
      ip6.fwmarkReflect = v;
    },
  ),
];

/** Numbers of ICMPv6 types. ICMPV6_MSG_MAX */
const ICMP_TYPES = 256;

const ICMP_FILES: readonly SysctlFile<Ipv6>[] = [
  bitmapFile<Ipv6>(
    'ratemask',
    ICMP_TYPES,
    (ip6) => ip6.icmp.rateMask,
    (ip6, v) => {
      ip6.icmp.rateMask = v;
    },
  ),
  msFile<Ipv6>(
    'ratelimit',
    (ip6) => ip6.icmp.rateLimit,
    (ip6, v) => {
      ip6.icmp.rateLimit = v;
    },
  ),
  intFile<Ipv6>(
    'echo_ignore_all',
    (ip6) => ip6.icmp.echoIgnoreAll,
    (ip6, v) => {
      ip6.icmp.echoIgnoreAll = v;
    },
    { min: 0, max: 1 },
  ),
  intFile<Ipv6>(
    'echo_ignore_multicast',
    (ip6) => ip6.icmp.echoIgnoreMulticast,
    (ip6, v) => {
      ip6.icmp.echoIgnoreMulticast = v;
    },
    { min: 0, max: 1 },
  ),
];

/** What IPv6 shows under /proc/sys/net/ipv6. */
export const IPV6_SYSCTLS: readonly SysctlTable<Netns>[] = [
  { dir: 'net/ipv6', of: (netns) => netns.ipv6, files: IPV6_FILES } as SysctlTable<Netns, Ipv6>,
  { dir: 'net/ipv6/icmp', of: (netns) => netns.ipv6, files: ICMP_FILES } as SysctlTable<
    Netns,
    Ipv6
  >,
  {
    dir: 'net/ipv6/conf',
    members: (netns) => ['all', 'default', ...[...netns.ipv6.idevs()].map((i) => i.dev.name)],
    of: confDir,
    files: CONF_FILES,
  } as SysctlTable<Netns, ConfDir>,
] as readonly SysctlTable<Netns>[];
