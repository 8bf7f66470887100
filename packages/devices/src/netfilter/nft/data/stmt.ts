/** Statements of nf_tables rules as plain data; what a rule counts is in them. Linux net/netfilter/nft_*.c. */
import type { NftExpr, NftPayload, NftSetRef, NftValue, NftVerdict } from './expr.ts';
import type { NftObjectType } from './set.ts';

/** Compares; the rule ends where it does not hold. `any` and `none`: bits that both have. */
export interface NftMatch {
  readonly kind: 'match';
  readonly op: '==' | '!=' | '<' | '>' | '<=' | '>=' | 'any' | 'none';
  readonly left: NftExpr;
  readonly right: NftExpr;
  /** Another match of the rule implies it: not listed. */
  hidden?: boolean;
}
/** A verdict, or a verdict map. */
export interface NftVerdictStmt {
  readonly kind: 'verdict';
  readonly expr: NftVerdict | Extract<NftExpr, { kind: 'map' }>;
}
/** `nft_counter_do_eval()` */
export interface NftCounter {
  readonly kind: 'counter';
  packets: number;
  bytes: number;
}
/** `nft_quota_do_eval()`; bytes. */
export interface NftQuota {
  readonly kind: 'quota';
  readonly over: boolean;
  readonly bytes: number;
  used: number;
}
/** `nft_limit_eval()`: `rate` per `unit` seconds. */
export interface NftLimit {
  readonly kind: 'limit';
  readonly over: boolean;
  readonly of: 'packets' | 'bytes';
  readonly rate: number;
  readonly unit: number;
  readonly burst: number;
  tokens?: number;
  last?: number;
}
/** `nft_connlimit_do_eval()` */
export interface NftCtCount {
  readonly kind: 'ct count';
  readonly over: boolean;
  readonly count: number;
}
/** `nft_last_eval()` */
export interface NftLast {
  readonly kind: 'last';
  /** Simulated time; undefined: never. */
  used?: number;
}
/** `nft_log_eval()` */
export interface NftLog {
  readonly kind: 'log';
  readonly prefix?: string;
  /** 0 emerg to 7 debug, 8 audit. */
  readonly level?: number;
  readonly flags: readonly string[];
  readonly group?: number;
  readonly snaplen?: number;
  readonly queueThreshold?: number;
}
/** `nft_reject_validate()` */
export interface NftReject {
  readonly kind: 'reject';
  readonly with: 'icmp' | 'icmpv6' | 'icmpx' | 'tcp reset';
  readonly code: number;
  /** In a table of more than one family, where the default is told too. */
  readonly inFull?: boolean;
}
/** Addresses and ports of a translation: values, ranges, prefixes or what yields them. `nft_nat_eval()` */
export interface NftNat {
  readonly kind: 'nat';
  readonly type: 'snat' | 'dnat' | 'masquerade' | 'redirect';
  /** Of the addresses. */
  readonly family: 'ip' | 'ip6' | undefined;
  readonly addr?: NftExpr;
  readonly port?: NftExpr;
  readonly flags: readonly ('random' | 'fully-random' | 'persistent')[];
  /** `addr` yields an address and a port. */
  readonly concat?: boolean;
  readonly prefix?: boolean;
  readonly interval?: boolean;
}
/** `nft_tproxy_eval_v4()` */
export interface NftTproxy {
  readonly kind: 'tproxy';
  readonly family: 'ip' | 'ip6' | undefined;
  readonly addr?: NftExpr;
  readonly port?: NftExpr;
}
/** `nft_dup_ipv4_eval()`, `nft_fwd_netdev_eval()` */
export interface NftDupFwd {
  readonly kind: 'dup' | 'fwd';
  readonly to: NftExpr;
  readonly dev?: NftExpr;
  readonly family?: 'ip' | 'ip6';
}
/** `nft_queue_eval()` */
export interface NftQueue {
  readonly kind: 'queue';
  readonly num: NftExpr | undefined;
  readonly flags: readonly string[];
}
/** `nft_notrack_eval()` */
export interface NftNotrack {
  readonly kind: 'notrack';
}
/** Writes to the packet, its metadata or its connection. */
export interface NftMangle {
  readonly kind: 'mangle';
  readonly target: NftPayload | Extract<NftExpr, { kind: 'meta' | 'ct' | 'exthdr' }>;
  readonly value: NftExpr;
}
/** `reset tcp option`. `nft_exthdr_tcp_strip_eval()` */
export interface NftOptstrip {
  readonly kind: 'optstrip';
  readonly option: Extract<NftExpr, { kind: 'exthdr' }>;
}
/** `nft_dynset_eval()` */
export interface NftSetUpdate {
  readonly kind: 'set';
  readonly op: 'add' | 'update' | 'delete';
  readonly set: NftSetRef;
  readonly key: NftExpr;
  readonly data?: NftExpr;
  /** In ms. */
  readonly timeout?: number;
  readonly stmts: readonly NftStmt[];
  readonly comment?: string;
  /** Written as `meter NAME { … }`. */
  readonly meter?: { readonly size: number | undefined };
}
/** `nft_objref_eval()` */
export interface NftObjref {
  readonly kind: 'objref';
  readonly type: NftObjectType;
  /** A name, or a map that yields one. */
  readonly object: NftExpr;
}
/** `nft_synproxy_do_eval()` */
export interface NftSynproxy {
  readonly kind: 'synproxy';
  readonly mss?: number;
  readonly wscale?: number;
  readonly timestamp: boolean;
  readonly sackPerm: boolean;
}
/** `nft_flow_offload_eval()` */
export interface NftFlowOffload {
  readonly kind: 'flow add';
  readonly flowtable: string;
}
/** A rule of another program, as listings show it. */
export interface NftXt {
  readonly kind: 'xt';
  readonly text: string;
}
/** Any statement. */
export type NftStmt =
  | NftMatch
  | NftVerdictStmt
  | NftCounter
  | NftQuota
  | NftLimit
  | NftCtCount
  | NftLast
  | NftLog
  | NftReject
  | NftNat
  | NftTproxy
  | NftDupFwd
  | NftQueue
  | NftNotrack
  | NftMangle
  | NftOptstrip
  | NftSetUpdate
  | NftObjref
  | NftSynproxy
  | NftFlowOffload
  | NftXt;

/** A number that a statement was given, as an expression. */
export type NftConstant = NftValue;
