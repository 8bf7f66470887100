import type { SkBuff } from '@labwire/core/skb';
import { type ArpMatcher, arpMatcher } from '../bridge/ebtables/match/arp.ts';
import { ETH_HLEN, type NetDevice } from '../link/index.ts';
import {
  type HookFn,
  HookList,
  type IfaceMatch,
  NF_ACCEPT,
  NF_DROP,
  XT_CONTINUE,
  XT_RETURN,
} from '../netfilter/index.ts';
import type { Netns } from '../netns/netns.ts';
import { ARP_BASE_CHAINS, type ArpChain, type ArpRule } from './rule.ts';
import { type ArpAct, arpAct } from './target.ts';

const NF_IP_PRI_FILTER = 0;

interface Compiled {
  readonly holds: ArpMatcher;
  readonly act: ArpAct | undefined;
}

function deviceIs(m: IfaceMatch | undefined, dev: NetDevice | null): boolean {
  if (m === undefined) return true;
  const name = dev === null ? '' : dev.name;
  return (m.wildcard ? name.startsWith(m.name) : name === m.name) !== m.invert;
}

/** The table of arptables in one namespace: ARP messages that come in and that are sent pass it. Linux net/ipv4/netfilter/arp_tables.c. */
export class ArpTable implements HookFn {
  readonly #netns: Netns;
  readonly chains: Map<string, ArpChain> = new Map();
  /** Whether it is there, on the hooks. */
  isThere = false;
  readonly #compiled = new WeakMap<ArpRule, Compiled>();
  /** The message at hand, as matches take it. */
  readonly #frame = {} as { skb: SkBuff };
  /** What rules count of it: what is sent has its Ethernet header on Linux by then. */
  #bytes = 0;

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  /** Takes over chains in place of those that are there. @param there whether the table stays at all */
  replace(chains: ReadonlyMap<string, ArpChain>, there: boolean): void {
    this.chains.clear();
    for (const [name, chain] of chains) this.chains.set(name, chain);
    if (there === this.isThere) return;
    this.isThere = there;
    this.#netns.arpHooks ??= new HookList(this.#netns);
    for (const hook of ARP_BASE_CHAINS.keys()) {
      if (there) this.#netns.arpHooks.register(hook, NF_IP_PRI_FILTER, this);
      else this.#netns.arpHooks.unregister(hook, this);
    }
  }

  /** Shows a message whose header is at `skb.data` to a hook's chain. `arpt_do_table()` */
  run(skb: SkBuff, hook: number, indev: NetDevice | null, outdev: NetDevice | null): number {
    const chain = this.chains.get(ARP_BASE_CHAINS[hook] as string);
    if (chain === undefined) return NF_ACCEPT;
    this.#frame.skb = skb;
    this.#bytes = skb.len + (outdev === null ? 0 : ETH_HLEN);
    const said = this.#walk(chain, skb, indev, outdev);
    if (said !== XT_CONTINUE && said !== XT_RETURN) return said;
    return chain.policy === 'DROP' ? NF_DROP : NF_ACCEPT;
  }

  #walk(chain: ArpChain, skb: SkBuff, indev: NetDevice | null, outdev: NetDevice | null): number {
    for (const rule of chain.rules) {
      const { holds, act } = this.#compiled.get(rule) ?? this.#compile(rule);
      if (!deviceIs(rule.iif, indev) || !deviceIs(rule.oif, outdev) || !holds(this.#frame))
        continue;
      rule.counters.packets++;
      rule.counters.bytes += this.#bytes;
      const said = act === undefined ? this.#jump(rule, skb, indev, outdev) : act(skb);
      if (said !== XT_CONTINUE) return said;
    }
    return XT_CONTINUE;
  }

  #jump(rule: ArpRule, skb: SkBuff, indev: NetDevice | null, outdev: NetDevice | null): number {
    const { chain: to } = rule.target as { readonly chain: string };
    const said = this.#walk(this.chains.get(to) as ArpChain, skb, indev, outdev);
    return said === XT_RETURN ? XT_CONTINUE : said;
  }

  #compile(rule: ArpRule): Compiled {
    const compiled = { holds: arpMatcher(rule.arp), act: arpAct(rule.target) };
    this.#compiled.set(rule, compiled);
    return compiled;
  }
}
