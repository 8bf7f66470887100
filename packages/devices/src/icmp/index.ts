export { Icmp } from './icmp.ts';
export { type IcmpErrno, icmpErrno, icmpErrnoTcp } from './icmp-errno.ts';
export { IcmpMib } from './icmp-mib.ts';
