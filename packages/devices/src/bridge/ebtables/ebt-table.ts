import type { SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../../link/index.ts';
import { ebtHolds } from './matches.ts';
import { EBT_BASE_CHAINS, type EbtChain, type EbtHook, type EbtPolicy } from './rule.ts';

/** The table `filter` of ebtables in one namespace. Linux net/bridge/netfilter/ebtable_filter.c. */
export class EbtTable {
  /** By name: the three of the hooks, and those that were made by hand. */
  readonly chains: Map<string, EbtChain> = new Map();

  constructor() {
    for (const name of EBT_BASE_CHAINS)
      this.chains.set(name, { name, policy: 'ACCEPT', rules: [] });
  }

  /** Shows a frame, its Ethernet header pulled, to a hook's chain. @returns whether it goes on. `ebt_do_table()` */
  accepts(hook: EbtHook, skb: SkBuff, indev: NetDevice | null, outdev: NetDevice | null): boolean {
    const verdict = this.#run(this.chains.get(hook) as EbtChain, skb, indev, outdev);
    return verdict !== 'DROP';
  }

  /** Whether chains lead from one to another: a rule that leads back would never end. */
  leadsTo(from: string, to: string): boolean {
    if (from === to) return true;
    const rules = this.chains.get(from)?.rules ?? [];
    return rules.some(({ target: t }) => typeof t === 'object' && this.leadsTo(t.jump, to));
  }

  /** Whether some rule leads to a chain. */
  isUsed(name: string): boolean {
    const rules = [...this.chains.values()].flatMap((c) => c.rules);
    return rules.some(({ target: t }) => typeof t === 'object' && t.jump === name);
  }

  #run(chain: EbtChain, skb: SkBuff, indev: NetDevice | null, outdev: NetDevice | null): EbtPolicy {
    for (const rule of chain.rules) {
      if (!ebtHolds(rule, skb, indev, outdev)) continue;
      rule.counters.packets++;
      rule.counters.bytes += skb.len;
      const { target } = rule;
      if (target === 'CONTINUE') continue;
      if (target === 'RETURN') break;
      if (typeof target === 'string') return target;
      const verdict = this.#run(this.chains.get(target.jump) as EbtChain, skb, indev, outdev);
      if (verdict !== 'RETURN') return verdict;
    }
    return chain.policy;
  }
}
