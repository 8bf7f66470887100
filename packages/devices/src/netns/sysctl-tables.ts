import { BRNF_SYSCTLS } from '../bridge/brnf-conf.ts';
import { NETFILTER_SYSCTLS } from '../conntrack/sysctls.ts';
import { IPV4_SYSCTLS } from '../ipv4/sysctl/index.ts';
import { IPV6_SYSCTLS } from '../ipv6/sysctls.ts';
import { NEIGH_SYSCTLS } from '../neigh/neigh-sysctls.ts';
import { NEXTHOP_COMPAT_SYSCTL } from '../nexthop/compat-mode.ts';
import { TCP_SYSCTLS } from '../tcp/conf/index.ts';
import { UNIX_SYSCTLS } from '../unix/sysctls.ts';
import { CORE_SYSCTLS } from './core-conf.ts';
import type { Netns } from './netns.ts';
import type { SysctlTable } from './sysctl/index.ts';
import { TUNING_SYSCTLS } from './tuning-sysctls.ts';
import { VRF_SYSCTLS } from './vrf-conf.ts';

/** What every layer shows under /proc/sys/net: a layer with settings adds its tables here. */
export const SYSCTL_TABLES: readonly SysctlTable<Netns>[] = [
  ...CORE_SYSCTLS,
  BRNF_SYSCTLS,
  ...IPV4_SYSCTLS,
  ...IPV6_SYSCTLS,
  NEXTHOP_COMPAT_SYSCTL,
  ...NEIGH_SYSCTLS,
  TCP_SYSCTLS,
  UNIX_SYSCTLS,
  VRF_SYSCTLS,
  ...NETFILTER_SYSCTLS,
  ...TUNING_SYSCTLS,
];
