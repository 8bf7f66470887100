import type { Errno } from '@labwire/core/error';
import {
  ICMP_DEST_UNREACH,
  ICMP_FRAG_NEEDED,
  ICMP_PARAMETERPROB,
  ICMP_TIME_EXCEEDED,
} from '@labwire/core/wire';

/** What an ICMP error means to a socket. */
export interface IcmpErrno {
  readonly errno: Errno;
  /** Whether it ends an attempt to connect, and is told even to who did not ask for errors. */
  readonly fatal: boolean;
}

const of = (errno: Errno, fatal: boolean): IcmpErrno => Object.freeze({ errno, fatal });

/** By code of ICMP_DEST_UNREACH. Linux net/ipv4/icmp.c, icmp_err_convert[]. */
const UNREACH: readonly IcmpErrno[] = [
  of('ENETUNREACH', false),
  of('EHOSTUNREACH', false),
  of('ENOPROTOOPT', true),
  of('ECONNREFUSED', true),
  of('EMSGSIZE', false),
  of('EOPNOTSUPP', false),
  of('ENETUNREACH', true),
  of('EHOSTDOWN', true),
  of('ENONET', true),
  of('ENETUNREACH', true),
  of('EHOSTUNREACH', true),
  of('ENETUNREACH', false),
  of('EHOSTUNREACH', false),
  of('EHOSTUNREACH', true),
  of('EHOSTUNREACH', true),
  of('EHOSTUNREACH', true),
];
const TIME_EXCEEDED = of('EHOSTUNREACH', false);
const PARAMETERPROB = of('EPROTO', true);
const TOO_BIG = of('EMSGSIZE', true);

/** What an ICMP error means to a datagram socket; undefined if nothing. `__udp4_lib_err()` */
export function icmpErrno(type: number, code: number): IcmpErrno | undefined {
  switch (type) {
    case ICMP_TIME_EXCEEDED:
      return TIME_EXCEEDED;
    case ICMP_PARAMETERPROB:
      return PARAMETERPROB;
    case ICMP_DEST_UNREACH:
      return code === ICMP_FRAG_NEEDED ? TOO_BIG : UNREACH[code];
    default:
      return undefined;
  }
}

/** The same for TCP, to which a message that says "too big" is not an end. */
export function icmpErrnoTcp(type: number, code: number): IcmpErrno | undefined {
  if (type === ICMP_DEST_UNREACH) return UNREACH[code];
  return icmpErrno(type, code);
}
