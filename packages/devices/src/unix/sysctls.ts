import type { Netns } from '../netns/netns.ts';
import { intFile, type SysctlTable } from '../netns/sysctl/index.ts';

/** /proc/sys/net/unix. Linux net/unix/sysctl_net_unix.c */
export const UNIX_SYSCTLS: SysctlTable<Netns, Netns> = {
  dir: 'net/unix',
  of: (netns) => netns,
  files: [
    intFile(
      'max_dgram_qlen',
      (netns) => netns.unix.maxDgramQlen,
      (netns, v) => {
        netns.unix.maxDgramQlen = v;
      },
    ),
  ],
};
