import type { SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../../link/index.ts';
import { type HookFn, NF_ACCEPT, NF_DROP } from '../../netfilter/index.ts';
import type { Netns } from '../../netns/netns.ts';
import { type CompiledEbtRule, compileEbtRule } from './compile-rule.ts';
import { EBT_BREAK, EBT_CONTINUE, EBT_DROP, EBT_RETURN, EBT_VERDICTS, EbtFrame } from './frame.ts';
import type { EbtChain, EbtHook, EbtRule, EbtTableName } from './rule.ts';

/** The hooks in their numbers' order. Linux include/uapi/linux/netfilter_bridge.h, NF_BR_* */
export const EBT_HOOKS: readonly EbtHook[] = [
  'PREROUTING',
  'INPUT',
  'FORWARD',
  'OUTPUT',
  'POSTROUTING',
];

/** A table of ebtables in one namespace. Linux net/bridge/netfilter/ebtables.c. */
export class EbtTable implements HookFn {
  readonly name: EbtTableName;
  /** By name: those of the hooks, and those that were made by hand. */
  readonly chains: Map<string, EbtChain> = new Map();
  readonly #frame: EbtFrame;
  readonly #compiled = new WeakMap<EbtRule, CompiledEbtRule>();

  constructor(netns: Netns, name: EbtTableName) {
    this.name = name;
    this.#frame = new EbtFrame(netns);
  }

  /** Takes over chains in place of those that are there; what rules remember stays with them. */
  replace(chains: ReadonlyMap<string, EbtChain>): void {
    this.chains.clear();
    for (const [name, chain] of chains) this.chains.set(name, chain);
  }

  /** Shows a frame, its Ethernet header pulled, to a hook's chain. `ebt_do_table()` */
  run(skb: SkBuff, hook: number, indev: NetDevice | null, outdev: NetDevice | null): number {
    const chain = this.chains.get(EBT_HOOKS[hook] as string);
    if (chain === undefined) return NF_ACCEPT;
    const f = this.#frame;
    f.skb = skb;
    f.hook = hook;
    f.indev = indev;
    f.outdev = outdev;
    const said = this.#walk(chain, f);
    const ended = said === EBT_RETURN || said === EBT_CONTINUE;
    return (ended ? EBT_VERDICTS[chain.policy] : said) === EBT_DROP ? NF_DROP : NF_ACCEPT;
  }

  /** Shows a frame to a chain's rules. @returns EBT_CONTINUE at its end */

  #walk(chain: EbtChain, f: EbtFrame): number {
    const { rules } = chain;
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i] as EbtRule;
      const said = this.#show(rule, f);
      if (said !== EBT_BREAK && said !== EBT_CONTINUE) return said;
    }
    return EBT_CONTINUE;
  }

  #show(rule: EbtRule, f: EbtFrame): number {
    const compiled = this.#compiled.get(rule) ?? this.#compile(rule);
    const said = compiled.steps(f);
    if (said !== EBT_CONTINUE) return said;
    rule.counters.packets++;
    rule.counters.bytes += f.skb.len;
    const { target } = rule;
    if (compiled.action !== undefined) return compiled.action(f);
    return this.#jump((target as { readonly chain: string }).chain, f);
  }

  #jump(to: string, f: EbtFrame): number {
    const chain = this.chains.get(to) as EbtChain;
    const said = this.#walk(chain, f);
    const verdict = said === EBT_CONTINUE ? EBT_VERDICTS[chain.policy] : said;
    return verdict === EBT_RETURN ? EBT_CONTINUE : verdict;
  }

  #compile(rule: EbtRule): CompiledEbtRule {
    const compiled = compileEbtRule(rule);
    this.#compiled.set(rule, compiled);
    return compiled;
  }
}
