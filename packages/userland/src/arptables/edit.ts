import { ARP_BASE_CHAINS, type ArpChain, type ArpRule } from '@labwire/devices/arptables';
import type { Netns } from '@labwire/devices/netns';
import { IptablesError, NO_CHAIN, RESOURCE_PROBLEM, ShortError } from '../iptables/index.ts';

interface Refusal {
  readonly text: string;
  readonly line: number | undefined;
}

interface Added {
  readonly change: 'RULE_APPEND' | 'RULE_INSERT' | 'RULE_REPLACE';
  readonly chain: string;
  readonly rule: ArpRule;
  readonly line: number | undefined;
}

/** The table of arptables while it is changed: the kernel takes the change over as a whole or refuses it. iptables/nft.c */
export class ArpEdit {
  readonly #netns: Netns;
  readonly chains: Map<string, ArpChain> = new Map();
  exists: boolean;
  readonly #added: Added[] = [];
  readonly #refusals: Refusal[] = [];
  /** The line of arptables-restore's input that is being carried out. */
  line: number | undefined;

  constructor(netns: Netns) {
    this.#netns = netns;
    this.exists = netns.arptables.isThere;
    for (const c of netns.arptables.chains.values())
      this.chains.set(c.name, { ...c, rules: [...c.rules] });
  }

  /** Whether the kernel calls a chain of this name. */
  isBase(name: string): boolean {
    return (ARP_BASE_CHAINS as readonly string[]).includes(name);
  }

  /** A chain that must be there; base chains are there when they are asked for. @throws {@link ShortError} */
  chain(name: string): ArpChain {
    if (this.isBase(name)) return this.ensure(name);
    const chain = this.chains.get(name);
    if (chain === undefined) throw new ShortError(NO_CHAIN);
    return chain;
  }

  /** A chain, made if it is not there, and the table with it. */
  ensure(name: string): ArpChain {
    this.exists = true;
    let chain = this.chains.get(name);
    if (chain === undefined) {
      chain = { name, policy: this.isBase(name) ? 'ACCEPT' : undefined, rules: [] };
      this.chains.set(name, chain);
    }
    return chain;
  }

  /** The chains as they are listed. */
  listed(): ArpChain[] {
    const base = ARP_BASE_CHAINS.map(
      (name): ArpChain => this.chains.get(name) ?? { name, policy: 'ACCEPT', rules: [] },
    );
    const own = [...this.chains.values()].filter((c) => !this.isBase(c.name));
    return [...base, ...own.sort((a, b) => (a.name < b.name ? -1 : 1))];
  }

  /** How many rules lead to a chain. */
  references(name: string): number {
    const rules = [...this.chains.values()].flatMap((c) => c.rules);
    return rules.filter((r) => jumpOf(r) === name).length;
  }

  /** Puts a rule into a chain. */
  add(chain: ArpChain, rule: ArpRule, change: Added['change'], at: number): void {
    chain.rules.splice(at, change === 'RULE_REPLACE' ? 1 : 0, rule);
    this.#added.push({ change, chain: chain.name, rule, line: this.line });
  }

  /** Takes a chain away; the kernel keeps one that has rules or is jumped to. */
  delete(chain: ArpChain): void {
    if (chain.rules.length === 0 && this.references(chain.name) === 0)
      this.chains.delete(chain.name);
    else this.#refuse(`CHAIN_DEL failed (Device or resource busy): chain ${chain.name}`, this.line);
  }

  #refuse(text: string, line: number | undefined): void {
    this.#refusals.push({ text, line });
  }

  /** Gives a chain another name, and sends those who jump to it there. */
  rename(chain: ArpChain, to: string): void {
    this.chains.delete(chain.name);
    this.chains.set(to, { ...chain, name: to });
    for (const c of this.chains.values())
      c.rules = c.rules.map((r) =>
        jumpOf(r) === chain.name ? { ...r, target: { kind: 'jump', chain: to } } : r,
      );
  }

  /** Throws the table away. */
  clear(): void {
    this.chains.clear();
    this.exists = false;
  }

  /** The kernel takes the draft over. @throws {@link IptablesError} if it refuses something */
  commit(): void {
    for (const { change, chain, rule, line } of this.#added) {
      const why = this.#whyNot(rule);
      if (why !== undefined)
        this.#refuse(`${change} failed (${why}): rule in chain ${chain}`, line);
    }
    const told = this.#refusals.filter((r, i) => i === 0 || r.line !== undefined);
    if (told.length > 0) throw new IptablesError(RESOURCE_PROBLEM, told.map(refusalText).join(''));
    this.#netns.arptables.replace(this.chains, this.exists);
  }

  /** What the kernel has against a rule. */
  #whyNot({ target }: ArpRule): string | undefined {
    if (ARP_BASE_CHAINS.some((base) => this.#loops(base, []))) return 'Too many links';
    if (typeof target === 'object' && target.kind === 'mangle') {
      const { ipSrc, ipDst, macSrc, macDst } = target;
      if ((ipSrc ?? ipDst ?? macSrc ?? macDst) === undefined) return 'Invalid argument';
    }
    return this.#classifies('INPUT') ? 'Invalid argument' : undefined;
  }

  /** Whether a chain leads to CLASSIFY, which is for what is sent. */
  #classifies(name: string): boolean {
    return (this.chains.get(name)?.rules ?? []).some((r) => {
      const to = jumpOf(r);
      if (to !== undefined) return this.#classifies(to);
      return typeof r.target === 'object' && r.target.kind === 'CLASSIFY';
    });
  }

  #loops(name: string, way: readonly string[]): boolean {
    if (way.includes(name)) return true;
    const next = (this.chains.get(name)?.rules ?? []).map(jumpOf).filter((to) => to !== undefined);
    return next.some((to) => this.#loops(to, [...way, name]));
  }
}

function refusalText({ text, line }: Refusal): string {
  return line === undefined ? ` ${text}` : `\nline ${line}: ${text}`;
}

/** Where a rule leads to. */
export function jumpOf({ target }: ArpRule): string | undefined {
  return typeof target === 'object' && target.kind === 'jump' ? target.chain : undefined;
}
