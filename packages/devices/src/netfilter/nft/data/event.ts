/** What nf_tables tells of its changes. Linux net/netfilter/nf_tables_api.c, the notify functions. */
import type { NftElement, NftSet } from './set.ts';
import type { NftChain, NftFlowtable, NftObject, NftRule, NftTable } from './table.ts';

/** What has changed in a table. */
export type NftChange =
  | { readonly what: 'table' }
  | { readonly what: 'chain'; readonly chain: NftChain }
  | {
      readonly what: 'rule';
      readonly chain: NftChain;
      readonly rule: NftRule;
      /** The handle of the rule before one that took another's place. */
      readonly after?: number;
    }
  | { readonly what: 'set'; readonly set: NftSet }
  | { readonly what: 'element'; readonly set: NftSet; readonly element: NftElement }
  | { readonly what: 'object'; readonly object: NftObject }
  | { readonly what: 'flowtable'; readonly flowtable: NftFlowtable };

/** A change that a batch has made. */
export type NftEvent = NftChange & {
  readonly op: 'add' | 'create' | 'insert' | 'delete';
  readonly table: NftTable;
  /** It makes room for another in the same batch: `replace`. */
  readonly replaced?: boolean;
};

/** Hears of a batch that was taken. @param generation how many there have been, from 2 on */
export type NftListener = (events: readonly NftEvent[], generation: number) => void;
