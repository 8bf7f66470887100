import type { Nanos } from '@labwire/core/sim';
import type { Tuple } from './tuple.ts';

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
export const IPS_EXPECTED: number = 1 << 0;
export const IPS_SEEN_REPLY: number = 1 << 1;
export const IPS_ASSURED: number = 1 << 2;
export const IPS_CONFIRMED: number = 1 << 3;
export const IPS_SRC_NAT: number = 1 << 4;
export const IPS_DST_NAT: number = 1 << 5;
export const IPS_SEQ_ADJUST: number = 1 << 6;
export const IPS_SRC_NAT_DONE: number = 1 << 7;
export const IPS_DST_NAT_DONE: number = 1 << 8;
export const IPS_DYING: number = 1 << 9;
export const IPS_FIXED_TIMEOUT: number = 1 << 10;
export const IPS_TEMPLATE: number = 1 << 11;
export const IPS_UNTRACKED: number = 1 << 12;
export const IPS_HELPER: number = 1 << 13;

/** Directions of a connection. */
export const IP_CT_DIR_ORIGINAL = 0;
export const IP_CT_DIR_REPLY = 1;

/** The direction of a packet. `CTINFO2DIR()` */
export function ctDir(ctinfo: number): 0 | 1 {
  return ctinfo >= IP_CT_IS_REPLY && ctinfo !== IP_CT_UNTRACKED ? 1 : 0;
}

/** What has happened to a connection since it was last told of: bits of {@link NfConn.pending}. `enum ip_conntrack_events` */
export const IPCT_NEW: number = 1 << 0;
export const IPCT_RELATED: number = 1 << 1;
export const IPCT_DESTROY: number = 1 << 2;
export const IPCT_REPLY: number = 1 << 3;
export const IPCT_ASSURED: number = 1 << 4;
export const IPCT_PROTOINFO: number = 1 << 5;
export const IPCT_HELPER: number = 1 << 6;
export const IPCT_MARK: number = 1 << 7;

/** Directions in which a zone counts, for {@link NfConn.zoneDirs}. `struct nf_conntrack_zone` */
export const ZONE_DIR_ORIG = 1;
export const ZONE_DIR_REPLY = 2;
export const ZONE_DIR_BOTH = 3;

/** The zone of one direction: 0 where it does not count. `nf_ct_zone_id()` */
export function zoneIn(zone: number, dirs: number, dir: 0 | 1): number {
  return (dirs & (1 << dir)) === 0 ? 0 : zone;
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
  /** ZONE_DIR_*: which directions {@link zone} is of. */
  zoneDirs: number;
  /** IPCT_*: what is to be told of it when its packet leaves. */
  pending = 0;
  /** IPCT_* that are told of it at all. `struct nf_conntrack_ecache` */
  eventMask = -1;
  /** When it ends unless a packet comes; Nanos since the start. */
  expires: Nanos = 0;
  /** When it began, Nanos since the start. nf_conntrack_timestamp */
  startedAt: Nanos = 0;
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
  /** Its places in the table, by direction. */
  readonly hashes: readonly [orig: TupleHash, reply: TupleHash];
  /** The next in NAT's list of connections by source. */
  nextBySource: NfConn | null = null;

  constructor(orig: Tuple, reply: Tuple, zone: number, zoneDirs: number = ZONE_DIR_BOTH) {
    this.orig = orig;
    this.reply = reply;
    this.zone = zone;
    this.zoneDirs = zoneDirs;
    this.hashes = [new TupleHash(this, 0), new TupleHash(this, 1)];
  }

  /** The tuple of a direction. */
  tuple(dir: 0 | 1): Tuple {
    return dir === 0 ? this.orig : this.reply;
  }

  /** The zone of a direction. */
  zoneOf(dir: 0 | 1): number {
    return zoneIn(this.zone, this.zoneDirs, dir);
  }

  /** Whether it is IPv6. */
  get isIpv6(): boolean {
    return typeof this.orig.src !== 'number';
  }
}

/** One direction of a connection, as the table holds it. `struct nf_conntrack_tuple_hash` */
export class TupleHash {
  readonly ct: NfConn;
  readonly dir: 0 | 1;
  hash = 0;
  next: TupleHash | null = null;

  constructor(ct: NfConn, dir: 0 | 1) {
    this.ct = ct;
    this.dir = dir;
  }
}
