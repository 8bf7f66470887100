/** Tables, chains, rules and objects of nf_tables as data. Linux include/net/netfilter/nf_tables.h. */
import type { NftObjectType, NftSet } from './set.ts';
import type { NftCounter, NftLimit, NftQuota, NftStmt, NftSynproxy } from './stmt.ts';

/** The families of tables. */
export type NftFamily = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';
/** The types of base chains. */
export type NftChainType = 'filter' | 'nat' | 'route';
/** The places where a base chain may hang. */
export type NftHook =
  | 'prerouting'
  | 'input'
  | 'forward'
  | 'output'
  | 'postrouting'
  | 'ingress'
  | 'egress';

/** What makes a chain one that the kernel calls. `struct nft_base_chain` */
export interface NftBase {
  readonly type: NftChainType;
  readonly hook: NftHook;
  readonly priority: number;
  readonly devices: readonly string[];
  policy: 'accept' | 'drop';
  readonly offload?: boolean;
}

/** A rule. */
export interface NftRule {
  readonly handle: number;
  readonly stmts: readonly NftStmt[];
  readonly comment?: string;
}

/** A chain. */
export interface NftChain {
  name: string;
  readonly handle: number;
  readonly base?: NftBase;
  readonly comment?: string;
  readonly rules: NftRule[];
}

/** `struct nft_ct_helper_obj` */
export interface NftCtHelper {
  readonly kind: 'ct helper';
  readonly helper: string;
  readonly protocol: 'tcp' | 'udp';
  readonly l3proto: 'ip' | 'ip6' | 'inet';
}
/** `struct nft_ct_timeout_obj`; time-outs in seconds by state. */
export interface NftCtTimeout {
  readonly kind: 'ct timeout';
  readonly protocol: 'tcp' | 'udp';
  readonly l3proto: 'ip' | 'ip6' | 'inet';
  readonly policy: readonly (readonly [string, number])[];
}
/** `struct nft_ct_expect_obj` */
export interface NftCtExpectation {
  readonly kind: 'ct expectation';
  readonly protocol: 'tcp' | 'udp';
  readonly l3proto: 'ip' | 'ip6' | 'inet';
  readonly dport: number;
  /** In ms. */
  readonly timeout: number;
  readonly size: number;
}
/** `struct nft_secmark` */
export interface NftSecmark {
  readonly kind: 'secmark';
  readonly context: string;
}

/** What an object is. */
export type NftObjectData =
  | NftCounter
  | NftQuota
  | NftLimit
  | NftSynproxy
  | NftCtHelper
  | NftCtTimeout
  | NftCtExpectation
  | NftSecmark;

/** A named object. */
export interface NftObject {
  readonly name: string;
  readonly handle: number;
  readonly type: NftObjectType;
  readonly data: NftObjectData;
  readonly comment?: string;
}

/** `struct nft_flowtable` */
export interface NftFlowtable {
  readonly name: string;
  readonly handle: number;
  readonly priority: number;
  readonly devices: readonly string[];
  readonly counter: boolean;
  readonly offload: boolean;
}

/** A table. */
export interface NftTable {
  readonly family: NftFamily;
  readonly name: string;
  readonly handle: number;
  dormant: boolean;
  readonly comment?: string;
  readonly chains: Map<string, NftChain>;
  readonly sets: Map<string, NftSet>;
  /** By `type name`. */
  readonly objects: Map<string, NftObject>;
  readonly flowtables: Map<string, NftFlowtable>;
  /** The last handle given. */
  handles: number;
}
