/**
 * The tables of one family in one namespace: kept as plain data, compiled when a packet first meets them after a change.
 * Read beside Linux net/netfilter/x_tables.c and nf_tables_api.c; a table hangs on the hooks from its making on.
 */
import type { Tracepoint } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../../link/net-device.ts';
import type { Netns } from '../../netns/netns.ts';
import type { HookFn, HookList } from '../hook-list.ts';
import {
  NF_IP_PRI_FILTER,
  NF_IP_PRI_MANGLE,
  NF_IP_PRI_RAW,
  NF_IP_PRI_SECURITY,
} from '../priorities.ts';
import {
  type ChainProgram,
  type CompiledRule,
  compileChain,
  type RuleTrace,
} from './compile-chain.ts';
import { compileMatch } from './compile-match.ts';
import { compileTarget, type TargetEnv } from './compile-target.ts';
import { XtPacket } from './packet.ts';
import type { HookName, XtChain, XtRule, XtTable, XtTableName } from './rule.ts';
import { NF_ACCEPT, NF_DROP, XT_CONTINUE, XT_RETURN } from './verdict.ts';
import type { XtShared } from './xt-shared.ts';

/** The hooks in their numbers' order. */
export const HOOK_NAMES: readonly HookName[] = [
  'PREROUTING',
  'INPUT',
  'FORWARD',
  'OUTPUT',
  'POSTROUTING',
];

/** Which hooks a table has, and where on them it hangs. */
export const TABLE_HOOKS: Readonly<
  Record<XtTableName, { readonly hooks: readonly HookName[]; readonly priority: number }>
> = {
  raw: { hooks: ['PREROUTING', 'OUTPUT'], priority: NF_IP_PRI_RAW },
  mangle: {
    hooks: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
    priority: NF_IP_PRI_MANGLE,
  },
  nat: { hooks: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], priority: 0 },
  filter: { hooks: ['INPUT', 'FORWARD', 'OUTPUT'], priority: NF_IP_PRI_FILTER },
  security: { hooks: ['INPUT', 'FORWARD', 'OUTPUT'], priority: NF_IP_PRI_SECURITY },
};

/** An empty chain: a base chain if it has a policy. @param counted whether its policy's packets are counted */
export function newChain(name: string, policy: XtChain['policy'], counted: boolean): XtChain {
  return { name, policy, counters: { packets: 0, bytes: 0 }, counted, rules: [] };
}

/** A chain as a function; compiled when it is first called. */
class LiveChain {
  readonly chain: XtChain;
  readonly #compile: (chain: XtChain) => ChainProgram;
  #program: ChainProgram | null = null;

  constructor(chain: XtChain, compile: (chain: XtChain) => ChainProgram) {
    this.chain = chain;
    this.#compile = compile;
  }

  get program(): ChainProgram {
    this.#program ??= this.#compile(this.chain);
    return this.#program;
  }
}

/** A table with its programs; what hangs on the hooks. */
export class LiveTable implements HookFn {
  readonly table: XtTable;
  readonly #tables: XtTables;
  readonly #packet: XtPacket;
  readonly #handles = new WeakMap<object, number>();
  #lastHandle = 0;
  #chains = new Map<string, LiveChain>();

  constructor(tables: XtTables, table: XtTable) {
    this.#tables = tables;
    this.table = table;
    this.#packet = new XtPacket(tables.netns, table.family === 'inet6');
  }

  /**
   * Gives out handles: one to each of so many new chains, then one to each new rule. `nf_tables_alloc_handle()`
   * @param afresh the table is another than before, and begins with 1
   */
  number(afresh: boolean, chains: number, rules: readonly XtRule[]): void {
    this.#lastHandle = (afresh ? 0 : this.#lastHandle) + chains;
    for (const { counters } of rules) this.#handles.set(counters, ++this.#lastHandle);
  }

  /** The handle of a rule; 0 if it was never given one. */
  handleOf({ counters }: XtRule): number {
    return this.#handles.get(counters) ?? 0;
  }

  /** Forgets what was compiled: rules or chains have changed. Counters and the state of matches of rules that stay are theirs. */
  changed(): void {
    this.#chains = new Map();
    this.#tables.sweep();
  }

  /** The live form of a chain; it must exist. */
  chain(name: string): LiveChain {
    let live = this.#chains.get(name);
    if (live === undefined) {
      const chain = this.table.chains.get(name) as XtChain;
      live = new LiveChain(chain, (c) => this.#compile(c));
      this.#chains.set(name, live);
    }
    return live;
  }

  #compile(chain: XtChain): ChainProgram {
    const trace: RuleTrace = (p, rule, verdict) =>
      this.#tables.trace.emit(p, this.table, chain, rule, verdict);
    return compileChain(
      chain.rules.map((r) => this.#tables.compileRule(r, this)),
      trace,
    );
  }

  /** `ipt_do_table()`: NF_ACCEPT, NF_DROP or NF_STOLEN. */
  run(skb: SkBuff, hook: number, indev: NetDevice | null, outdev: NetDevice | null): number {
    const name = HOOK_NAMES[hook] as string;
    if (!this.table.chains.has(name)) return NF_ACCEPT;
    const chain = this.chain(name);
    const p = this.#packet;
    // of IPv6 only what rules say of a transport does not hold then
    if (!p.load(skb, hook, indev, outdev) && !p.isIpv6) return NF_DROP;
    return this.verdict(chain, p);
  }

  /** What a base chain says of a packet that has been looked at. */
  verdict(live: LiveChain, p: XtPacket): number {
    const verdict = live.program(p);
    if (verdict !== XT_CONTINUE && verdict !== XT_RETURN) return verdict;
    const { chain } = live;
    if (chain.counted) {
      chain.counters.packets++;
      chain.counters.bytes += p.len;
    }
    const end = chain.policy === 'DROP' ? NF_DROP : NF_ACCEPT;
    if (p.traced) this.#tables.trace.emit(p, this.table, chain, null, end);
    return end;
  }
}

/** Told of each rule that a traced packet meets, and at the end of the policy (rule null), with what it says. */
export type XtTrace = Tracepoint<
  [p: XtPacket, table: XtTable, chain: XtChain, rule: XtRule | null, verdict: number]
>;

/** The tables of one family in one namespace. */
export class XtTables {
  readonly netns: Netns;
  readonly isIpv6: boolean;
  readonly shared: XtShared;
  readonly trace: XtTrace;
  readonly #hooks: HookList;
  readonly #env: Omit<TargetEnv, 'chain'>;
  readonly #tables = new Map<XtTableName, LiveTable>();
  readonly #compiled = new WeakMap<XtRule, CompiledRule['matchers']>();

  constructor(
    netns: Netns,
    isIpv6: boolean,
    hooks: HookList,
    shared: XtShared,
    env: Omit<TargetEnv, 'chain'>,
    trace: XtTrace,
  ) {
    this.netns = netns;
    this.isIpv6 = isIpv6;
    this.trace = trace;
    this.#hooks = hooks;
    this.shared = shared;
    this.#env = env;
  }

  /** A table that exists. */
  get(name: XtTableName): LiveTable | undefined {
    return this.#tables.get(name);
  }

  /** The tables that exist, in the order of their making. */
  list(): XtTable[] {
    return [...this.#tables.values()].map((t) => t.table);
  }

  /**
   * A table; made if it does not exist, with empty base chains on `hooks`, and hung on all that it may have. `nat` hangs
   * where NAT puts it.
   */
  ensure(name: XtTableName, hooks: readonly HookName[] = TABLE_HOOKS[name].hooks): LiveTable {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const chains = new Map<string, XtChain>();
    for (const hook of hooks) chains.set(hook, newChain(hook, 'ACCEPT', true));
    const live = new LiveTable(this, { family: this.isIpv6 ? 'inet6' : 'inet', name, chains });
    this.#tables.set(name, live);
    if (name === 'nat') return live;
    const place = TABLE_HOOKS[name];
    for (const hook of place.hooks)
      this.#hooks.register(HOOK_NAMES.indexOf(hook), place.priority, live);
    return live;
  }

  /** Takes a table away, with all its chains. */
  remove(name: XtTableName): void {
    const live = this.#tables.get(name);
    if (live === undefined) return;
    this.#tables.delete(name);
    for (const hook of TABLE_HOOKS[name].hooks)
      this.#hooks.unregister(HOOK_NAMES.indexOf(hook), live);
    this.sweep();
  }

  /** @internal Forgets the state that matches of rules shared which are gone. */
  sweep(): void {
    this.shared.sweep(() => this.#rules());
  }

  *#rules(): Iterable<XtRule> {
    for (const { chains } of this.list()) for (const { rules } of chains.values()) yield* rules;
  }

  /** Whether there is something here to act on each match and the target of a rule. @throws KernelError EOPNOTSUPP, EINVAL */
  check(rule: XtRule): void {
    for (const m of rule.matches) compileMatch(m, this.shared);
    const nowhere = { program: () => XT_CONTINUE };
    if (rule.target !== undefined)
      compileTarget(rule.target, { ...this.#env, chain: () => nowhere });
  }

  /** @internal Makes a rule's functions; those of its matches once, since some keep state. */
  compileRule(rule: XtRule, table: LiveTable): CompiledRule {
    let matchers = this.#compiled.get(rule);
    if (matchers === undefined) {
      matchers = rule.matches.map((m) => compileMatch(m, this.shared));
      this.#compiled.set(rule, matchers);
    }
    const env: TargetEnv = { ...this.#env, chain: (name) => table.chain(name) };
    return {
      rule,
      matchers,
      action: rule.target === undefined ? null : compileTarget(rule.target, env),
    };
  }
}
