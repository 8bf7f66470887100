import type { Netns } from '../netns/netns.ts';
import { intFile, msFile, type SysctlFile, type SysctlTable } from '../netns/sysctl/index.ts';
import type { Ipv6Conf } from './conf.ts';
import type { Inet6Dev } from './inet6-dev.ts';
import type { Ipv6 } from './ipv6.ts';

/** One directory of `net/ipv6/conf`: a device's, `all` or `default`. */
interface ConfDir {
  readonly ip6: Ipv6;
  readonly conf: Ipv6Conf;
  /** Whose switches they are: a device's, or for `all` every device's. */
  readonly idevs: readonly Inet6Dev[];
}

const PLAIN: readonly (keyof Ipv6Conf)[] = [
  'accept_dad',
  'accept_ra',
  'accept_ra_defrtr',
  'accept_ra_pinfo',
  'accept_redirects',
  'autoconf',
  'dad_transmits',
  'keep_addr_on_down',
  'proxy_ndp',
  'ra_defrtr_metric',
  'router_solicitation_delay',
  'router_solicitation_interval',
  'router_solicitation_max_interval',
  'router_solicitations',
  'use_tempaddr',
];

function plain(name: keyof Ipv6Conf): SysctlFile<ConfDir> {
  return intFile<ConfDir>(
    name,
    (d) => d.conf[name],
    (d, v) => {
      d.conf[name] = v;
    },
  );
}

const CONF_FILES: readonly SysctlFile<ConfDir>[] = [
  ...PLAIN.map(plain),
  intFile<ConfDir>(
    'addr_gen_mode',
    (d) => d.conf.addr_gen_mode,
    (d, v) => {
      d.conf.addr_gen_mode = v;
    },
    { min: 0, max: 3 },
  ),
  intFile<ConfDir>(
    'hop_limit',
    (d) => d.conf.hop_limit,
    (d, v) => {
      d.conf.hop_limit = v;
    },
    { min: 1, max: 255 },
  ),
  intFile<ConfDir>(
    'mtu',
    (d) => d.conf.mtu,
    (d, v) => {
      d.conf.mtu = v;
    },
    { min: 1280 },
  ),
  intFile<ConfDir>('disable_ipv6', (d) => d.conf.disable_ipv6, setDisabled),
  intFile<ConfDir>('forwarding', (d) => d.conf.forwarding, setForwarding),
  msFile<ConfDir>(
    'mldv2_unsolicited_report_interval',
    (d) => d.conf.mldv2_unsolicited_report_interval,
    (d, v) => {
      d.conf.mldv2_unsolicited_report_interval = v;
    },
  ),
];

/** `all` also writes `default` and every device. `addrconf_disable_ipv6()` */
function setDisabled(d: ConfDir, v: number): void {
  if (d.conf === d.ip6.confAll) d.ip6.confDefault.disable_ipv6 = v;
  for (const idev of d.idevs) d.ip6.setDisabled(idev, v);
  d.conf.disable_ipv6 = v;
}

/** `all` also writes `default` and every device. `addrconf_fixup_forwarding()` */
function setForwarding(d: ConfDir, v: number): void {
  if (d.conf === d.ip6.confAll) d.ip6.confDefault.forwarding = v;
  for (const idev of d.idevs) d.ip6.setForwarding(idev, v);
  d.conf.forwarding = v;
}

function confDir(netns: Netns, member: string): ConfDir {
  const { ipv6 } = netns;
  if (member === 'all') return { ip6: ipv6, conf: ipv6.confAll, idevs: [...ipv6.idevs()] };
  if (member === 'default') return { ip6: ipv6, conf: ipv6.confDefault, idevs: [] };
  const idev = [...ipv6.idevs()].find((i) => i.dev.name === member) as Inet6Dev;
  return { ip6: ipv6, conf: idev.conf, idevs: [idev] };
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
    'fwmark_reflect',
    (ip6) => ip6.fwmarkReflect,
    (ip6, v) => {
      ip6.fwmarkReflect = v;
    },
  ),
];

const ICMP_FILES: readonly SysctlFile<Ipv6>[] = [
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
