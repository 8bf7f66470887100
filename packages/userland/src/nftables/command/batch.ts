/** Commands that change something. src/evaluate.c, cmd_evaluate(); src/rule.c, do_command() */
import { KernelError } from '@labwire/core/error';
import {
  getElement,
  type Netfilter,
  type NfTables,
  type NftBase,
  type NftChainType,
  type NftElement,
  type NftFamily,
  NftFault,
  type NftHook,
  type NftObject,
  type NftSet,
  type NftStmt,
  type NftTable,
} from '@labwire/devices/netfilter';
import { elementKey, elementsOf, evaluateRule, RuleContext } from '../evaluate/index.ts';
import { type Loc, NftError } from '../lex/index.ts';
import type { ChainBlock, Command, Ident, Node, RuleNode, SetBlock } from '../parse/index.ts';
import { namedPriorities } from '../print/index.ts';
import type { Names, Style } from '../type/index.ts';
import { dropXtTables, flushXt } from '../xtables/index.ts';
import { hintFor, kernelError } from './complain.ts';
import { describe } from './describe.ts';
import { addMeters, around, overlapping, setOf } from './set.ts';

const HOOKS: readonly string[] = [
  'ingress',
  'egress',
  'prerouting',
  'input',
  'forward',
  'postrouting',
  'output',
];
const TYPES: readonly string[] = ['filter', 'nat', 'route'];
const ENOENT = 'No such file or directory';

/** Whether a set has an element of just these bounds. */
function hasElement(set: NftSet, key: NftElement['key']): boolean {
  const same = (e: NftElement): boolean =>
    e.key.length === key.length &&
    e.key.every((k, i) => k.lo === key[i]?.lo && k.hi === key[i]?.hi);
  return [...set.elements.values()].some(same);
}

/** Carries out commands on the tables of one namespace. */
export class Batch {
  readonly nf: NfTables;
  readonly names: Names;
  readonly style: Style;
  /** What was wrong with commands before the kernel saw them. */
  readonly errors: NftError[] = [];
  /** What the kernel refused. */
  readonly refused: NftError[] = [];
  /** Listings, and what is echoed. */
  out = '';
  /** What is said beside them. */
  warnings = '';
  readonly #netfilter: Netfilter;
  readonly #now: () => number;
  /** What is done to tables of iptables if the batch is taken. */
  readonly #xt: (() => void)[] = [];

  constructor(netfilter: Netfilter, style: Style, now: () => number) {
    this.#netfilter = netfilter;
    this.nf = netfilter.nft;
    this.names = style.names;
    this.style = style;
    this.#now = now;
  }

  /** Does one command; what is wrong is noted. */
  run(c: Command, rule?: Loc): void {
    try {
      this.#change(c);
    } catch (e) {
      if (e instanceof NftFault) this.refused.push(kernelError(this.nf, c, e, rule));
      else if (e instanceof NftError) this.errors.push(e);
      else if (e instanceof KernelError)
        this.refused.push(new NftError(e.extack ?? e.message, rule ?? c.loc));
      else throw e;
    }
  }

  /** The batch has been taken: does what it asks of tables of iptables. */
  commit(): void {
    for (const step of this.#xt) step();
  }

  /** Commands on tables of iptables: they can be emptied and taken away. @returns whether it is one */
  #onXt(c: Command): boolean {
    const { family, table } = c;
    if (c.op === 'flush' && c.subject === 'ruleset') {
      this.#xt.push(() => dropXtTables(this.#netfilter, family));
      return false;
    }
    if (
      family === undefined ||
      table === undefined ||
      this.nf.find(family, table.text) !== undefined
    )
      return false;
    const views = this.#netfilter.xtTables();
    const of = family === 'ip' ? 'inet' : family === 'ip6' ? 'inet6' : undefined;
    if (!views.some((v) => v.table.family === of && v.table.name === table.text)) return false;
    if (c.op === 'add' && c.subject === 'table' && c.block === undefined) return true;
    if (c.op === 'delete' && c.subject === 'table')
      this.#xt.push(() => dropXtTables(this.#netfilter, family, table.text));
    else if (c.op === 'flush' && (c.subject === 'table' || c.subject === 'chain'))
      this.#xt.push(() => flushXt(this.#netfilter, family, table.text, c.name?.text));
    else
      throw new NftError(
        `Labwire keeps table ${family} ${table.text} for iptables, which alone adds to it; nft lists, flushes and deletes it`,
        table.loc,
      );
    return true;
  }

  #change(c: Command): void {
    if (this.#onXt(c)) return;
    switch (c.op) {
      case 'add':
      case 'create':
        this.#add(c);
        break;
      case 'insert':
      case 'replace':
        this.#rule(c);
        break;
      case 'delete':
        this.#delete(c);
        break;
      case 'flush':
        this.#flush(c);
        break;
      case 'rename':
        this.#rename(c);
        break;
      default:
    }
  }

  #table(c: Command): NftTable {
    return this.nf.table(c.family as NftFamily, (c.table as Ident).text);
  }

  #name(c: Command): string {
    return (c.name as Ident).text;
  }

  /** The context of a rule or of elements. */
  context(c: Command): RuleContext {
    const family = c.family ?? 'inet';
    const table = c.table === undefined ? undefined : this.nf.find(family, c.table.text);
    return new RuleContext(family, this.names, table, (name, loc) => {
      const set = table?.sets.get(name);
      if (set !== undefined) return set;
      const hint = hintFor(
        this.nf,
        { ...c, name: { text: name, loc } },
        table === undefined ? 'table' : 'set',
      );
      throw new NftError(hint ?? ENOENT, table === undefined ? (c.table as Ident).loc : loc);
    });
  }

  #add(c: Command): void {
    const isNew = c.op === 'create';
    switch (c.subject) {
      case 'table':
        this.#addTable(c, isNew);
        break;
      case 'chain':
        this.#addChain(c, isNew);
        break;
      case 'rule':
        this.#rule(c);
        break;
      case 'set':
      case 'map':
        this.#addSet(c, isNew);
        break;
      case 'element':
        this.#elements(c, isNew);
        break;
      case 'object': {
        const comment = c.comment === undefined ? {} : { comment: c.comment };
        const { objectType, object } = c as Required<Command>;
        this.nf.addObject(
          this.#table(c),
          { name: this.#name(c), type: objectType, data: object, ...comment },
          isNew,
        );
        break;
      }
      default:
        this.#addFlowtable(c, isNew);
    }
  }

  #addTable(c: Command, isNew: boolean): void {
    const { block } = c;
    const comment = block?.comment === undefined ? {} : { comment: block.comment };
    this.nf.addTable(c.family as NftFamily, (c.table as Ident).text, isNew, {
      dormant: block?.dormant ?? false,
      ...comment,
    });
    this.#block(block?.commands ?? []);
  }

  /** Everything of a table's block: chains without their rules first, for rules name chains and sets. */
  #block(commands: readonly Command[]): void {
    const order = ['chain', 'object', 'set', 'map', 'flowtable'];
    const late: Command[] = [];
    for (const subject of order)
      for (const c of commands) {
        if (c.subject !== subject) continue;
        if (subject === 'chain' && c.chain !== undefined) {
          const { rules, ...head } = c.chain;
          this.run({ ...c, chain: { ...head, rules: [] } });
          if (rules.length > 0) late.push(c);
        } else if ((subject === 'set' || subject === 'map') && c.set?.elements !== undefined) {
          const { elements, ...head } = c.set;
          this.run({ ...c, set: head });
          late.unshift({ ...c, op: 'add', subject: 'element', elements });
        } else this.run(c);
      }
    for (const c of late) {
      if (c.subject === 'element') this.run(c);
      else this.#rules(c, c.chain?.rules ?? []);
    }
  }

  #rules(c: Command, rules: readonly RuleNode[]): void {
    for (const rule of rules) this.run({ ...c, subject: 'rule', rule }, rule.loc);
  }

  #base(c: Command, block: ChainBlock): NftBase | undefined {
    const { base } = block;
    if (base === undefined) return undefined;
    const family = c.family as NftFamily;
    if (!TYPES.includes(base.type.text)) throw new NftError(`unknown chain type`, base.type.loc);
    if (!HOOKS.includes(base.hook.text)) throw new NftError(`unknown chain hook`, base.hook.loc);
    const hook = base.hook.text as NftHook;
    const priority = this.#priority(base.priority, family, hook);
    const devices = base.devices;
    return {
      type: base.type.text as NftChainType,
      hook,
      priority,
      devices,
      policy: block.policy?.value ?? 'accept',
      ...(block.offload === true ? { offload: true } : {}),
    };
  }

  #priority(p: Ident, family: NftFamily, hook: string): number {
    if (/^-?\d+$/.test(p.text)) return Number(p.text);
    const m = /^([\w.-]+)(?: ([+-]) (\d+))?$/.exec(p.text);
    const n = m === null ? undefined : namedPriorities(family, hook)[m[1] as string];
    if (m === null || n === undefined)
      throw new NftError(`invalid priority expression value in this context.`, p.loc);
    return n + (m[2] === '-' ? -1 : 1) * Number(m[3] ?? 0);
  }

  #addChain(c: Command, isNew: boolean): void {
    const t = this.#table(c);
    const block = c.chain ?? { rules: [] };
    this.nf.addChain(
      t,
      this.#name(c),
      this.#base(c, block),
      block.policy?.value,
      isNew,
      block.comment,
    );
    this.#rules(c, block.rules);
  }

  #rule(c: Command): void {
    const ctx = this.context(c);
    const stmts = evaluateRule(ctx, c.rule as RuleNode);
    try {
      this.#putRule(c, stmts);
    } catch (e) {
      const at = e instanceof NftFault && e.stmt !== undefined ? stmts[e.stmt] : undefined;
      const place = at === undefined ? undefined : ctx.places.get(at);
      if (!(e instanceof NftFault) || place === undefined) throw e;
      this.refused.push(new NftError(e.extack ?? `Could not process rule: ${e.message}`, place));
    }
  }

  #putRule(c: Command, stmts: readonly NftStmt[]): void {
    const rule = c.rule as RuleNode;
    const t = this.#table(c);
    const chain = this.nf.chain(t, this.#name(c));
    addMeters(this.nf, t, stmts);
    if (c.op === 'replace') {
      this.nf.replaceRule(t, chain, (c.handle as { value: number }).value, stmts, rule.comment);
      return;
    }
    let handle = c.position?.value;
    if (c.index !== undefined) {
      const at = chain.rules[c.index.value];
      if (at === undefined) throw new NftFault('ENOENT', 'position');
      handle = at.handle;
    }
    this.nf.addRule(t, chain, stmts, rule.comment, {
      append: c.op !== 'insert',
      ...(handle === undefined ? {} : { handle }),
    });
  }

  #addSet(c: Command, isNew: boolean): void {
    const b = c.set as SetBlock;
    const t = this.#table(c);
    const set = this.nf.addSet(
      t,
      setOf(
        () => this.context(c),
        this.style,
        this.#name(c),
        b,
        (e) => this.errors.push(e),
      ),
      isNew,
    );
    if (b.elements !== undefined) this.#fill(c, t, set, b.elements, isNew);
  }

  #fill(c: Command, t: NftTable, set: NftSet, node: Node, isNew: boolean): void {
    const isMap = set.data !== undefined || set.objectType !== undefined;
    if (!isMap && node.k === 'set' && node.elements.some((e) => e.data !== undefined))
      throw new NftError('netlink: Error: set is not a map');
    for (const { e, loc } of elementsOf(this.context(c), node, set)) {
      const timeout = e.timeout ?? set.timeout;
      const left = e.expires ?? timeout;
      const timed =
        timeout === undefined || timeout === 0 || left === undefined
          ? e
          : { ...e, expires: this.#now() + left * 1e6 };
      this.#addElement(t, set, timed, isNew, loc);
    }
  }

  /** Adds an element; one that touches others of a set that merges takes their place. */
  #addElement(t: NftTable, set: NftSet, e: NftElement, isNew: boolean, loc: Loc): void {
    const others = overlapping(set, e);
    const merges = set.autoMerge && set.key.length === 1;
    if (others.length > 0 && !merges)
      throw new NftError('interval overlaps with an existing one', loc);
    for (const o of others) this.nf.deleteElement(set, o.key);
    const whole = others.length === 0 ? e : { ...e, key: [around([e, ...others])] };
    this.#onElement(() => this.nf.addElement(t, set, whole, isNew), loc);
  }

  /** What the kernel says of an element is told at its place. */
  #onElement(run: () => void, loc: Loc): void {
    try {
      run();
    } catch (e) {
      if (!(e instanceof NftFault)) throw e;
      this.refused.push(new NftError(`Could not process rule: ${e.message}`, loc));
    }
  }

  #elements(c: Command, isNew: boolean): void {
    const t = this.nf.find(c.family as NftFamily, (c.table as Ident).text);
    if (t === undefined)
      throw new NftError(hintFor(this.nf, c, 'table') ?? ENOENT, (c.table as Ident).loc);
    const set = t.sets.get(this.#name(c));
    if (set === undefined)
      throw new NftError(hintFor(this.nf, c, 'set') ?? ENOENT, (c.name as Ident).loc);
    this.#fill(c, this.nf.table(t.family, t.name), set, c.elements as Node, isNew);
  }

  #addFlowtable(c: Command, isNew: boolean): void {
    const f = c.flowtable as NonNullable<Command['flowtable']>;
    const t = this.#table(c);
    if (f.hook === undefined || f.priority === undefined)
      throw new NftError('missing hook and priority in flowtable declaration', c.loc);
    const priority = this.#priority(f.priority, 'netdev', 'ingress');
    const { devices, counter, offload } = f;
    this.nf.addFlowtable(t, { name: this.#name(c), priority, devices, counter, offload }, isNew);
  }

  #delete(c: Command): void {
    if (c.subject === 'table') {
      if (c.handle !== undefined) this.nf.deleteTableHandle(c.family as NftFamily, c.handle.value);
      else this.nf.deleteTable(c.family as NftFamily, (c.table as Ident).text);
      return;
    }
    const t = this.#table(c);
    switch (c.subject) {
      case 'chain':
        if (c.handle !== undefined)
          this.nf.deleteChain(t, this.nf.chainByHandle(t, c.handle.value), 'handle');
        else this.nf.deleteChain(t, this.nf.chain(t, this.#name(c)));
        break;
      case 'rule':
        this.nf.deleteRule(this.nf.chain(t, this.#name(c)), (c.handle as { value: number }).value);
        break;
      case 'set':
      case 'map':
        this.#deleteSet(c, t);
        break;
      case 'element':
        this.#deleteElements(c, t);
        break;
      case 'object':
        this.#deleteObject(c, t);
        break;
      default:
        this.nf.deleteFlowtable(t, this.#name(c));
    }
  }

  /** Says what an expression is. */
  describe(c: Command): void {
    this.out += describe(this.context(c), c.expr as Node);
  }

  #deleteSet(c: Command, t: NftTable): void {
    if (c.handle === undefined) {
      this.nf.deleteSet(t, this.nf.set(t, this.#name(c)));
      return;
    }
    const { value } = c.handle;
    const set = [...t.sets.values()].find((s) => s.handle === value);
    if (set === undefined) throw new NftFault('ENOENT', 'handle');
    this.nf.deleteSet(t, set, 'handle');
  }

  #deleteObject(c: Command, t: NftTable): void {
    const type = c.objectType as NonNullable<Command['objectType']>;
    if (c.handle === undefined) {
      this.nf.deleteObject(t, type, this.#name(c));
      return;
    }
    const { value } = c.handle;
    const o = [...t.objects.values()].find((x) => x.handle === value && x.type === type);
    if (o === undefined) throw new NftFault('ENOENT', 'handle');
    this.nf.deleteObject(t, type, o.name);
  }

  #deleteElements(c: Command, t: NftTable): void {
    const set = t.sets.get(this.#name(c));
    if (set === undefined)
      throw new NftError(hintFor(this.nf, c, 'set') ?? ENOENT, (c.name as Ident).loc);
    const node = c.elements as Node;
    const places = node.k === 'set' ? node.elements.map((e) => e.key.loc) : [node.loc];
    const keys = this.keys(c, set);
    if (set.interval && set.key.length === 1) {
      // nft keeps intervals itself, and looks before it asks the kernel
      const missing = keys.findIndex((key) => !hasElement(set, key));
      if (missing >= 0) throw new NftError('element does not exist', places[missing] ?? c.loc);
    }
    for (const [i, key] of keys.entries())
      this.#onElement(() => this.nf.deleteElement(set, key), places[i] ?? c.loc);
  }

  /** The keys that a command names. */
  keys(c: Command, set: NftSet): ReturnType<typeof elementKey>[] {
    const node = c.elements as Node;
    const ctx = this.context(c);
    return (node.k === 'set' ? node.elements.map((e) => e.key) : [node]).map((k) =>
      elementKey(ctx, k, set.key),
    );
  }

  /** Sets what the counters and quotas of a listing have counted to nought. */
  reset(objects: Iterable<NftObject>): void {
    for (const { data } of objects) {
      if (data.kind === 'counter') {
        data.packets = 0;
        data.bytes = 0;
      } else if (data.kind === 'quota') data.used = 0;
    }
  }

  /** The elements that a command names. @throws NftFault ENOENT */
  get(c: Command, set: NftSet): NftSet['elements'] {
    const found: NftSet['elements'] = new Map();
    for (const key of this.keys(c, set)) {
      const e = getElement(set, key);
      const { timeout: _, expires: __, ...plain } = e;
      found.set(String(found.size), set.interval && set.key.length === 1 ? plain : e);
    }
    return found;
  }

  #flush(c: Command): void {
    if (c.subject === 'ruleset') {
      this.nf.flushTables(c.family);
      return;
    }
    const t = this.#table(c);
    if (c.subject === 'table') for (const chain of t.chains.values()) this.nf.flushChain(chain);
    else if (c.subject === 'chain') this.nf.flushChain(this.nf.chain(t, this.#name(c)));
    else {
      const set = t.sets.get(this.#name(c));
      if (set === undefined)
        throw new NftError(hintFor(this.nf, c, 'set') ?? ENOENT, (c.name as Ident).loc);
      this.nf.flushSet(set);
    }
  }

  #rename(c: Command): void {
    const t = this.nf.find(c.family as NftFamily, (c.table as Ident).text);
    if (t === undefined)
      throw new NftError(hintFor(this.nf, c, 'table') ?? ENOENT, (c.table as Ident).loc);
    const chain = t.chains.get(this.#name(c));
    if (chain === undefined)
      throw new NftError(hintFor(this.nf, c, 'chain') ?? ENOENT, (c.name as Ident).loc);
    this.nf.renameChain(this.nf.table(t.family, t.name), chain, c.newName as string);
  }
}
