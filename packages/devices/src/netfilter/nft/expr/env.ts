import type { Netfilter } from '../../netfilter.ts';
import type { NftExpr, NftSet, NftStmt, NftTable } from '../data/index.ts';
import type { NftPacket } from '../eval/packet.ts';
import type { SetIndexes } from '../set/index.ts';
import type { Loader } from './loader.ts';

/** What a statement does: a verdict, or NFT_CONTINUE or NFT_BREAK. */
export type Step = (p: NftPacket) => number;

/** What expressions and statements need of the table that they are in. */
export interface CompileEnv {
  readonly netfilter: Netfilter;
  readonly table: NftTable;
  readonly indexes: SetIndexes;
  /** The set that a rule names, or the rule's own. */
  setOf(e: Extract<NftExpr, { kind: 'set' | 'setref' }>): NftSet;
  loader(e: NftExpr): Loader;
  step(s: NftStmt): Step;
  /** A chain as a function that is looked up when it is first called. */
  chain(name: string): Step;
}
