import type { Netns } from '../../netns/netns.ts';
import type { SysctlTable } from '../../netns/sysctl/index.ts';
import { IPV4_DEV_SYSCTLS } from './dev-sysctls.ts';
import { IPV4_NET_SYSCTLS } from './net-sysctls.ts';

/** The files of IPv4, ICMP and UDP under /proc/sys/net/ipv4. */
export const IPV4_SYSCTLS: readonly SysctlTable<Netns>[] = [...IPV4_NET_SYSCTLS, IPV4_DEV_SYSCTLS];
