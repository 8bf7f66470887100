/** What is known while a rule or a set's elements are given their types. src/evaluate.c, `struct eval_ctx` */
import type {
  NftExpr,
  NftFamily,
  NftMatch,
  NftSet,
  NftStmt,
  NftTable,
} from '@labwire/devices/netfilter';
import { type Loc, NftError } from '../lex/index.ts';
import type { Names } from '../type/index.ts';

/** The headers that a packet is known to have, by layer. `struct proto_ctx` */
export interface Protocols {
  link: string | undefined;
  network: string | undefined;
  transport: string | undefined;
  /** Where a set of them was asked for. */
  transports: string[];
  /** What said so. */
  linkLoc: Loc | undefined;
  networkLoc: Loc | undefined;
  transportLoc: Loc | undefined;
  /** VLAN headers seen. */
  vlans: number;
  icmpType: boolean;
}

/** The type that a constant is to have. */
export interface Want {
  readonly type: string;
  readonly bits: number;
  readonly max?: number;
}

const LINKS: Readonly<Record<NftFamily, string | undefined>> = {
  ip: undefined,
  ip6: undefined,
  inet: 'inet',
  arp: undefined,
  bridge: 'ether',
  netdev: 'netdev',
};

/** The state of one rule's evaluation. */
export class RuleContext {
  readonly family: NftFamily;
  readonly names: Names;
  readonly table: NftTable | undefined;
  /** Finds a set, and what to say if there is none. */
  readonly findSet: (name: string, loc: Loc) => NftSet;
  readonly protocols: Protocols;
  readonly stmts: NftStmt[] = [];
  /** Where the statements stand, or what of them the kernel could find fault with. */
  readonly places: Map<NftStmt, Loc> = new Map();

  constructor(
    family: NftFamily,
    names: Names,
    table: NftTable | undefined,
    findSet: (name: string, loc: Loc) => NftSet,
  ) {
    this.family = family;
    this.names = names;
    this.table = table;
    this.findSet = findSet;
    this.protocols = {
      link: LINKS[family],
      network: family === 'ip' || family === 'ip6' || family === 'arp' ? family : undefined,
      transport: undefined,
      transports: [],
      linkLoc: undefined,
      networkLoc: undefined,
      transportLoc: undefined,
      vlans: 0,
      icmpType: false,
    };
  }

  /** Adds a match that something else needs. */
  depend(left: NftExpr, value: number): void {
    const m: NftMatch = {
      kind: 'match',
      op: '==',
      left,
      right: { kind: 'value', type: left.type, bits: left.bits, value: BigInt(value) },
    };
    this.stmts.push(m);
  }
}

/** @throws NftError with a place */
export function fail(message: string, ...at: readonly Loc[]): never {
  throw new NftError(message, ...at);
}
