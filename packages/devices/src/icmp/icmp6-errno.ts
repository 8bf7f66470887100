import {
  ICMPV6_ADDR_UNREACH,
  ICMPV6_DEST_UNREACH,
  ICMPV6_NOROUTE,
  ICMPV6_NOT_NEIGHBOUR,
  ICMPV6_PARAMPROB,
  ICMPV6_PKT_TOOBIG,
  ICMPV6_PORT_UNREACH,
  ICMPV6_TIME_EXCEED,
} from '@labwire/core/wire';
import type { IcmpErrno } from './icmp-errno.ts';

const of = (errno: IcmpErrno['errno'], fatal: boolean): IcmpErrno =>
  Object.freeze({ errno, fatal });

/** By code of ICMPV6_DEST_UNREACH; later ones are the last. Linux net/ipv6/icmp.c, tab_unreach[]. */
const UNREACH: Readonly<Record<number, IcmpErrno>> = {
  [ICMPV6_NOROUTE]: of('ENETUNREACH', false),
  [ICMPV6_NOT_NEIGHBOUR]: of('EHOSTUNREACH', false),
  [ICMPV6_ADDR_UNREACH]: of('EHOSTUNREACH', false),
  [ICMPV6_PORT_UNREACH]: of('ECONNREFUSED', true),
};
const PROHIBITED = of('EACCES', true);
const TOO_BIG = of('EMSGSIZE', false);
const TIME_EXCEEDED = of('EHOSTUNREACH', false);
const PARAMETER_PROBLEM = of('EPROTO', true);

/** What an ICMPv6 error means to a socket; undefined if nothing. `icmpv6_err_convert()` */
export function icmp6Errno(type: number, code: number): IcmpErrno | undefined {
  switch (type) {
    case ICMPV6_DEST_UNREACH:
      return UNREACH[code] ?? PROHIBITED;
    case ICMPV6_PKT_TOOBIG:
      return TOO_BIG;
    case ICMPV6_TIME_EXCEED:
      return TIME_EXCEEDED;
    case ICMPV6_PARAMPROB:
      return PARAMETER_PROBLEM;
    default:
      return undefined;
  }
}
