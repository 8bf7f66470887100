/** The first line of what busybox says of itself. */
export const BUSYBOX_VERSION = 'BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) multi-call binary.';
