/**
 * Where matches and targets may stand: the tables, hooks and protocols that the kernel's modules name, and the way
 * that leads to a chain. Linux `struct xt_target` and `struct xt_match` (table, hooks, proto), nf_tables_api.c,
 * nft_chain_validate().
 */
import type { HookName, XtChain, XtRule, XtTable, XtTableName } from './rule.ts';

interface Place {
  readonly tables?: readonly XtTableName[];
  readonly hooks?: readonly HookName[];
  readonly protos?: readonly number[];
}

const DST_HOOKS: readonly HookName[] = ['PREROUTING', 'OUTPUT'];
const SRC_HOOKS: readonly HookName[] = ['POSTROUTING', 'INPUT'];
const TCP: readonly number[] = [6];

const TARGETS: Readonly<Record<string, Place>> = {
  DNAT: { tables: ['nat'], hooks: DST_HOOKS },
  REDIRECT: { tables: ['nat'], hooks: DST_HOOKS },
  SNAT: { tables: ['nat'], hooks: SRC_HOOKS },
  MASQUERADE: { tables: ['nat'], hooks: ['POSTROUTING'] },
  NETMAP: { tables: ['nat'] },
  REJECT: { tables: ['filter'], hooks: ['INPUT', 'FORWARD', 'OUTPUT'] },
  TTL: { tables: ['mangle'] },
  HL: { tables: ['mangle'] },
  TOS: { tables: ['mangle'] },
  DSCP: { tables: ['mangle'] },
  ECN: { tables: ['mangle'], protos: TCP },
  CHECKSUM: { tables: ['mangle'] },
  TCPOPTSTRIP: { tables: ['mangle'], protos: TCP },
  TPROXY: { tables: ['mangle'], hooks: ['PREROUTING'] },
  CT: { tables: ['raw'] },
  TRACE: { tables: ['raw'] },
  TCPMSS: { protos: TCP },
  CLASSIFY: { hooks: ['OUTPUT', 'FORWARD', 'POSTROUTING'] },
};

const MATCHES: Readonly<Record<string, Place>> = {
  tcp: { protos: TCP },
  tcpmss: { protos: TCP },
  udp: { protos: [17] },
  icmp: { protos: [1] },
  icmp6: { protos: [58] },
  multiport: { protos: [6, 17, 33, 132, 136] },
  sctp: { protos: [132] },
  dccp: { protos: [33] },
  ah: { protos: [51] },
  esp: { protos: [50] },
  owner: { hooks: ['OUTPUT', 'POSTROUTING'] },
  mac: { hooks: ['PREROUTING', 'INPUT', 'FORWARD'] },
  rpfilter: { tables: ['raw', 'mangle'], hooks: ['PREROUTING'] },
};

function allows(
  place: Place | undefined,
  rule: XtRule,
  table: XtTableName,
  hook: HookName,
): boolean {
  if (place === undefined) return true;
  if (place.tables !== undefined && !place.tables.includes(table)) return false;
  if (place.hooks !== undefined && !place.hooks.includes(hook)) return false;
  return (
    place.protos === undefined ||
    (rule.proto !== undefined && !rule.proto.invert && place.protos.includes(rule.proto.number))
  );
}

function mayStand(rule: XtRule, table: XtTableName, hook: HookName): boolean {
  const target = rule.target === undefined ? undefined : TARGETS[rule.target.kind];
  if (!allows(target, rule, table, hook)) return false;
  return rule.matches.every((m) =>
    allows(
      m.kind === 'ah' && rule.proto === undefined ? undefined : MATCHES[m.kind],
      rule,
      table,
      hook,
    ),
  );
}

/** Why a table cannot be as it is: a rule where it must not stand, or chains that lead back to themselves. */
export type Invalid = 'EINVAL' | 'ELOOP';

/** Checks a table, from each base chain along its jumps. @returns undefined if it is right */
export function validateTable(table: XtTable): Invalid | undefined {
  for (const chain of table.chains.values()) {
    if (chain.policy === undefined) continue;
    const bad = validateChain(table, chain, chain.name as HookName, []);
    if (bad !== undefined) return bad;
  }
  for (const chain of table.chains.values()) if (loops(table, chain, [])) return 'ELOOP';
  return undefined;
}

function jumpOf(rule: XtRule): string | undefined {
  return rule.target?.kind === 'jump' || rule.target?.kind === 'goto'
    ? rule.target.chain
    : undefined;
}

function validateChain(
  table: XtTable,
  chain: XtChain,
  hook: HookName,
  way: readonly string[],
): Invalid | undefined {
  if (way.includes(chain.name)) return 'ELOOP';
  for (const rule of chain.rules) {
    if (!mayStand(rule, table.name, hook)) return 'EINVAL';
    const next = table.chains.get(jumpOf(rule) ?? '');
    const bad =
      next === undefined ? undefined : validateChain(table, next, hook, [...way, chain.name]);
    if (bad !== undefined) return bad;
  }
  return undefined;
}

function loops(table: XtTable, chain: XtChain, way: readonly string[]): boolean {
  if (way.includes(chain.name)) return true;
  return chain.rules.some((r) => {
    const next = table.chains.get(jumpOf(r) ?? '');
    return next !== undefined && loops(table, next, [...way, chain.name]);
  });
}

/** Whether one rule's protocol fits its matches and target, wherever it stands. */
export function protocolFits(rule: XtRule): boolean {
  const places = [
    rule.target === undefined ? undefined : TARGETS[rule.target.kind],
    ...rule.matches.map((m) => MATCHES[m.kind]),
  ];
  return places.every(
    (p) => p?.protos === undefined || allows({ protos: p.protos }, rule, 'filter', 'INPUT'),
  );
}
