import { HookList } from '../../netfilter/index.ts';
import type { Netns } from '../../netns/netns.ts';
import { EBT_HOOKS, EbtTable } from './ebt-table.ts';
import { EBT_BASE_CHAINS, type EbtHook, type EbtTableName } from './rule.ts';

const NF_BR_PRI_NAT_DST_BRIDGED = -300;
const NF_BR_PRI_FILTER_BRIDGED = -200;
const NF_BR_PRI_NAT_DST_OTHER = 100;
const NF_BR_PRI_NAT_SRC = 300;

/** Where the chains hang on the bridges' hooks. Linux include/uapi/linux/netfilter_bridge.h, `enum nf_br_hook_priorities` */
const PRIORITIES: Readonly<Record<EbtTableName, Partial<Record<EbtHook, number>>>> = {
  filter: {
    INPUT: NF_BR_PRI_FILTER_BRIDGED,
    FORWARD: NF_BR_PRI_FILTER_BRIDGED,
    OUTPUT: NF_BR_PRI_FILTER_BRIDGED,
  },
  nat: {
    PREROUTING: NF_BR_PRI_NAT_DST_BRIDGED,
    OUTPUT: NF_BR_PRI_NAT_DST_OTHER,
    POSTROUTING: NF_BR_PRI_NAT_SRC,
  },
};

/** The tables of ebtables in one namespace; a table is there once something asks for it. */
export class Ebtables {
  readonly #netns: Netns;
  readonly #tables = new Map<EbtTableName, EbtTable>();

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  /** A table that is there. */
  get(name: EbtTableName): EbtTable | undefined {
    return this.#tables.get(name);
  }

  /** A table, made without chains if it is not there, and hung on the bridges' hooks. */
  ensure(name: EbtTableName): EbtTable {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const table = new EbtTable(this.#netns, name);
    this.#tables.set(name, table);
    this.#netns.bridgeHooks ??= new HookList(this.#netns);
    for (const hook of EBT_BASE_CHAINS[name])
      this.#netns.bridgeHooks.register(
        EBT_HOOKS.indexOf(hook),
        PRIORITIES[name][hook] as number,
        table,
      );
    return table;
  }

  /** Takes a table away, with all its chains. */
  remove(name: EbtTableName): void {
    const table = this.#tables.get(name);
    if (table === undefined) return;
    this.#tables.delete(name);
    for (const hook of EBT_BASE_CHAINS[name])
      this.#netns.bridgeHooks?.unregister(EBT_HOOKS.indexOf(hook), table);
  }
}
