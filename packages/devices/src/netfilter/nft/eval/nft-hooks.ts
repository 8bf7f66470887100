/**
 * Hangs the base chains of a namespace's tables on the hooks of IPv4, IPv6 and bridges, anew after each change.
 * Linux net/netfilter/nf_tables_api.c, nf_tables_register_hook(); nft_chain_filter.c
 */
import type { Family } from '../../../rtnetlink/types.ts';
import { type HookFn, HookList } from '../../hook-list.ts';
import type { Netfilter } from '../../netfilter.ts';
import { NfTables } from '../api/index.ts';
import { walkStmt } from '../api/references.ts';
import type { NftChain, NftHook, NftRule, NftStmt, NftTable } from '../data/index.ts';
import type { Step } from '../expr/index.ts';
import { SetIndexes } from '../set/index.ts';
import { BaseChainHook, BridgeChainHook, TableProgram } from './chain.ts';
import { NftPacket } from './packet.ts';

const HOOK_NUMBERS: readonly NftHook[] = [
  'prerouting',
  'input',
  'forward',
  'output',
  'postrouting',
];

/** Something on a hook, to be taken off again. */
interface Hung {
  readonly list: HookList;
  readonly hook: number;
  readonly fn: HookFn;
}

/** A chain of a NAT type: asked in order of priority until one has spoken. */
export interface NatChainHook {
  readonly priority: number;
  readonly fn: BaseChainHook;
}

function usesConntrack(s: NftStmt): boolean {
  if (
    s.kind === 'nat' ||
    s.kind === 'ct count' ||
    s.kind === 'notrack' ||
    (s.kind === 'objref' && s.type.startsWith('ct '))
  )
    return true;
  let uses = false;
  walkStmt(s, (e) => {
    if (e.kind === 'ct') uses = true;
  });
  return uses;
}

/** nf_tables of one namespace: its tables, and what of them hangs on hooks. */
export class NftHooks {
  readonly tables: NfTables;
  readonly #netfilter: Netfilter;
  readonly #indexes = new SetIndexes();
  readonly #rules = new WeakMap<NftRule, Step>();
  #hung: Hung[] = [];
  /** By hook and family. */
  readonly nat: { readonly inet: NatChainHook[][]; readonly inet6: NatChainHook[][] } = {
    inet: HOOK_NUMBERS.map(() => []),
    inet6: HOOK_NUMBERS.map(() => []),
  };

  constructor(netfilter: Netfilter) {
    this.#netfilter = netfilter;
    this.tables = new NfTables(
      () => this.#rehang(),
      (s, t) => this.#check(s, t),
    );
  }

  /** Whether there is something here to act on a statement. @throws KernelError EOPNOTSUPP */
  #check(s: NftStmt, t: NftTable): void {
    new TableProgram(this.#netfilter, t, new SetIndexes(), new WeakMap()).step(s);
  }

  #rehang(): void {
    for (const { list, hook, fn } of this.#hung) list.unregister(hook, fn);
    this.#hung = [];
    for (const list of [...this.nat.inet, ...this.nat.inet6]) list.length = 0;
    for (const t of this.tables.tables) if (!t.dormant) this.#hangTable(t);
    this.#netfilter.install();
  }

  #hangTable(t: NftTable): void {
    const program = new TableProgram(this.#netfilter, t, this.#indexes, this.#rules);
    const families = this.#familiesOf(t);
    const tracked = [...t.chains.values()].some((c) =>
      c.rules.some((r) => r.stmts.some(usesConntrack)),
    );
    if (tracked) for (const f of families) this.#netfilter.track(f);
    for (const c of t.chains.values()) {
      if (c.base === undefined) continue;
      for (const f of families) this.#hang(f, program, c);
      if (t.family === 'bridge') this.#hangBridge(program, c);
    }
  }

  #familiesOf(t: NftTable): readonly Family[] {
    if (t.family === 'inet') return ['inet', 'inet6'];
    if (t.family === 'ip') return ['inet'];
    return t.family === 'ip6' ? ['inet6'] : [];
  }

  #hang(family: Family, program: TableProgram, c: NftChain): void {
    const { netns } = this.#netfilter;
    const packet = new NftPacket(netns, family === 'inet6');
    const fn = new BaseChainHook(program, c, packet);
    const { hook, priority, type } = fn.base;
    const number = HOOK_NUMBERS.indexOf(hook);
    if (number < 0) return;
    if (type === 'nat') {
      this.#netfilter.hangNat(family);
      insert(this.nat[family][number] as NatChainHook[], { priority, fn });
      return;
    }
    if (type === 'route') this.#netfilter.hangReroute(family);
    this.#register(this.#netfilter.hooks(family), number, priority, fn);
  }

  #register(list: HookList, hook: number, priority: number, fn: HookFn): void {
    list.register(hook, priority, fn);
    this.#hung.push({ list, hook, fn });
  }

  #hangBridge(program: TableProgram, c: NftChain): void {
    const { netns } = this.#netfilter;
    const fn = new BridgeChainHook(
      program,
      c,
      new NftPacket(netns, false),
      new NftPacket(netns, true),
    );
    const number = HOOK_NUMBERS.indexOf(fn.base.hook);
    if (number < 0) return;
    netns.bridgeHooks ??= new HookList(netns);
    this.#register(netns.bridgeHooks, number, fn.base.priority, fn);
  }
}

function insert(list: NatChainHook[], entry: NatChainHook): void {
  const at = list.findIndex((e) => e.priority > entry.priority);
  list.splice(at < 0 ? list.length : at, 0, entry);
}
