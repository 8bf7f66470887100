import type { Netns } from '../netns/netns.ts';
import { intFile, type SysctlTable } from '../netns/sysctl/index.ts';

/** net.ipv4.nexthop_compat_mode: whether routes by way of a nexthop tell what it leads to. Linux net/ipv4/sysctl_net_ipv4.c */
export const NEXTHOP_COMPAT_SYSCTL: SysctlTable<Netns> = {
  dir: 'net/ipv4',
  of: (netns) => netns,
  files: [
    intFile<Netns>(
      'nexthop_compat_mode',
      (netns) => netns.nexthops.compatMode,
      (netns, v) => {
        netns.nexthops.compatMode = v;
      },
      { min: 0, max: 1 },
    ),
  ],
};
