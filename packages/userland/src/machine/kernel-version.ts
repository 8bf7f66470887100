import type { KernelProfile } from '@labwire/devices/netns';

/** What a kernel says of itself. */
export interface KernelVersion {
  /** `uname -r` */
  readonly release: string;
  /** `uname -v` */
  readonly version: string;
  /** /proc/version, between the two. */
  readonly compiler: string;
}

/** The kernels of the Debian releases that Labwire follows: 11 and 12. */
export const KERNEL_VERSIONS: Readonly<Record<KernelProfile, KernelVersion>> = {
  '5.x': {
    release: '5.10.0-35-amd64',
    version: '#1 SMP Debian 5.10.237-1 (2025-05-19)',
    compiler:
      '(debian-kernel@lists.debian.org) (gcc-10 (Debian 10.2.1-6) 10.2.1 20210110, GNU ld (GNU Binutils for Debian) 2.35.2)',
  },
  '6.x': {
    release: '6.1.0-37-amd64',
    version: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)',
    compiler:
      '(debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40)',
  },
};
