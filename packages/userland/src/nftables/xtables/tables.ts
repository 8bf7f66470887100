/** The tables of iptables as nft sees them: it lists them, and can take them away. */
import {
  type Netfilter,
  type NftChain,
  type NftHook,
  type NftTable,
  TABLE_HOOKS,
  type XtChain,
  type XtTable,
  type XtTableName,
} from '@labwire/devices/netfilter';
import type { Style } from '../type/index.ts';
import { xtRuleText } from './rule.ts';

const NAT_PRIORITIES: Readonly<Record<string, number>> = {
  PREROUTING: -100,
  INPUT: 100,
  OUTPUT: -100,
  POSTROUTING: 100,
};

function chainOf(
  t: XtTable,
  c: XtChain,
  handle: number,
  style: Style,
): readonly [NftChain, boolean] {
  let last = handle;
  let modules = false;
  const rules = c.rules.map((r) => {
    const text = xtRuleText(r, style);
    modules ||= text.modules;
    return { handle: ++last, stmts: [{ kind: 'xt' as const, text: text.text }] };
  });
  const name = t.name;
  const type =
    name === 'nat' ? 'nat' : name === 'mangle' && c.name === 'OUTPUT' ? 'route' : 'filter';
  const priority = name === 'nat' ? (NAT_PRIORITIES[c.name] ?? 0) : TABLE_HOOKS[name].priority;
  const hook = c.name.toLowerCase() as NftHook;
  const chain: NftChain = {
    name: c.name,
    handle,
    rules,
    ...(c.policy === undefined
      ? {}
      : {
          base: {
            type,
            hook,
            priority,
            devices: [],
            policy: c.policy === 'DROP' ? 'drop' : 'accept',
          },
        }),
  };
  return [chain, modules];
}

/** A table of iptables in the form of nft's, and the modules that have a part in it. */
export interface XtView {
  readonly table: NftTable;
  /** The chains that they are in. */
  readonly modules: ReadonlySet<string>;
}

function viewOf(t: XtTable, handle: number, style: Style): XtView {
  const chains = new Map<string, NftChain>();
  const modules = new Set<string>();
  let handles = 0;
  for (const c of t.chains.values()) {
    const [chain, own] = chainOf(t, c, handles + 1, style);
    handles += 1 + c.rules.length;
    if (own) modules.add(c.name);
    chains.set(c.name, chain);
  }
  const table: NftTable = {
    family: t.family === 'inet' ? 'ip' : 'ip6',
    name: t.name,
    handle,
    dormant: false,
    chains,
    sets: new Map(),
    objects: new Map(),
    flowtables: new Map(),
    handles,
  };
  return { table, modules };
}

/** All tables of iptables and ip6tables. */
export function xtViews(netfilter: Netfilter, style: Style): XtView[] {
  return netfilter.xtTables().map(({ table, handle }) => viewOf(table, handle, style));
}

/** Takes tables of iptables away: of a family, or of all; of a name, or all. */
export function dropXtTables(
  netfilter: Netfilter,
  family: string | undefined,
  name?: string,
): void {
  for (const of of ['inet', 'inet6'] as const) {
    if (family !== undefined && family !== (of === 'inet' ? 'ip' : 'ip6')) continue;
    const tables = netfilter.tables(of);
    for (const t of tables.list())
      if (name === undefined || t.name === name) netfilter.removeXt(of, t.name as XtTableName);
  }
}

/** Deletes the rules of a table of iptables, or of one of its chains. */
export function flushXt(netfilter: Netfilter, family: string, name: string, chain?: string): void {
  const of = family === 'ip' ? 'inet' : 'inet6';
  const table = netfilter
    .tables(of)
    .list()
    .find((t) => t.name === name);
  for (const c of table?.chains.values() ?? [])
    if (chain === undefined || c.name === chain) c.rules.length = 0;
  netfilter.changed(of);
}
