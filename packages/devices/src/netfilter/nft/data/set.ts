/** Sets and maps of nf_tables as data. Linux net/netfilter/nf_tables_api.c, `struct nft_set`. */
import type { NftExpr } from './expr.ts';
import type { NftStmt } from './stmt.ts';

/** The values of one part of a key: from `lo` to `hi`, both in. */
export interface NftInterval {
  readonly lo: bigint;
  readonly hi: bigint;
}

/** A data type and its width in bits. */
export interface NftKeyPart {
  readonly type: string;
  readonly bits: number;
}

/** One element of a set. */
export interface NftElement {
  /** One interval per part of the key; empty for the element that catches all (`*`). */
  readonly key: readonly NftInterval[];
  /** What a map has for it: a value, a concatenation, a range of values or a verdict. */
  readonly data?: NftExpr;
  /** The object that a map of objects has for it. */
  readonly object?: string;
  /** In ms; undefined: the set's. */
  readonly timeout?: number;
  /** Simulated time in Nanos at which it goes; undefined: never. */
  expires?: number;
  readonly comment?: string;
  /** Counters, limits and the like of its own. */
  readonly stmts: readonly NftStmt[];
}

/** A set or a map. */
export interface NftSet {
  readonly name: string;
  handle: number;
  readonly anonymous: boolean;
  /** Made by a `meter` statement. */
  readonly meter?: boolean;
  readonly key: readonly NftKeyPart[];
  /** The expressions that it was declared with (`typeof`), as they are printed. */
  readonly typeof?: string;
  readonly typeofData?: string;
  /** A map: what it has for its keys. */
  readonly data?: readonly NftKeyPart[];
  /** A map to ranges of values. */
  readonly dataInterval?: boolean;
  /** A map to objects of this type. */
  readonly objectType?: NftObjectType;
  readonly constant: boolean;
  readonly interval: boolean;
  readonly dynamic: boolean;
  /** `flags timeout`. */
  readonly hasTimeout: boolean;
  /** In ms. */
  readonly timeout?: number;
  readonly gcInterval?: number;
  readonly size?: number;
  readonly policy?: 'performance' | 'memory';
  readonly autoMerge: boolean;
  readonly comment?: string;
  /** What each element of it gets. */
  readonly stmts: readonly NftStmt[];
  readonly elements: Map<string, NftElement>;
  /** Counts the changes of `elements`. */
  version: number;
}

/** The types of named objects. */
export type NftObjectType =
  | 'counter'
  | 'quota'
  | 'limit'
  | 'ct helper'
  | 'ct timeout'
  | 'ct expectation'
  | 'synproxy'
  | 'secmark';

/** The name of an element within its set. */
export function elementName(key: readonly NftInterval[]): string {
  if (key.length === 0) return '*';
  return key.map((k) => `${k.lo.toString(16)}-${k.hi.toString(16)}`).join('.');
}
