/** The tables of a namespace as iptables changes them, and what it says when the kernel refuses. iptables/nft.c */
import { KernelError } from '@labwire/core/error';
import {
  type LiveTable,
  protocolFits,
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
  readonly code = 1;
}

export const NO_CHAIN = 'No chain/target/match by that name.';

/** One table that is being changed. */
export class TableEdit {
  readonly #netns: Netns;
  readonly #family: Family;
  readonly live: LiveTable;

  constructor(netns: Netns, family: Family, name: string) {
    if (!(TABLE_NAMES as readonly string[]).includes(name)) {
      throw new IptablesError(
        VERSION_PROBLEM,
        `table '${name}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.`,
      );
    }
    this.#netns = netns;
    this.#family = family;
    this.live = netns.netfilter.table(family, name as XtTableName);
  }

  get table(): XtTable {
    return this.live.table;
  }

  /** A chain that must be there. @throws ShortError */
  chain(name: string): XtChain {
    const chain = this.table.chains.get(name);
    if (chain === undefined) throw new ShortError(NO_CHAIN);
    return chain;
  }

  /** The kernel takes the change over. */
  commit(): void {
    this.#netns.netfilter.changed(this.#family);
  }

  /**
   * Replaces a chain's rules.
   * @param what RULE_APPEND and the like, for the message if the kernel refuses
   */
  setRules(chain: XtChain, rules: readonly XtRule[], what: string): void {
    const before = [...chain.rules];
    chain.rules.splice(0, chain.rules.length, ...rules);
    const fits = rules.every((r) => protocolFits(r));
    const bad = fits ? (validateTable(this.table) ?? this.#compiles(rules)) : 'EINVAL';
    if (bad === undefined) {
      this.commit();
      return;
    }
    chain.rules.splice(0, chain.rules.length, ...before);
    throw this.refused(what, bad, `rule in chain ${chain.name}`);
  }

  /** Whether there is something here to act on every match and target. */
  #compiles(rules: readonly XtRule[]): 'EINVAL' | 'EOPNOTSUPP' | undefined {
    try {
      for (const r of rules) this.#netns.netfilter.tables(this.#family).compileRule(r, this.live);
      return undefined;
    } catch (e) {
      if (e instanceof KernelError) return e.errno === 'EOPNOTSUPP' ? 'EOPNOTSUPP' : 'EINVAL';
      throw e;
    }
  }

  /** What nf_tables' refusal of one step reads. */
  refused(
    what: string,
    errno: 'EINVAL' | 'EOPNOTSUPP' | 'ELOOP' | 'EBUSY',
    where: string,
  ): IptablesError {
    const texts = {
      EINVAL: 'Invalid argument',
      EOPNOTSUPP: 'Operation not supported',
      ELOOP: 'Too many links',
      EBUSY: 'Device or resource busy',
    };
    return new IptablesError(RESOURCE_PROBLEM, ` ${what} failed (${texts[errno]}): ${where}`);
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

/** Base chains in hook order, then the user's by name. */
export function chainsInOrder(table: XtTable): XtChain[] {
  const all = [...table.chains.values()];
  const own = all.filter((c) => c.policy === undefined);
  return [
    ...all.filter((c) => c.policy !== undefined),
    ...own.sort((a, b) => (a.name < b.name ? -1 : 1)),
  ];
}
