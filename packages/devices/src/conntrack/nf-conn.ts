import type { Nanos } from '@labwire/core/sim';
import type { InetAddr } from '../rtnetlink/types.ts';

/** How a packet stands to its connection: `skb.ctinfo`. Linux nf_conntrack_common.h, `enum ip_conntrack_info`. */
export const IP_CT_ESTABLISHED = 0;
export const IP_CT_RELATED = 1;
export const IP_CT_NEW = 2;
/** Added for packets in the reply direction. */
export const IP_CT_IS_REPLY = 3;
export const IP_CT_ESTABLISHED_REPLY = 3;
export const IP_CT_RELATED_REPLY = 4;
/** Notrack was asked for: `skb.ct` is null. */
export const IP_CT_UNTRACKED = 7;

/** Bits of {@link NfConn.status}. `enum ip_conntrack_status` */
export const IPS_EXPECTED = 1 << 0;
export const IPS_SEEN_REPLY = 1 << 1;
export const IPS_ASSURED = 1 << 2;
export const IPS_CONFIRMED = 1 << 3;
export const IPS_SRC_NAT = 1 << 4;
export const IPS_DST_NAT = 1 << 5;
export const IPS_SEQ_ADJUST = 1 << 6;
export const IPS_SRC_NAT_DONE = 1 << 7;
export const IPS_DST_NAT_DONE = 1 << 8;
export const IPS_DYING = 1 << 9;
export const IPS_FIXED_TIMEOUT = 1 << 10;
export const IPS_TEMPLATE = 1 << 11;
export const IPS_UNTRACKED = 1 << 12;
export const IPS_HELPER = 1 << 13;

/** Directions of a connection. */
export const IP_CT_DIR_ORIGINAL = 0;
export const IP_CT_DIR_REPLY = 1;

/** The direction of a packet. `CTINFO2DIR()` */
export function ctDir(ctinfo: number): 0 | 1 {
  return ctinfo >= IP_CT_IS_REPLY && ctinfo !== IP_CT_UNTRACKED ? 1 : 0;
}

/**
 * Who talks to whom, in one direction. Linux `struct nf_conntrack_tuple`.
 * ICMP: `sport` is the identifier, `dport` is type × 256 + code; protocols without ports have 0.
 */
export interface Tuple {
  readonly src: InetAddr;
  readonly dst: InetAddr;
  /** IPPROTO_* */
  readonly proto: number;
  readonly sport: number;
  readonly dport: number;
}

/** Packets and bytes of one direction. */
export interface ConnCounters {
  packets: number;
  bytes: number;
}

/** A tracked connection. Linux `struct nf_conn`. */
export class NfConn {
  orig: Tuple;
  reply: Tuple;
  /** IPS_* */
  status = 0;
  /** CONNMARK */
  mark = 0;
  zone: number;
  /** When it ends unless a packet comes; Nanos since the start. */
  expires: Nanos = 0;
  /** State of its protocol: TCP's TCP_CONNTRACK_*, UDP's stream flag. */
  protoState = 0;
  /** nf_conntrack_acct: null while accounting is off. */
  counters: readonly [orig: ConnCounters, reply: ConnCounters] | null = null;
  /** The connection that expected this one. */
  master: NfConn | null = null;
  /** Name of the helper that reads along. */
  helper: string | null = null;
  /** connlabel bits. */
  labels = 0n;
  /** Device of MASQUERADE, whose going ends the mapping. */
  masqIndex = 0;
  /** What its protocol's tracker remembers: TCP's windows. */
  proto: unknown = null;
  /** What NAT remembers: sequence adjustments. */
  nat: unknown = null;
  /** Number in `conntrack -L -o id`. */
  id = 0;

  constructor(orig: Tuple, reply: Tuple, zone: number) {
    this.orig = orig;
    this.reply = reply;
    this.zone = zone;
  }
}
