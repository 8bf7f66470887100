/** What `uname -r` says: the kernel of the Debian release that Labwire follows. */
export const KERNEL_RELEASE = '6.1.0-37-amd64';
/** What `uname -v` says. */
export const KERNEL_VERSION = '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)';
