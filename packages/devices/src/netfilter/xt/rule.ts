import type { Family } from '../../rtnetlink/types.ts';
import type { IfaceMatch, Masked, XtMatch } from './match.ts';
import type { XtTarget } from './target.ts';

/** The tables of xtables, by family the same. */
export type XtTableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';
/** The chains that the kernel calls. */
export type HookName = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** A rule as plain data; what iptables-save prints of it and what the compiler reads. `counters` move as packets pass. */
export interface XtRule {
  readonly src?: Masked & { readonly invert: boolean };
  readonly dst?: Masked & { readonly invert: boolean };
  readonly iif?: IfaceMatch;
  readonly oif?: IfaceMatch;
  /** Absent: any. */
  readonly proto?: { readonly number: number; readonly invert: boolean };
  /** `-f`: second and further fragments (IPv4 only). */
  readonly fragment?: { readonly invert: boolean };
  /** In the order in which they were given, which is the order in which they are asked. */
  readonly matches: readonly XtMatch[];
  /** Absent: only counts. */
  readonly target: XtTarget | undefined;
  readonly counters: { packets: number; bytes: number };
}

/** A chain: a base chain has a hook's name and a policy. */
export interface XtChain {
  readonly name: string;
  /** undefined for a user's chain. */
  policy: 'ACCEPT' | 'DROP' | undefined;
  /** What its policy has decided. */
  counters: { packets: number; bytes: number };
  /** Whether `counters` move: not before something has set the policy or the counters. `struct nft_base_chain`, stats */
  counted: boolean;
  readonly rules: XtRule[];
}

/** A table of one family in one namespace. Chains in order of their making, base chains in hook order first. */
export interface XtTable {
  readonly family: Family;
  readonly name: XtTableName;
  readonly chains: Map<string, XtChain>;
}
