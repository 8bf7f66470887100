import type { Family, InetAddr } from '@labwire/devices/rtnetlink';

/** One end of what the command line says of a connection. */
export interface TupleWish {
  src?: InetAddr;
  dst?: InetAddr;
  proto?: number;
  sport?: number;
  dport?: number;
  /** The family that an address of this direction was given in. */
  family?: Family;
}

/** What the command line says of a connection; absent: nothing. `struct nf_conntrack` of libnetfilter_conntrack. */
export interface Template {
  readonly orig: TupleWish;
  readonly reply: TupleWish;
  readonly exp: TupleWish;
  readonly mask: TupleWish;
  icmpType?: number;
  icmpCode?: number;
  icmpId?: number;
  /** Seconds. */
  timeout?: number;
  /** IPS_* */
  status?: number;
  /** Bits of the status that must be as {@link status} says, or, if `-u` negates, that must not be set. */
  statusMask: number;
  /** State of TCP or SCTP, by number. */
  state?: number;
  /** Verification tags of SCTP, by direction. */
  vtags?: readonly [orig: number, reply: number];
  zone?: number;
  origZone?: number;
  replyZone?: number;
  id?: number;
  snat: { addr?: InetAddr; port?: number };
  dnat: { addr?: InetAddr; port?: number };
  mark: { value: number; mask: number };
  /** `--any-nat ADDRESS` writes over the address of the origin with what is no address: no comparison succeeds. */
  spoilt: boolean;
}

/** A template that says nothing. */
export function emptyTemplate(): Template {
  return {
    orig: {},
    reply: {},
    exp: {},
    mask: {},
    statusMask: 0,
    snat: {},
    dnat: {},
    mark: { value: 0, mask: 0 },
    spoilt: false,
  };
}
