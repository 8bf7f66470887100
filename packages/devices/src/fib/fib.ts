import type { Errno } from '@labwire/core/error';
import { type DevicesByIndex, l3FlowTable, l3UpdateFlow } from '../link/l3-master.ts';
import {
  type FibRoute,
  RT_TABLE_DEFAULT,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTPROT_KERNEL,
} from './fib-route.ts';
import {
  FIB_RULE_DEFAULTS,
  FibRule,
  type FibRuleFields,
  gotoIndex,
  RULE_ERRORS,
} from './fib-rule.ts';
import { FibTable } from './fib-table.ts';
import { FibResult, type Flow4 } from './flow.ts';

/** The rules of a fresh namespace: local, main, default. `fib_default_rules_init()` */
const DEFAULT_RULES: readonly FibRuleFields[] = [
  [0, RT_TABLE_LOCAL],
  [32_766, RT_TABLE_MAIN],
  [32_767, RT_TABLE_DEFAULT],
].map(([priority, table]) =>
  Object.freeze({
    ...FIB_RULE_DEFAULTS,
    priority: priority as number,
    table: table as number,
    protocol: RTPROT_KERNEL,
  }),
);

/** What lookups of all namespaces share; never held over a call. */
const second = new FibResult();

/** The routing tables and rules of one namespace. Linux net/ipv4/fib_frontend.c, fib_rules.c. */
export class Fib {
  /** Grows with every change: what was looked up under another value is stale. `rt_genid` */
  genid = 1;
  /** The namespace's devices once it has layer 3 domains; null before. */
  l3: DevicesByIndex | null = null;
  /** Whether a user ever made a route of type `local`. `net->ipv4.fib_has_custom_local_routes` */
  hasCustomLocalRoutes = false;
  /** The other tables; null while there is none. */
  #others: Map<number, FibTable> | null = null;
  /** null while the rules are those of a fresh namespace. */
  #rules: FibRule[] | null = null;
  #local: FibTable | null = null;
  #main: FibTable | null = null;

  /** Forgets what was looked up. `rt_cache_flush()` */
  flushCache(): void {
    this.genid++;
  }

  /** The table of an id, undefined if nothing was ever put into it. `fib_get_table()` */
  table(id: number): FibTable | undefined {
    if (id === RT_TABLE_LOCAL) return this.#local ?? undefined;
    if (id === RT_TABLE_MAIN) return this.#main ?? undefined;
    return this.#others?.get(id);
  }

  /** The table of an id, made if need be. `fib_new_table()` */
  newTable(id: number): FibTable {
    const known = this.table(id);
    if (known !== undefined) return known;
    const table = new FibTable(id);
    if (id === RT_TABLE_LOCAL) this.#local = table;
    else if (id === RT_TABLE_MAIN) this.#main = table;
    else {
      this.#others ??= new Map();
      this.#others.set(id, table);
    }
    return table;
  }

  /** All tables by id. */
  tables(): FibTable[] {
    const tables: FibTable[] = [];
    if (this.#main !== null) tables.push(this.#main);
    if (this.#local !== null) tables.push(this.#local);
    if (this.#others === null) return tables;
    return tables.concat(...this.#others.values()).sort((a, b) => a.id - b.id);
  }

  /** Takes out the routes for which `pick` holds. @returns how many those were */
  removeWhere(pick: (route: FibRoute) => boolean): number {
    let n = 0;
    for (const table of this.tables()) {
      for (const route of table.list()) {
        if (!pick(route)) continue;
        table.remove(route);
        n++;
      }
    }
    if (n > 0) this.genid++;
    return n;
  }

  /** Whether the rules were ever changed. `net->ipv4.fib_has_custom_rules` */
  get hasCustomRules(): boolean {
    return this.#rules !== null;
  }

  /** The rules, in the order in which they are tried. */
  rules(): readonly FibRule[] {
    return this.#rules ?? DEFAULT_RULES.map((f) => new FibRule(f));
  }

  /** Replaces the rules. */
  setRules(rules: readonly FibRule[]): void {
    this.#rules = [...rules];
    this.genid++;
  }

  /**
   * The best route for a flow.
   * @param flags FIB_LOOKUP_*
   * @returns undefined with `res` filled in, or why there is none: ENETUNREACH if nothing matches. `fib_lookup()`
   */
  lookup(flow: Flow4, res: FibResult, flags: number): Errno | undefined {
    return this.#rules === null
      ? this.#lookupDefault(flow, res, flags)
      : this.#lookupRules(this.#rules, flow, res, flags);
  }

  /** Without rules of the user's, local and main are one table to the kernel: the longer prefix wins. `fib_trie_unmerge()` */
  #lookupDefault(flow: Flow4, res: FibResult, flags: number): Errno | undefined {
    const inLocal = this.#local === null ? 'EAGAIN' : this.#local.lookup(flow, res, flags);
    if (inLocal !== 'EAGAIN' && res.prefixLen === 32) return inLocal;
    const inMain = this.#main === null ? 'EAGAIN' : this.#main.lookup(flow, second, flags);
    if (inLocal !== 'EAGAIN' && (inMain === 'EAGAIN' || second.prefixLen <= res.prefixLen)) {
      return inLocal;
    }
    if (inMain !== 'EAGAIN') {
      res.copyFrom(second);
      return inMain;
    }
    const last = this.#others?.get(RT_TABLE_DEFAULT);
    const err = last === undefined ? 'EAGAIN' : last.lookup(flow, res, flags);
    return err === 'EAGAIN' ? 'ENETUNREACH' : err;
  }

  /** `fib_rules_lookup()` */
  #lookupRules(
    rules: readonly FibRule[],
    flow: Flow4,
    res: FibResult,
    flags: number,
  ): Errno | undefined {
    if (this.l3 !== null) l3UpdateFlow(this.l3, flow);
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i] as FibRule;
      if (!rule.matches(flow)) continue;
      switch (rule.fields.action) {
        case 'nop':
          break;
        case 'goto':
          i = gotoIndex(rules, i, rule.fields.goto);
          break;
        case 'to_tbl': {
          const { l3mdev } = rule.fields;
          const id = l3mdev ? l3FlowTable(this.l3, flow.l3mdev) : rule.fields.table;
          if (id === 0 && l3mdev) break;
          const table = this.table(id);
          const err = table === undefined ? 'EAGAIN' : table.lookup(flow, res, flags);
          if (err === 'EAGAIN') break;
          if (err === undefined && res.prefixLen <= rule.fields.suppressPrefixLen) break;
          return err;
        }
        default:
          return RULE_ERRORS[rule.fields.action];
      }
    }
    return 'ENETUNREACH';
  }
}
