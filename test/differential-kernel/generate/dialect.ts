import type { Dice } from './dice.ts';
import type { Maker } from './matches.ts';

type Weighted<T> = readonly (readonly [weight: number, T])[];

/** How the rules of one family are worded. */
export interface Dialect {
  readonly protocols: Weighted<string>;
  readonly icmp: {
    readonly protocol: string;
    /** The match of its types, and its option. */
    readonly module: string;
    readonly option: string;
    readonly types: readonly string[];
  };
  /** Matches of any protocol. */
  readonly any: Weighted<Maker>;
  /** A match beside all others; empty for none. */
  rare(dice: Dice): string;
  /** Matches for where packets come in. */
  readonly early: readonly string[];
  /** Codes of REJECT. */
  readonly rejects: readonly string[];
  /** Targets of the mangle table that set the time to live or hop limit. */
  readonly hops: readonly string[];
  /** Targets of the mangle table for TCP alone. */
  readonly tcpTargets: readonly string[];
  /** Prefixes for NETMAP. */
  readonly netmaps: readonly string[];
  /** An address with ports behind it. */
  withPorts(addresses: string, ports: string): string;
  /** Addresses around one. */
  range(dice: Dice, addr: string): string;
}
