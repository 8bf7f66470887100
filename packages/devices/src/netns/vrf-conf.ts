import type { Netns } from './netns.ts';
import { intFile, type SysctlTable } from './sysctl/index.ts';

/** /proc/sys/net/vrf. Linux drivers/net/vrf.c, vrf_table[]. */
export const VRF_SYSCTLS: SysctlTable<Netns> = {
  dir: 'net/vrf',
  // the module comes with the first VRF
  when: (netns) => netns.ipv4.fib.l3 !== null,
  of: (netns) => netns,
  files: [
    intFile<Netns>(
      'strict_mode',
      (netns) => netns.vrfStrictMode,
      (netns, v) => {
        netns.vrfStrictMode = v;
      },
      { min: 0, max: 1 },
    ),
  ],
};
