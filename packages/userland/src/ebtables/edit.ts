import {
  EBT_BASE_CHAINS,
  type EbtAction,
  type EbtChain,
  type EbtHook,
  type EbtRule,
  type EbtTableName,
} from '@labwire/devices/bridge';
import type { Netns } from '@labwire/devices/netns';
import { type EbtChange, type EbtRefusal, EbtShortError, NO_CHAIN, refused } from './failure.ts';
import { extensionOf } from './print.ts';

/** Hooks that targets are for. Linux net/bridge/netfilter/ebt_snat.c and its like, `.hooks` */
const TARGET_HOOKS: Readonly<Record<EbtAction['kind'], readonly EbtHook[] | undefined>> = {
  mark: undefined,
  snat: ['POSTROUTING'],
  dnat: ['PREROUTING', 'OUTPUT'],
  redirect: ['PREROUTING'],
  arpreply: ['PREROUTING'],
};

interface Added {
  readonly change: EbtChange;
  readonly chain: string;
  readonly rule: EbtRule;
  readonly line: number | undefined;
}

/** An empty chain. */
function newChain(name: string): EbtChain {
  return { name, policy: 'ACCEPT', rules: [] };
}

/** A table that is being changed: the kernel takes the change over as a whole or refuses it as a whole. iptables/nft.c */
export class EbtEdit {
  readonly #netns: Netns;
  readonly name: EbtTableName;
  /** Whether the table is there, or is made by this change. */
  exists: boolean;
  readonly chains: Map<string, EbtChain> = new Map();
  readonly #added: Added[] = [];
  readonly #refusals: EbtRefusal[] = [];
  /** The line of ebtables-restore's input that is being carried out. */
  line: number | undefined;

  constructor(netns: Netns, name: EbtTableName) {
    this.#netns = netns;
    this.name = name;
    const live = netns.ebtables.get(name);
    this.exists = live !== undefined;
    for (const c of live?.chains.values() ?? [])
      this.chains.set(c.name, { ...c, rules: [...c.rules] });
  }

  /** Whether the kernel calls a chain of this name. */
  isBase(name: string): boolean {
    return (EBT_BASE_CHAINS[this.name] as readonly string[]).includes(name);
  }

  /** A chain that must be there; base chains are there when they are asked for. @throws {@link EbtShortError} */
  chain(name: string): EbtChain {
    if (this.isBase(name)) this.ensure(name);
    const chain = this.chains.get(name);
    if (chain === undefined) throw new EbtShortError(NO_CHAIN);
    return chain;
  }

  /** A chain, made if it is not there, and the table with it. */
  ensure(name: string): EbtChain {
    this.exists = true;
    const chain = this.chains.get(name) ?? newChain(name);
    this.chains.set(name, chain);
    return chain;
  }

  /** The chains as they are listed: base chains in hook order, made up if they are not there, then the user's by name. */
  listed(): EbtChain[] {
    const base = EBT_BASE_CHAINS[this.name].map((n) => this.chains.get(n) ?? newChain(n));
    const own = [...this.chains.values()].filter((c) => !this.isBase(c.name));
    return [...base, ...own.sort((a, b) => (a.name < b.name ? -1 : 1))];
  }

  /** Puts a rule into a chain. @param at its place; absent: the end */
  add(chain: EbtChain, rule: EbtRule, change: EbtChange, at: number = chain.rules.length): void {
    const steps = rule.steps.map((s) => extensionOf(s).kept?.(s) ?? s);
    const kept = { ...rule, steps };
    chain.rules.splice(at, 0, kept);
    this.#added.push({ change, chain: chain.name, rule: kept, line: this.line });
  }

  /** Takes a chain away; the kernel keeps one that has rules or is jumped to. */
  delete(chain: EbtChain): void {
    if (chain.rules.length > 0 || this.#isUsed(chain.name)) {
      const where = `chain ${chain.name}`;
      const why = 'Device or resource busy';
      this.#refusals.push({ change: 'CHAIN_DEL', why, where, line: this.line });
      return;
    }
    this.chains.delete(chain.name);
  }

  /** Gives a chain another name, and sends those who jump to it there. */
  rename(chain: EbtChain, to: string): void {
    this.chains.delete(chain.name);
    this.chains.set(to, { ...chain, name: to });
    for (const c of this.chains.values())
      c.rules = c.rules.map((r) =>
        jumpOf(r) === chain.name ? { ...r, target: { kind: 'jump', chain: to } } : r,
      );
  }

  /** Throws the table away, with all that is in it. */
  clear(): void {
    this.chains.clear();
    this.exists = false;
  }

  #isUsed(name: string): boolean {
    return [...this.chains.values()].some((c) => c.rules.some((r) => jumpOf(r) === name));
  }

  /** The kernel takes the draft over. @throws {@link IptablesError} if it refuses a step */
  commit(): void {
    for (const added of this.#added) this.#check(added);
    if (this.#refusals.length > 0) throw refused(this.#refusals);
    if (this.exists) this.#netns.ebtables.ensure(this.name).replace(this.chains);
    else this.#netns.ebtables.remove(this.name);
  }

  /** What the kernel has against a rule. */
  #check({ change, chain, rule, line }: Added): void {
    const loops = this.#bases().some((base) => this.#loops(base, []));
    const fits = this.#fits(rule) && this.#bases().every((b) => this.#targetsFit(b, b, []));
    if (!fits || loops) {
      const why = fits ? 'Too many links' : 'Invalid argument';
      this.#refusals.push({ change, why, where: `rule in chain ${chain}`, line });
      this.#forget(rule);
    }
  }

  /** A rule that was refused is not the fault of those behind it. */
  #forget(rule: EbtRule): void {
    for (const c of this.chains.values()) c.rules = c.rules.filter((r) => r !== rule);
  }

  #bases(): string[] {
    return [...this.chains.keys()].filter((n) => this.isBase(n));
  }

  /** Whether each of a rule's parts is for what the rule is for. */
  #fits(rule: EbtRule): boolean {
    if (rule.src?.value.mask === 0 || rule.dst?.value.mask === 0) return false;
    if (rule.logicalIn?.name === '' || rule.logicalOut?.name === '') return false;
    return partsOf(rule).every((p) => extensionOf(p).fits?.(p, rule, this.name) !== false);
  }

  /** Whether chains lead back to themselves. */
  #loops(name: string, way: readonly string[]): boolean {
    if (way.includes(name)) return true;
    return this.#jumpsFrom(name).some((to) => this.#loops(to, [...way, name]));
  }

  #jumpsFrom(name: string): string[] {
    const rules = this.chains.get(name)?.rules ?? [];
    return rules.map(jumpOf).filter((to) => to !== undefined);
  }

  /** Whether all targets that a base chain leads to are for its hook. `nft_target_validate()` */
  #targetsFit(name: string, base: string, way: readonly string[]): boolean {
    if (way.includes(name)) return true;
    const rules = this.chains.get(name)?.rules ?? [];
    const wrong = rules.flatMap(partsOf).some((p) => {
      const hooks = p.kind in TARGET_HOOKS ? TARGET_HOOKS[p.kind as EbtAction['kind']] : undefined;
      return hooks !== undefined && !(hooks as readonly string[]).includes(base);
    });
    const next = [...way, name];
    return !wrong && this.#jumpsFrom(name).every((to) => this.#targetsFit(to, base, next));
  }
}

/** The steps of a rule, and its target if it acts. */
function partsOf({ steps, target }: EbtRule): EbtRule['steps'] {
  return typeof target === 'object' && target.kind !== 'jump' ? [...steps, target] : steps;
}

/** Where a rule leads to. */
export function jumpOf({ target }: EbtRule): string | undefined {
  return typeof target === 'object' && target.kind === 'jump' ? target.chain : undefined;
}
