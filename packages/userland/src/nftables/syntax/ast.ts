/** What is written, before types are known: expressions, statements and commands with their places. src/parser_bison.y */
import type {
  NftExpr,
  NftFamily,
  NftObjectData,
  NftObjectType,
  NftStmt,
} from '@labwire/devices/netfilter';
import type { Loc } from '../lex/index.ts';

/** An expression as written. */
export type Node = { readonly loc: Loc } & (
  | {
      readonly k: 'sym';
      readonly text: string;
      readonly form: 'number' | 'string' | 'quoted' | 'asterisk';
      /** A word that is a protocol's number whatever it is compared with. */
      readonly proto?: number;
    }
  | { readonly k: 'setref'; readonly name: string }
  | { readonly k: 'prim'; readonly expr: NftExpr }
  | {
      readonly k: 'jhash';
      readonly of: Node;
      readonly mod: number;
      readonly seed: number | undefined;
      readonly offset: number;
    }
  | { readonly k: 'concat'; readonly parts: readonly Node[] }
  | { readonly k: 'list'; readonly items: readonly Node[] }
  | { readonly k: 'range'; readonly from: Node; readonly to: Node }
  | { readonly k: 'prefix'; readonly base: Node; readonly len: number }
  | { readonly k: 'set'; readonly elements: readonly ElementNode[] }
  | { readonly k: 'map'; readonly key: Node; readonly to: Node }
  | {
      readonly k: 'binop';
      readonly op: '&' | '|' | '^' | '<<' | '>>';
      readonly left: Node;
      readonly right: Node;
    }
  | { readonly k: 'wild' }
  | {
      readonly k: 'verdict';
      readonly verdict: 'accept' | 'drop' | 'continue' | 'return' | 'jump' | 'goto';
      readonly chain?: string;
      readonly chainLoc?: Loc;
    }
  | { readonly k: 'boolean'; readonly value: boolean }
);

/** An element of a set as written. */
export interface ElementNode {
  readonly loc: Loc;
  readonly key: Node;
  readonly data?: Node;
  /** In ms. */
  readonly timeout?: number;
  readonly expires?: number;
  readonly comment?: string;
  readonly stmts: readonly StmtNode[];
}

/** A relation's sign; undefined: none was written. */
export type RelOp = '==' | '!=' | '<' | '>' | '<=' | '>=' | '!' | undefined;

/** A statement as written. */
export type StmtNode = { readonly loc: Loc } & (
  | {
      readonly s: 'match';
      readonly left: Node;
      readonly op: RelOp;
      readonly right: Node;
      /** `right / mask`: flags of which those of `mask` count. */
      readonly mask?: Node;
    }
  | { readonly s: 'verdict'; readonly expr: Node }
  | { readonly s: 'plain'; readonly stmt: NftStmt }
  | { readonly s: 'log'; readonly stmt: Extract<NftStmt, { kind: 'log' }>; readonly prefix?: Node }
  | {
      readonly s: 'reject';
      readonly with?: 'icmp' | 'icmpv6' | 'icmpx' | 'tcp reset';
      readonly code?: Node;
      readonly whatLoc?: Loc;
    }
  | {
      readonly s: 'nat';
      readonly type: 'snat' | 'dnat' | 'masquerade' | 'redirect';
      readonly family: 'ip' | 'ip6' | undefined;
      readonly addr?: Node;
      readonly port?: Node;
      readonly flags: readonly ('random' | 'fully-random' | 'persistent')[];
      readonly prefix: boolean;
      readonly interval: boolean;
    }
  | {
      readonly s: 'tproxy';
      readonly family: 'ip' | 'ip6' | undefined;
      readonly addr?: Node;
      readonly port?: Node;
    }
  | {
      readonly s: 'dup' | 'fwd';
      readonly to: Node;
      readonly dev?: Node;
      readonly family?: 'ip' | 'ip6';
    }
  | { readonly s: 'queue'; readonly num: Node | undefined; readonly flags: readonly string[] }
  | { readonly s: 'mangle'; readonly target: Node; readonly value: Node }
  | { readonly s: 'optstrip'; readonly option: Node }
  | {
      readonly s: 'set';
      readonly op: 'add' | 'update' | 'delete';
      readonly set: Node;
      readonly element: ElementNode;
      readonly data?: Node;
      readonly stmts: readonly StmtNode[];
      readonly meter?: { readonly name: string; readonly size: number | undefined };
    }
  | { readonly s: 'objref'; readonly type: NftObjectType; readonly object: Node }
);

/** A name and where it stands. */
export interface Ident {
  readonly text: string;
  readonly loc: Loc;
}

/** A number and where it stands. */
export interface NumberAt {
  readonly value: number;
  readonly loc: Loc;
}

/** What a chain's block or a set's block says, in the order of its lines. */
export interface ChainBlock {
  base?: {
    readonly type: Ident;
    readonly hook: Ident;
    readonly priority: Ident;
    readonly devices: readonly string[];
    readonly loc: Loc;
  };
  policy?: { readonly value: 'accept' | 'drop'; readonly loc: Loc };
  offload?: boolean;
  comment?: string;
  readonly rules: RuleNode[];
}

/** A rule as written. */
export interface RuleNode {
  readonly loc: Loc;
  readonly stmts: readonly StmtNode[];
  readonly comment?: string;
}

/** A set's or map's block. */
export interface SetBlock {
  readonly isMap: boolean;
  readonly loc: Loc;
  type?: readonly Ident[];
  typeof?: Node;
  dataType?: readonly Ident[];
  dataTypeof?: Node;
  dataInterval?: boolean;
  objectType?: NftObjectType;
  flags: readonly string[];
  timeout?: number;
  gcInterval?: number;
  size?: number;
  policy?: 'performance' | 'memory';
  autoMerge?: boolean;
  comment?: string;
  stmts: StmtNode[];
  elements?: Node;
}

/** A flowtable's block. */
export interface FlowtableBlock {
  hook?: Ident;
  priority?: Ident;
  devices: string[];
  counter: boolean;
  offload: boolean;
}

/** A table's block. */
export interface TableBlock {
  dormant: boolean;
  comment?: string;
  readonly commands: Command[];
}

/** What a command is about. */
export type Subject =
  | 'table'
  | 'chain'
  | 'rule'
  | 'set'
  | 'map'
  | 'element'
  | 'flowtable'
  | 'meter'
  | 'ruleset'
  | 'tables'
  | 'chains'
  | 'sets'
  | 'maps'
  | 'meters'
  | 'flowtables'
  | 'hooks'
  | 'object'
  | 'objects';

/** A command as written. */
export interface Command {
  readonly op:
    | 'add'
    | 'create'
    | 'insert'
    | 'replace'
    | 'delete'
    | 'get'
    | 'list'
    | 'reset'
    | 'flush'
    | 'rename'
    | 'describe'
    | 'monitor';
  readonly subject: Subject;
  readonly loc: Loc;
  /** undefined: any, where all tables are meant. */
  readonly family: NftFamily | undefined;
  readonly table?: Ident;
  /** The chain, set, object or flowtable. */
  readonly name?: Ident;
  readonly handle?: NumberAt;
  readonly position?: NumberAt;
  readonly index?: NumberAt;
  readonly rule?: RuleNode;
  readonly chain?: ChainBlock;
  readonly set?: SetBlock;
  readonly elements?: Node;
  readonly flowtable?: FlowtableBlock;
  readonly block?: TableBlock;
  readonly newName?: string;
  readonly objectType?: NftObjectType;
  readonly object?: NftObjectData;
  readonly comment?: string;
  readonly expr?: Node;
  /** What `monitor` tells of: what is made or what goes, and one kind of it. */
  readonly monitored?: {
    readonly only?: 'new' | 'destroy';
    readonly what?: string;
    readonly json?: boolean;
  };
}
