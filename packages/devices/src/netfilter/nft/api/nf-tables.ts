/**
 * The tables of nf_tables in one namespace and the requests that change them; a batch of requests is taken whole or not at
 * all. Read beside Linux net/netfilter/nf_tables_api.c, whose functions are named.
 */
import { KernelError } from '@labwire/core/error';
import type {
  NftBase,
  NftChain,
  NftChange,
  NftElement,
  NftEvent,
  NftFamily,
  NftFlowtable,
  NftListener,
  NftObject,
  NftObjectType,
  NftRule,
  NftSet,
  NftStmt,
  NftTable,
} from '../data/index.ts';
import { elementName } from '../data/index.ts';
import { checkBase } from './base-chain.ts';
import { addElement, deleteElement, flushElements } from './elements.ts';
import { NftFault } from './fault.ts';
import { chainInUse, jumpsTo, objectInUse, setInUse, walkStmt } from './references.ts';
import { UndoLog } from './undo.ts';
import { validateTable } from './validate.ts';

/** Where a rule goes: at the chain's end (`append`) or start, or after or before the rule with a handle. */
export interface RulePlace {
  readonly append: boolean;
  readonly handle?: number;
}

/** The tables of one namespace. */
export class NfTables {
  /** Who is told of batches that were taken: NFNLGRP_NFTABLES. */
  readonly listeners: Set<NftListener> = new Set<NftListener>();
  #events: NftEvent[] = [];
  #generation = 1;
  /** In the order of their making. */
  readonly tables: NftTable[] = [];
  #handles = 0;
  #undo = new UndoLog();
  readonly #touched = new Set<NftTable>();
  /** Told that a batch has changed something. */
  readonly #changed: () => void;
  /** Asked for every statement of a new rule: whether there is something here to act on it. */
  readonly #check: (stmt: NftStmt, table: NftTable) => void;

  constructor(changed: () => void, check: (stmt: NftStmt, table: NftTable) => void) {
    this.#changed = changed;
    this.#check = check;
  }

  /** A handle for a table. */
  nextHandle(): number {
    return ++this.#handles;
  }

  /** Does what `requests` does, or nothing of it. @param dryRun takes it back in any case (`nft -c`) @throws what it throws */
  batch(requests: () => void, dryRun = false): void {
    this.#undo = new UndoLog();
    this.#touched.clear();
    this.#events = [];
    try {
      requests();
      for (const t of this.#touched) if (this.tables.includes(t)) validateTable(t);
      if (dryRun) this.#undo.abort();
    } catch (e) {
      this.#undo.abort();
      throw e;
    }
    if (dryRun) return;
    this.#changed();
    if (this.#events.length === 0) return;
    this.#generation++;
    for (const tell of [...this.listeners]) tell(this.#events, this.#generation);
  }

  #note(op: NftEvent['op'], table: NftTable | undefined, change: NftChange): void {
    if (table !== undefined) this.#events.push({ op, table, ...change });
  }

  #tableOfChain(c: NftChain): NftTable | undefined {
    return this.tables.find((t) => t.chains.get(c.name) === c);
  }

  #tableOfSet(s: NftSet): NftTable | undefined {
    return this.tables.find((t) => t.sets.get(s.name) === s);
  }

  /** A table that exists. */
  find(family: NftFamily, name: string): NftTable | undefined {
    return this.tables.find((t) => t.family === family && t.name === name);
  }

  /** @throws NftFault ENOENT */
  table(family: NftFamily, name: string): NftTable {
    const t = this.find(family, name);
    if (t === undefined) throw new NftFault('ENOENT', 'table');
    this.#touched.add(t);
    return t;
  }

  /** `nf_tables_newtable()` @throws NftFault EEXIST */
  addTable(
    family: NftFamily,
    name: string,
    isNew: boolean,
    more: Pick<NftTable, 'dormant' | 'comment'>,
  ): void {
    const there = this.find(family, name);
    if (there !== undefined) {
      if (isNew) throw new NftFault('EEXIST', 'table');
      const was = there.dormant;
      there.dormant = more.dormant;
      this.#undo.add(() => {
        there.dormant = was;
      });
      return;
    }
    const table: NftTable = {
      family,
      name,
      handle: this.nextHandle(),
      ...more,
      chains: new Map(),
      sets: new Map(),
      objects: new Map(),
      flowtables: new Map(),
      handles: 0,
    };
    this.#undo.splice(this.tables, this.tables.length, 0, table);
    this.#note(isNew ? 'create' : 'add', table, { what: 'table' });
  }

  /** `nf_tables_deltable()` @throws NftFault ENOENT */
  deleteTable(family: NftFamily, name: string): void {
    this.#remove(this.table(family, name));
  }

  /** Deletes a table by its handle. @throws NftFault ENOENT */
  deleteTableHandle(family: NftFamily, handle: number): void {
    const t = this.tables.find((x) => x.family === family && x.handle === handle);
    if (t === undefined) throw new NftFault('ENOENT', 'handle');
    this.#remove(t);
  }

  /** `nft_flush_table()` */
  #remove(t: NftTable): void {
    for (const c of t.chains.values()) this.#noteRules(t, c);
    for (const set of t.sets.values()) this.#note('delete', t, { what: 'set', set });
    for (const flowtable of t.flowtables.values())
      this.#note('delete', t, { what: 'flowtable', flowtable });
    for (const object of t.objects.values()) this.#note('delete', t, { what: 'object', object });
    for (const chain of t.chains.values()) this.#note('delete', t, { what: 'chain', chain });
    this.#note('delete', t, { what: 'table' });
    this.#undo.splice(this.tables, this.tables.indexOf(t), 1);
  }

  /** Deletes all tables of a family, or of all. `nft_flush()` */
  flushTables(family: NftFamily | undefined): void {
    for (const t of [...this.tables])
      if (family === undefined || t.family === family) this.#remove(t);
  }

  /** @throws NftFault ENOENT */
  chain(t: NftTable, name: string): NftChain {
    const c = t.chains.get(name);
    if (c === undefined) throw new NftFault('ENOENT', 'chain');
    return c;
  }

  /** @throws NftFault ENOENT */
  chainByHandle(t: NftTable, handle: number): NftChain {
    for (const c of t.chains.values()) if (c.handle === handle) return c;
    throw new NftFault('ENOENT', 'handle');
  }

  /** `nf_tables_newchain()`; a chain that exists may get another policy. @throws NftFault EEXIST, EOPNOTSUPP, EBUSY */
  addChain(
    t: NftTable,
    name: string,
    base: NftBase | undefined,
    policy: 'accept' | 'drop' | undefined,
    isNew: boolean,
    comment?: string,
  ): NftChain {
    const there = t.chains.get(name);
    if (there !== undefined) {
      if (isNew) throw new NftFault('EEXIST', 'chain');
      this.#updateChain(there, base, policy);
      this.#note('add', t, { what: 'chain', chain: there });
      return there;
    }
    if (base !== undefined) checkBase(t.family, base);
    else if (policy !== undefined) throw new NftFault('EOPNOTSUPP', 'policy');
    const c: NftChain = {
      name,
      handle: ++t.handles,
      ...(base === undefined ? {} : { base }),
      ...(comment === undefined ? {} : { comment }),
      rules: [],
    };
    t.chains.set(name, c);
    this.#undo.add(() => void t.chains.delete(name));
    this.#note(isNew ? 'create' : 'add', t, { what: 'chain', chain: c });
    return c;
  }

  #updateChain(
    c: NftChain,
    base: NftBase | undefined,
    policy: 'accept' | 'drop' | undefined,
  ): void {
    const was = c.base;
    if (base !== undefined) {
      if (was === undefined) throw new NftFault('EEXIST', 'chain');
      if (was.type !== base.type || was.hook !== base.hook || was.priority !== base.priority)
        throw new NftFault('EEXIST', 'chain');
    }
    if (policy === undefined) return;
    if (was === undefined) throw new NftFault('EOPNOTSUPP', 'policy');
    const old = was.policy;
    was.policy = policy;
    this.#undo.add(() => {
      was.policy = old;
    });
  }

  /** `nf_tables_delchain()` @throws NftFault EBUSY if something jumps to it */
  deleteChain(t: NftTable, c: NftChain, attr: 'chain' | 'handle' = 'chain'): void {
    if (chainInUse(t, c)) throw new NftFault('EBUSY', attr);
    this.flushChain(c);
    this.#undo.put(t.chains, c.name, undefined);
    this.#note('delete', t, { what: 'chain', chain: c });
  }

  /** @throws NftFault EEXIST */
  renameChain(t: NftTable, c: NftChain, name: string): void {
    if (t.chains.has(name)) throw new NftFault('EEXIST', 'chain');
    const old = c.name;
    const entries = [...t.chains];
    t.chains.clear();
    c.name = name;
    for (const [k, v] of entries) t.chains.set(v === c ? name : k, v);
    const jumps = jumpsTo(t, old);
    for (const j of jumps) j.chain = name;
    this.#note('add', t, { what: 'chain', chain: c });
    this.#undo.add(() => {
      c.name = old;
      for (const j of jumps) j.chain = old;
      t.chains.clear();
      for (const [k, v] of entries) t.chains.set(k, v);
    });
  }

  /** Deletes all rules of a chain. */
  flushChain(c: NftChain): void {
    const t = this.#tableOfChain(c);
    if (t !== undefined) this.#noteRules(t, c);
    this.#undo.splice(c.rules, 0, c.rules.length);
  }

  #noteRules(t: NftTable, chain: NftChain): void {
    for (const rule of chain.rules) this.#note('delete', t, { what: 'rule', chain, rule });
  }

  /** `nf_tables_newrule()` @throws NftFault ENOENT (no rule with that handle), EOPNOTSUPP (a statement that is not done here) */
  addRule(
    t: NftTable,
    c: NftChain,
    stmts: readonly NftStmt[],
    comment: string | undefined,
    place: RulePlace,
  ): NftRule {
    let at = place.append ? c.rules.length : 0;
    if (place.handle !== undefined) {
      const found = c.rules.findIndex((r) => r.handle === place.handle);
      if (found < 0) throw new NftFault('ENOENT', 'position');
      at = place.append ? found + 1 : found;
    }
    const rule = this.#newRule(t, stmts, comment);
    this.#undo.splice(c.rules, at, 0, rule);
    this.#note(place.append ? 'add' : 'insert', t, { what: 'rule', chain: c, rule });
    return rule;
  }

  /** Puts another rule in a rule's place. @throws NftFault ENOENT */
  replaceRule(
    t: NftTable,
    c: NftChain,
    handle: number,
    stmts: readonly NftStmt[],
    comment: string | undefined,
  ): void {
    const at = c.rules.findIndex((r) => r.handle === handle);
    if (at < 0) throw new NftFault('ENOENT', 'handle');
    const old = c.rules[at] as NftRule;
    const rule = this.#newRule(t, stmts, comment, handle);
    this.#undo.splice(c.rules, at, 1, rule);
    const after = c.rules[at - 1]?.handle;
    this.#events.push({
      op: 'delete',
      table: t,
      what: 'rule',
      chain: c,
      rule: old,
      replaced: true,
    });
    this.#note('add', t, {
      what: 'rule',
      chain: c,
      rule,
      ...(after === undefined ? {} : { after }),
    });
  }

  #newRule(
    t: NftTable,
    stmts: readonly NftStmt[],
    comment: string | undefined,
    replaced?: number,
  ): NftRule {
    for (const s of stmts)
      walkStmt(s, (e) => {
        if (e.kind === 'set' && e.set.handle === 0) e.set.handle = ++t.handles;
      });
    const handle = replaced ?? ++t.handles; // taken even if the rule is then refused
    for (const [i, s] of stmts.entries()) {
      walkStmt(s, (e) => {
        if (e.kind === 'setref' && !t.sets.has(e.name)) throw new NftFault('ENOENT');
        if (e.kind === 'verdict' && e.chain !== undefined) {
          const to = t.chains.get(e.chain);
          if (to === undefined) throw new NftFault('ENOENT', undefined, undefined, i);
          if (to.base !== undefined) throw new NftFault('EOPNOTSUPP', undefined, undefined, i);
        }
      });
      this.#act(t, s, i);
    }
    return {
      handle,
      stmts,
      ...(comment === undefined ? {} : { comment }),
    };
  }

  /** @throws NftFault what is wrong with a statement, and with which */
  #act(t: NftTable, s: NftStmt, at: number): void {
    try {
      this.#check(s, t);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      throw new NftFault(e.errno, undefined, e.extack, at);
    }
  }

  /** @throws NftFault ENOENT */
  deleteRule(c: NftChain, handle: number): void {
    const at = c.rules.findIndex((r) => r.handle === handle);
    const rule = c.rules[at];
    if (rule === undefined) throw new NftFault('ENOENT', 'handle');
    this.#undo.splice(c.rules, at, 1);
    this.#note('delete', this.#tableOfChain(c), { what: 'rule', chain: c, rule });
  }

  /** @throws NftFault ENOENT */
  set(t: NftTable, name: string): NftSet {
    const s = t.sets.get(name);
    if (s === undefined) throw new NftFault('ENOENT', 'set');
    return s;
  }

  /** `nf_tables_newset()` @throws NftFault EEXIST */
  addSet(t: NftTable, set: NftSet, isNew: boolean): NftSet {
    const there = t.sets.get(set.name);
    if (there !== undefined) {
      const same = (a: NftSet['key'] | undefined, b: NftSet['key'] | undefined): boolean =>
        JSON.stringify(a) === JSON.stringify(b);
      if (
        isNew ||
        !same(there.key, set.key) ||
        !same(there.data, set.data) ||
        there.interval !== set.interval
      )
        throw new NftFault('EEXIST', 'set');
      this.#note('add', t, { what: 'set', set: there });
      return there;
    }
    set.handle = ++t.handles;
    t.sets.set(set.name, set);
    this.#undo.add(() => void t.sets.delete(set.name));
    this.#note(isNew ? 'create' : 'add', t, { what: 'set', set });
    return set;
  }

  /** @throws NftFault EBUSY */
  deleteSet(t: NftTable, set: NftSet, attr: 'set' | 'handle' = 'set'): void {
    if (setInUse(t, set)) throw new NftFault('EBUSY', attr);
    this.#undo.put(t.sets, set.name, undefined);
    this.#note('delete', t, { what: 'set', set });
  }

  /** See `addElement`. */
  addElement(t: NftTable, set: NftSet, e: NftElement, isNew: boolean): void {
    if (e.data?.kind === 'verdict' && e.data.chain !== undefined && !t.chains.has(e.data.chain))
      throw new NftFault('ENOENT');
    if (e.object !== undefined && !t.objects.has(`${set.objectType} ${e.object}`))
      throw new NftFault('ENOENT');
    const before = set.elements.size;
    addElement(set, e, isNew, this.#undo);
    if (set.elements.size > before)
      this.#note(isNew ? 'create' : 'add', t, { what: 'element', set, element: e });
  }

  /** See `deleteElement`. */
  deleteElement(set: NftSet, key: NftElement['key']): void {
    const element = set.elements.get(elementName(key));
    deleteElement(set, key, this.#undo);
    if (element !== undefined)
      this.#note('delete', this.#tableOfSet(set), { what: 'element', set, element });
  }

  /** Takes all elements of a set away. */
  flushSet(set: NftSet): void {
    const t = this.#tableOfSet(set);
    for (const element of set.elements.values())
      this.#note('delete', t, { what: 'element', set, element });
    flushElements(set, this.#undo);
  }

  /** @throws NftFault ENOENT */
  object(t: NftTable, type: NftObjectType, name: string): NftObject {
    const o = t.objects.get(`${type} ${name}`);
    if (o === undefined) throw new NftFault('ENOENT', 'object');
    return o;
  }

  /** `nf_tables_newobj()` @throws NftFault EEXIST */
  addObject(t: NftTable, object: Omit<NftObject, 'handle'>, isNew: boolean): void {
    const key = `${object.type} ${object.name}`;
    if (t.objects.has(key)) {
      if (isNew) throw new NftFault('EEXIST', 'object');
      return;
    }
    const made = { ...object, handle: ++t.handles };
    t.objects.set(key, made);
    this.#undo.add(() => void t.objects.delete(key));
    this.#note(isNew ? 'create' : 'add', t, { what: 'object', object: made });
  }

  /** @throws NftFault ENOENT, EBUSY */
  deleteObject(t: NftTable, type: NftObjectType, name: string): void {
    const object = this.object(t, type, name);
    if (objectInUse(t, type, name)) throw new NftFault('EBUSY', 'object');
    this.#undo.put(t.objects, `${type} ${name}`, undefined);
    this.#note('delete', t, { what: 'object', object });
  }

  /** `nf_tables_newflowtable()` @throws NftFault EEXIST */
  addFlowtable(t: NftTable, f: Omit<NftFlowtable, 'handle'>, isNew: boolean): void {
    if (t.flowtables.has(f.name)) {
      if (isNew) throw new NftFault('EEXIST', 'flowtable');
      return;
    }
    const flowtable = { ...f, handle: ++t.handles };
    t.flowtables.set(f.name, flowtable);
    this.#undo.add(() => void t.flowtables.delete(f.name));
    this.#note(isNew ? 'create' : 'add', t, { what: 'flowtable', flowtable });
  }

  /** @throws NftFault ENOENT, EBUSY */
  deleteFlowtable(t: NftTable, name: string): void {
    const flowtable = t.flowtables.get(name);
    if (flowtable === undefined) throw new NftFault('ENOENT', 'flowtable');
    for (const c of t.chains.values())
      for (const r of c.rules)
        if (r.stmts.some((s) => s.kind === 'flow add' && s.flowtable === name))
          throw new NftFault('EBUSY', 'flowtable');
    this.#undo.put(t.flowtables, name, undefined);
    this.#note('delete', t, { what: 'flowtable', flowtable });
  }
}
