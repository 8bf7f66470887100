/**
 * A table as a command changes it: a draft that the kernel takes over as a whole or refuses as a whole, and what iptables
 * says in either case. iptables/nft.c
 */
import { KernelError } from '@labwire/core/error';
import {
  checkRule,
  type HookName,
  type Invalid,
  matchesLookedAt,
  newChain,
  TABLE_HOOKS,
  validateTable,
  type XtChain,
  type XtRule,
  type XtTable,
  type XtTableName,
} from '@labwire/devices/netfilter';
import type { Netns } from '@labwire/devices/netns';
import type { Family } from '@labwire/devices/rtnetlink';
import { IptablesError, RESOURCE_PROBLEM, VERSION_PROBLEM } from './error.ts';
import { TABLE_NAMES } from './parse-command.ts';

/** Errors that iptables tells in a few words, after its name alone. nft_strerror() */
export class ShortError extends Error {
  /** More words, for a command line of its own. */
  readonly hint: string;

  constructor(text: string, hint = '') {
    super(text);
    this.hint = hint;
  }
}

export const NO_CHAIN = 'No chain/target/match by that name.';

/** Steps that the kernel may refuse, by the names under which iptables tells of them. */
export type Step = 'RULE_APPEND' | 'RULE_INSERT' | 'RULE_REPLACE' | 'CHAIN_DEL' | 'CHAIN_RENAME';

type Errno = Invalid | 'EBUSY' | 'ERANGE';

const ERRNO_TEXTS: Readonly<Record<Errno, string>> = {
  EINVAL: 'Invalid argument',
  ENOENT: 'No such file or directory',
  EOPNOTSUPP: 'Operation not supported',
  ELOOP: 'Too many links',
  EBUSY: 'Device or resource busy',
  ERANGE: 'Numerical result out of range',
};

function isErrno(name: string): name is Errno {
  return name in ERRNO_TEXTS;
}

interface Refusal {
  readonly step: Step;
  readonly errno: Errno;
  /** What Labwire itself does not do, where Linux would. */
  readonly note?: string;
  readonly where: string;
  readonly line: number | undefined;
}

interface Added {
  readonly step: Step;
  chain: string;
  rule: XtRule;
  readonly line: number | undefined;
}

/** A table that is being changed. Nothing happens to the real one before {@link commit}. */
export class TableEdit {
  readonly #netns: Netns;
  readonly #family: Family;
  readonly name: XtTableName;
  /** Whether the table is there, or is made by this change. */
  exists: boolean;
  #chains: Map<string, XtChain>;
  readonly #added: Added[] = [];
  /** Chains made by this change, which the kernel does not know yet. */
  readonly #created = new Set<string>();
  readonly #refusals: Refusal[] = [];
  /** How many chains are new to the kernel. */
  #newChains = 0;
  #cleared = false;
  /** The line of iptables-restore's input that is being carried out. */
  line: number | undefined;

  /** @throws IptablesError if there is no table of that name */
  constructor(netns: Netns, family: Family, name: string) {
    if (!(TABLE_NAMES as readonly string[]).includes(name)) {
      throw new IptablesError(VERSION_PROBLEM, `table '${name}' does not exist`);
    }
    this.#netns = netns;
    this.#family = family;
    this.name = name as XtTableName;
    const live = netns.netfilter.tables(family).get(this.name)?.table;
    this.exists = live !== undefined;
    this.#chains = new Map();
    for (const c of live?.chains.values() ?? [])
      this.#chains.set(c.name, { ...c, rules: [...c.rules] });
  }

  /** The table as it will be. */
  get table(): XtTable {
    return { family: this.#family, name: this.name, chains: this.#chains };
  }

  /** Whether the kernel calls a chain of this name. */
  isBuiltin(name: string): boolean {
    return (TABLE_HOOKS[this.name].hooks as readonly string[]).includes(name);
  }

  /** A chain that must be there. @throws ShortError */
  chain(name: string, missing: string = NO_CHAIN): XtChain {
    const chain = this.#chains.get(name);
    if (chain === undefined) throw new ShortError(missing);
    return chain;
  }

  /** Makes the table, and a base chain that is not there yet. `nft_xt_builtin_init()` */
  ensure(name: string): void {
    this.exists = true;
    if (!this.isBuiltin(name) || this.#chains.has(name)) return;
    this.#newChains++;
    this.#chains.set(name, newChain(name, 'ACCEPT', false));
  }

  /** Makes a user's chain. */
  create(name: string): void {
    this.exists = true;
    this.#newChains++;
    this.#created.add(name);
    this.#chains.set(name, newChain(name, undefined, false));
  }

  /** The chains as they are listed: base chains in hook order, made up if they are not there, then the user's by name. */
  listed(): XtChain[] {
    const base = TABLE_HOOKS[this.name].hooks.map(
      (h) => this.#chains.get(h) ?? newChain(h, 'ACCEPT', false),
    );
    const own = [...this.#chains.values()].filter((c) => c.policy === undefined);
    return [...base, ...own.sort((a, b) => (a.name < b.name ? -1 : 1))];
  }

  /** Puts a rule into a chain. @param at its place; absent: the end */
  add(chain: XtChain, rule: XtRule, step: Step, at: number = chain.rules.length): void {
    chain.rules.splice(at, step === 'RULE_REPLACE' ? 1 : 0, rule);
    this.#added.push({ step, chain: chain.name, rule, line: this.line });
  }

  /** Takes a chain away; the kernel keeps one that has rules or is jumped to. */
  delete(chain: XtChain): void {
    if (chain.rules.length > 0 || references(this.table, chain.name) > 0) {
      const where = `chain ${chain.name}`;
      this.#refusals.push({ step: 'CHAIN_DEL', errno: 'EBUSY', where, line: this.line });
      return;
    }
    this.#chains.delete(chain.name);
  }

  /** Gives a chain another name, and sends those who jump to it there. The kernel must know it already. */
  rename(chain: XtChain, to: string): void {
    if (this.#created.has(chain.name)) {
      const where = `chain ${to}`;
      this.#refusals.push({ step: 'CHAIN_RENAME', errno: 'ENOENT', where, line: this.line });
      return;
    }
    const chains = [...this.#chains.values()].map((c) => {
      const rules = c.rules.map((r) => this.#retarget(r, chain.name, to));
      return { ...c, name: c === chain ? to : c.name, rules };
    });
    this.#chains = new Map(chains.map((c) => [c.name, c]));
    for (const a of this.#added) if (a.chain === chain.name) a.chain = to;
  }

  /** A rule that jumps to where a chain's new name is. */
  #retarget(rule: XtRule, from: string, to: string): XtRule {
    const { target } = rule;
    if ((target?.kind !== 'jump' && target?.kind !== 'goto') || target.chain !== from) return rule;
    const moved: XtRule = { ...rule, target: { ...target, chain: to } };
    for (const a of this.#added) if (a.rule === rule) a.rule = moved;
    return moved;
  }

  /** Throws the table away, with all that is in it. */
  clear(): void {
    this.#cleared = true;
    this.#chains = new Map();
    this.exists = false;
  }

  /** The kernel takes the draft over. @throws IptablesError if it refuses a step */
  commit(): void {
    this.#checkAdded();
    if (this.#refusals.length === 0) this.#checkWays();
    const { netfilter } = this.#netns;
    if (this.#refusals.length > 0) {
      netfilter.tables(this.#family).sweep();
      throw new IptablesError(RESOURCE_PROBLEM, this.#told());
    }
    if (!this.exists) {
      netfilter.tables(this.#family).remove(this.name);
      netfilter.changed(this.#family);
      return;
    }
    const base = [...this.#chains.values()].filter((c) => c.policy !== undefined);
    const live = netfilter.table(
      this.#family,
      this.name,
      base.map((c) => c.name as HookName),
    );
    live.number(
      this.#cleared,
      this.#newChains,
      this.#added.map((a) => a.rule),
    );
    live.table.chains.clear();
    for (const c of this.#chains.values()) live.table.chains.set(c.name, c);
    netfilter.changed(this.#family);
  }

  /** What is wrong with rules by themselves. */
  #checkAdded(): void {
    for (const { step, chain, rule, line } of this.#added) {
      const holder = this.#chains.get(chain);
      if (holder === undefined) continue;
      this.#netns.netfilter.looked(matchesLookedAt(rule, this.table, holder));
      const errno = checkRule(rule, this.table, holder);
      const where = `rule in chain ${chain}`;
      const refusal = errno === undefined ? this.#refusalOf(rule) : { errno };
      if (refusal !== undefined) this.#refusals.push({ step, where, line, ...refusal });
    }
  }

  /** Why the kernel does not take a rule, or why Labwire does not where Linux would. */
  #refusalOf(rule: XtRule): Pick<Refusal, 'errno' | 'note'> | undefined {
    try {
      this.#netns.netfilter.tables(this.#family).check(rule);
      return undefined;
    } catch (e) {
      if (e instanceof KernelError && e.errno === 'EOPNOTSUPP')
        return { errno: e.errno, note: e.message };
      if (e instanceof KernelError && isErrno(e.errno)) return { errno: e.errno };
      throw e;
    }
  }

  /** What is wrong with the ways through the chains; told of the rule that made it so. */
  #checkWays(): void {
    if (validateTable(this.table) === undefined) return;
    const added = new Set(this.#added.map((a) => a.rule));
    const without = (out: ReadonlySet<XtRule>): XtTable => {
      const chains = [...this.#chains.values()].map((c): [string, XtChain] => [
        c.name,
        { ...c, rules: c.rules.filter((r) => !out.has(r)) },
      ]);
      return { ...this.table, chains: new Map(chains) };
    };
    for (const { step, chain, rule, line } of this.#added) {
      added.delete(rule);
      const errno = validateTable(without(added));
      if (errno === undefined) continue;
      this.#refusals.push({ step, errno, where: `rule in chain ${chain}`, line });
      added.add(rule);
    }
  }

  /** `mnl_append_error()`: the first refusal of a command, all of iptables-restore's lines. */
  #told(): string {
    const shown = this.line === undefined ? this.#refusals.slice(0, 1) : this.#refusals;
    return shown
      .map(({ step, errno, where, line, note }) => {
        const at = line === undefined ? ' ' : `\nline ${line}: `;
        const why = note === undefined ? '' : `: ${note}`;
        return `${at}${step} failed (${ERRNO_TEXTS[errno]}): ${where}${why}`;
      })
      .join('');
  }
}

/** How many rules jump to a chain. */
export function references(table: XtTable, name: string): number {
  let n = 0;
  for (const c of table.chains.values()) {
    for (const r of c.rules) {
      if ((r.target?.kind === 'jump' || r.target?.kind === 'goto') && r.target.chain === name) n++;
    }
  }
  return n;
}
