/** What an entry of the cache is, and what a search is for. dnsmasq src/dnsmasq.h, F_* */

/** It is ours for as long as the configuration says so. */
export const F_IMMORTAL: number = 1 << 0;
/** An address, or that there is none, is of this family. */
export const F_IPV4: number = 1 << 1;
export const F_IPV6: number = 1 << 2;
/** It leads from a name to something. */
export const F_FORWARD: number = 1 << 3;
/** It leads from an address to a name. */
export const F_REVERSE: number = 1 << 4;
/** There is no such record. */
export const F_NEG: number = 1 << 5;
/** There is no such name. */
export const F_NXDOMAIN: number = 1 << 6;
/** It is from a hosts file or --host-record. */
export const F_HOSTS: number = 1 << 7;
/** It is from a lease. */
export const F_DHCP: number = 1 << 8;
/** It is from the configuration. */
export const F_CONFIG: number = 1 << 9;
export const F_CNAME: number = 1 << 10;
/** It is a record of a type that has no flag. */
export const F_RR: number = 1 << 11;
/** A negative entry came without an SOA record. */
export const F_NO_SOA: number = 1 << 12;

/** Entries that are not evicted. */
export const F_OURS: number = F_HOSTS | F_DHCP | F_CONFIG;
