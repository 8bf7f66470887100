/**
 * Which Linux a kernel behaves as, where the two differ: 5.x as Debian 11 has it (5.10), or 6.x.
 * On 5.x connections can get helpers by their port alone, if net.netfilter.nf_conntrack_helper says so (Linux 6.0 has no
 * such setting any more), net.netfilter lacks what came after 5.10, and TCP offers
 * windows of up to 6 MiB, not 32.
 */
export type KernelProfile = '5.x' | '6.x';
