/** Chains as functions, and what hangs on the hooks. Linux net/netfilter/nf_tables_core.c, nft_do_chain() */
import type { SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../../../link/net-device.ts';
import type { HookFn } from '../../hook-list.ts';
import type { Netfilter } from '../../netfilter.ts';
import { NF_ACCEPT, NF_DROP } from '../../xt/verdict.ts';
import type { NftBase, NftChain, NftRule, NftSet, NftTable } from '../data/index.ts';
import { type CompileEnv, exprLoader, type Step } from '../expr/index.ts';
import type { SetIndexes } from '../set/index.ts';
import { stmtStep } from '../stmt/index.ts';
import { NFT_BREAK, NFT_CONTINUE, NFT_RETURN } from '../verdict.ts';
import { NFPROTO_BRIDGE, type NftPacket } from './packet.ts';

function compileRule(rule: NftRule, env: CompileEnv): Step {
  const steps = rule.stmts.map((s) => env.step(s));
  return (p) => {
    for (let i = 0; i < steps.length; i++) {
      const verdict = (steps[i] as Step)(p);
      if (verdict !== NFT_CONTINUE) return verdict;
    }
    return NFT_BREAK;
  };
}

/** All chains of a table, compiled when a packet first meets them. */
export class TableProgram implements CompileEnv {
  readonly netfilter: Netfilter;
  readonly table: NftTable;
  readonly indexes: SetIndexes;
  readonly #chains = new Map<string, Step>();
  readonly #rules: WeakMap<NftRule, Step>;

  /** @param rules compiled rules, which keep their state over changes of others */
  constructor(
    netfilter: Netfilter,
    table: NftTable,
    indexes: SetIndexes,
    rules: WeakMap<NftRule, Step>,
  ) {
    this.netfilter = netfilter;
    this.table = table;
    this.indexes = indexes;
    this.#rules = rules;
  }

  setOf: CompileEnv['setOf'] = (e): NftSet =>
    e.kind === 'set' ? e.set : (this.table.sets.get(e.name) as NftSet);

  loader: CompileEnv['loader'] = (e) => exprLoader(e, this);

  step: CompileEnv['step'] = (s) => stmtStep(s, this);

  chain: CompileEnv['chain'] = (name) => {
    let run: Step | null = null;
    return (p) => {
      run ??= this.program(name);
      return run(p);
    };
  };

  /** A chain's function: the verdict of its rules, NFT_CONTINUE if none has one. */
  program(name: string): Step {
    let run = this.#chains.get(name);
    if (run === undefined) {
      run = this.#compile(this.table.chains.get(name));
      this.#chains.set(name, run);
    }
    return run;
  }

  #compile(chain: NftChain | undefined): Step {
    const rules = (chain?.rules ?? []).map((r) => this.#rule(r));
    return (p) => {
      for (let i = 0; i < rules.length; i++) {
        const verdict = (rules[i] as Step)(p);
        if (verdict !== NFT_BREAK) return verdict;
      }
      return NFT_CONTINUE;
    };
  }

  #rule(r: NftRule): Step {
    let step = this.#rules.get(r);
    if (step === undefined) {
      step = compileRule(r, this);
      this.#rules.set(r, step);
    }
    return step;
  }
}

/** A base chain on a hook of an IP family. */
export class BaseChainHook implements HookFn {
  readonly base: NftBase;
  readonly #run: Step;
  readonly #packet: NftPacket;

  constructor(program: TableProgram, chain: NftChain, packet: NftPacket) {
    this.base = chain.base as NftBase;
    this.#run = program.chain(chain.name);
    this.#packet = packet;
  }

  /** `nft_do_chain_ipv4()`: NF_ACCEPT, NF_DROP or NF_STOLEN. */
  run(skb: SkBuff, hook: number, indev: NetDevice | null, outdev: NetDevice | null): number {
    this.#packet.loadIp(skb, hook, indev, outdev);
    return baseVerdict(this.#run, this.base, this.#packet);
  }
}

function baseVerdict(run: Step, base: NftBase, p: NftPacket): number {
  const verdict = run(p);
  if (verdict !== NFT_CONTINUE && verdict !== NFT_RETURN) return verdict;
  return base.policy === 'drop' ? NF_DROP : NF_ACCEPT;
}

const ETH_P_IPV6 = 0x86dd;

/** A base chain on a hook of bridges. */
export class BridgeChainHook implements HookFn {
  readonly base: NftBase;
  readonly #run: Step;
  readonly #packet4: NftPacket;
  readonly #packet6: NftPacket;

  constructor(program: TableProgram, chain: NftChain, packet4: NftPacket, packet6: NftPacket) {
    this.base = chain.base as NftBase;
    this.#run = program.chain(chain.name);
    this.#packet4 = packet4;
    this.#packet6 = packet6;
  }

  /** `nft_do_chain_bridge()` */
  run(skb: SkBuff, hook: number, indev: NetDevice | null, outdev: NetDevice | null): number {
    const p = skb.protocol === ETH_P_IPV6 ? this.#packet6 : this.#packet4;
    p.loadFrame(NFPROTO_BRIDGE, skb, hook, indev, outdev);
    return baseVerdict(this.#run, this.base, p);
  }
}
