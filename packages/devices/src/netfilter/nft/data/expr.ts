/**
 * Expressions of nf_tables rules as plain data, near what `nft -j` prints. Values are integers as a reader writes them
 * (network order of a header's field); a string is its bytes, filled up with zero bytes on the right.
 */
import type { NftSet } from './set.ts';

/** What an expression yields: the name of its data type (ipv4_addr, inet_service, mark …) and its width in bits. */
interface Typed {
  readonly type: string;
  readonly bits: number;
}

/** A constant. */
export interface NftValue extends Typed {
  readonly kind: 'value';
  readonly value: bigint;
}

/** All values whose first `len` bits are those of `value`. */
export interface NftPrefix extends Typed {
  readonly kind: 'prefix';
  readonly value: bigint;
  readonly len: number;
}

/** All values from one to another. */
export interface NftRange extends Typed {
  readonly kind: 'range';
  readonly from: bigint;
  readonly to: bigint;
}

/** Values side by side. */
export interface NftConcat extends Typed {
  readonly kind: 'concat';
  readonly parts: readonly NftExpr[];
}

/** The header that a payload expression counts from. `enum nft_payload_bases` */
export type NftPayloadBase = 'link' | 'network' | 'transport' | 'inner';

/** Bits of the packet. `nft_payload_eval()` */
export interface NftPayload extends Typed {
  readonly kind: 'payload';
  readonly base: NftPayloadBase;
  /** In bits from the base. */
  readonly offset: number;
  /** The header and its field, empty if given by offset. */
  readonly proto: string;
  readonly field: string;
}

/** What the kernel knows of the packet beside its bytes. `nft_meta_get_eval()` */
export interface NftMeta extends Typed {
  readonly kind: 'meta';
  readonly key: string;
}

/** What is known of the packet's connection. `nft_ct_get_eval()` */
export interface NftCt extends Typed {
  readonly kind: 'ct';
  readonly key: string;
  readonly dir?: 'original' | 'reply';
}

/** A field of an extension header or option, or whether it is there. `nft_exthdr_init()` */
export interface NftExthdr extends Typed {
  readonly kind: 'exthdr';
  readonly op: 'ipv6' | 'tcpopt' | 'ipopt' | 'sctp';
  /** The header's protocol number, or the option's kind. */
  readonly header: number;
  /** In bits from the header's start. */
  readonly offset: number;
  /** Only whether it is there. */
  readonly present: boolean;
  readonly name: string;
  readonly field: string;
}

/** `nft_rt_get_eval()` */
export interface NftRt extends Typed {
  readonly kind: 'rt';
  readonly key: 'classid' | 'nexthop' | 'mtu' | 'ipsec';
  readonly family?: 'ip' | 'ip6';
}

/** `nft_socket_eval()` */
export interface NftSocket extends Typed {
  readonly kind: 'socket';
  readonly key: 'transparent' | 'mark' | 'wildcard' | 'cgroupv2';
  readonly level?: number;
}

/** `nft_fib4_eval()` */
export interface NftFib extends Typed {
  readonly kind: 'fib';
  readonly flags: readonly ('saddr' | 'daddr' | 'mark' | 'iif' | 'oif')[];
  readonly result: 'oif' | 'oifname' | 'type';
  /** `oif exists`. */
  readonly present: boolean;
}

/** `nft_osf_eval()` */
export interface NftOsf extends Typed {
  readonly kind: 'osf';
  readonly ttl: 'loose' | 'skip' | undefined;
  readonly version: boolean;
}

/** `nft_ng_inc_eval()`, `nft_ng_random_eval()` */
export interface NftNumgen extends Typed {
  readonly kind: 'numgen';
  readonly mode: 'inc' | 'random';
  readonly mod: number;
  readonly offset: number;
}

/** `nft_jhash_eval()`, `nft_symhash_eval()` */
export interface NftHash extends Typed {
  readonly kind: 'hash';
  readonly hash: 'jhash' | 'symhash';
  readonly of: NftExpr | undefined;
  readonly mod: number;
  /** undefined: chosen by the kernel. */
  readonly seed: number | undefined;
  readonly offset: number;
}

/** IPsec. `nft_xfrm_get_eval()` */
export interface NftXfrm extends Typed {
  readonly kind: 'xfrm';
  readonly dir: 'in' | 'out';
  readonly spnum: number;
  readonly key: string;
}

/** `nft_bitwise_eval()` */
export interface NftBinop extends Typed {
  readonly kind: 'binop';
  readonly op: '&' | '|' | '^' | '<<' | '>>';
  readonly left: NftExpr;
  readonly right: NftExpr;
}

/** A set of its own in the rule: its elements are data. */
export interface NftSetLiteral extends Typed {
  readonly kind: 'set';
  readonly set: NftSet;
}

/** A set of the table by name. */
export interface NftSetRef extends Typed {
  readonly kind: 'setref';
  readonly name: string;
}

/** What a map has for a key. `nft_lookup_eval()` */
export interface NftMap extends Typed {
  readonly kind: 'map';
  readonly key: NftExpr;
  readonly map: NftSetLiteral | NftSetRef;
}

/** `struct nft_verdict` */
export interface NftVerdict extends Typed {
  readonly kind: 'verdict';
  readonly verdict: 'accept' | 'drop' | 'continue' | 'return' | 'jump' | 'goto';
  /** Follows the chain when that is renamed. */
  chain?: string;
}

/** Any expression. */
export type NftExpr =
  | NftValue
  | NftPrefix
  | NftRange
  | NftConcat
  | NftPayload
  | NftMeta
  | NftCt
  | NftExthdr
  | NftRt
  | NftSocket
  | NftFib
  | NftOsf
  | NftNumgen
  | NftHash
  | NftXfrm
  | NftBinop
  | NftSetLiteral
  | NftSetRef
  | NftMap
  | NftVerdict;
