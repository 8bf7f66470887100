import type { MacAddr } from '@labwire/core/addr';
import type { IfaceMatch } from '../../netfilter/xt/index.ts';
import type { Bits, EbtMatch, EbtWatcher, Is } from './match.ts';
import type { EbtAction, EbtTarget } from './target.ts';

/** One step of a rule on the way to its target. */
export type EbtStep = EbtMatch | EbtWatcher | EbtAction;

/** One rule of ebtables. Linux include/uapi/linux/netfilter_bridge/ebtables.h, `struct ebt_entry`. */
export interface EbtRule {
  /** An EtherType, or 0 for frames that have a length in its place. */
  readonly proto?: Is<number>;
  readonly src?: Is<Bits<MacAddr>>;
  readonly dst?: Is<Bits<MacAddr>>;
  /** The ports. */
  readonly iif?: IfaceMatch;
  readonly oif?: IfaceMatch;
  /** The bridges that they are of. */
  readonly logicalIn?: IfaceMatch;
  readonly logicalOut?: IfaceMatch;
  /** In the order in which they are gone through; what comes before the rule's counters. */
  readonly steps: readonly EbtStep[];
  readonly target: EbtTarget;
  readonly counters: { packets: number; bytes: number };
}

/** The tables, in the order in which they are saved. */
export const EBT_TABLE_NAMES = ['filter', 'nat'] as const;
export type EbtTableName = (typeof EBT_TABLE_NAMES)[number];

export type EbtHook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** The chains that every table has, in the order of listings. */
export const EBT_BASE_CHAINS: Readonly<Record<EbtTableName, readonly EbtHook[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'OUTPUT', 'POSTROUTING'],
};

/** What becomes of a frame at a chain's end. */
export type EbtPolicy = 'ACCEPT' | 'DROP' | 'RETURN';

/** A list of rules. */
export interface EbtChain {
  readonly name: string;
  policy: EbtPolicy;
  rules: EbtRule[];
}
