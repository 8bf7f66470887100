/**
 * Where matches and targets may stand: the tables, hooks and protocols that the kernel's modules name, and the way
 * that leads to a chain. Linux `struct xt_target` and `struct xt_match` (table, hooks, proto, checkentry),
 * nf_tables_api.c, nft_chain_validate().
 */
import type { TcpMatch, UdpMatch, XtMatch } from './match.ts';
import type { HookName, XtChain, XtRule, XtTable, XtTableName } from './rule.ts';
import type { CtTarget, XtTarget } from './target.ts';

interface Place {
  readonly tables?: readonly XtTableName[];
  /** Of `struct xt_target` or `struct xt_match`: holds along all ways. */
  readonly hooks?: readonly HookName[];
  /** Of the module's own check, which knows of no hook in a user chain. `checkentry` */
  readonly ownHooks?: readonly HookName[];
  readonly protos?: readonly number[];
}

const DST_HOOKS: readonly HookName[] = ['PREROUTING', 'OUTPUT'];
const SRC_HOOKS: readonly HookName[] = ['POSTROUTING', 'INPUT'];
/** Hooks with a device that a packet came in by, and with one that it leaves by. */
const IN_HOOKS: readonly HookName[] = ['PREROUTING', 'INPUT', 'FORWARD'];
const OUT_HOOKS: readonly HookName[] = ['FORWARD', 'OUTPUT', 'POSTROUTING'];
const TCP: readonly number[] = [6];
const TCP_UDP: readonly number[] = [6, 17];

const TARGETS: Readonly<Record<string, Place>> = {
  DNAT: { tables: ['nat'], hooks: DST_HOOKS },
  REDIRECT: { tables: ['nat'], hooks: DST_HOOKS },
  SNAT: { tables: ['nat'], hooks: SRC_HOOKS },
  MASQUERADE: { tables: ['nat'], hooks: ['POSTROUTING'] },
  NETMAP: { tables: ['nat'] },
  TTL: { tables: ['mangle'] },
  HL: { tables: ['mangle'] },
  TOS: { tables: ['mangle'] },
  DSCP: { tables: ['mangle'] },
  CHECKSUM: { tables: ['mangle'] },
  TCPOPTSTRIP: { tables: ['mangle'], protos: TCP },
  TPROXY: { tables: ['mangle'], hooks: ['PREROUTING'], protos: TCP_UDP },
  CT: { tables: ['raw'] },
  CLASSIFY: { hooks: OUT_HOOKS },
};

const MATCHES: Readonly<Record<string, Place>> = {
  tcpmss: { protos: TCP },
  icmp: { protos: [1] },
  icmp6: { protos: [58] },
  multiport: { protos: [6, 17, 33, 132, 136] },
  sctp: { protos: [132] },
  dccp: { protos: [33] },
  esp: { protos: [50] },
  mh: { protos: [135] },
  owner: { hooks: ['OUTPUT', 'POSTROUTING'] },
  mac: { hooks: IN_HOOKS },
  eui64: { hooks: IN_HOOKS },
  socket: { hooks: ['PREROUTING', 'INPUT'] },
  rpfilter: { tables: ['raw', 'mangle'], hooks: ['PREROUTING'] },
};

/** The place of a target, where what it is asked to do counts too. */
function targetPlace(t: XtTarget): Place | undefined {
  if (t.kind === 'REJECT') {
    const place: Place = { tables: ['filter'], hooks: ['INPUT', 'FORWARD', 'OUTPUT'] };
    return t.with === 'tcp-reset' ? { ...place, protos: TCP } : place;
  }
  if (t.kind === 'ECN') {
    const tcp = t.ece !== undefined || t.cwr !== undefined;
    return tcp ? { tables: ['mangle'], protos: TCP } : { tables: ['mangle'] };
  }
  if (t.kind === 'TCPMSS') {
    return t.mss === undefined ? { protos: TCP, ownHooks: OUT_HOOKS } : { protos: TCP };
  }
  return TARGETS[t.kind];
}

/** Ports and flags are asked for without the module, which alone looks at the protocol. add_nft_tcp(), add_nft_udp() of iptables */
function isNative(m: TcpMatch | UdpMatch): boolean {
  const asks = (r: TcpMatch['sports']): boolean =>
    r !== undefined && (r.min !== 0 || r.max !== 0xffff || r.invert);
  return asks(m.sports) || asks(m.dports) || (m.kind === 'tcp' && m.flags !== undefined);
}

/** The place of a match, where what it asks counts too. */
function matchPlace(m: XtMatch, isIpv6: boolean): Place | undefined {
  switch (m.kind) {
    case 'tcp':
      return isNative(m) && m.option === undefined ? undefined : { protos: TCP };
    case 'udp':
      return isNative(m) ? undefined : { protos: [17] };
    case 'ah':
      return isIpv6 ? undefined : { protos: [51] };
    case 'ecn':
      return m.cwr !== undefined || m.ece !== undefined ? { protos: TCP } : undefined;
    case 'addrtype':
      return m.limitIfaceIn
        ? { ownHooks: IN_HOOKS }
        : m.limitIfaceOut
          ? { ownHooks: OUT_HOOKS }
          : undefined;
    case 'devgroup':
      return devgroupPlace(m.src !== undefined, m.dst !== undefined);
    case 'physdev': {
      const out = m.physout !== undefined || m.isOut !== undefined;
      const bridged = m.isBridged !== undefined && !m.isBridged.invert;
      return out && !bridged ? { ownHooks: [...IN_HOOKS, 'POSTROUTING'] } : undefined;
    }
    default:
      return MATCHES[m.kind];
  }
}

function devgroupPlace(src: boolean, dst: boolean): Place {
  if (src && dst) return { ownHooks: ['FORWARD'] };
  return { ownHooks: src ? IN_HOOKS : OUT_HOOKS };
}

function places(rule: XtRule, isIpv6: boolean): (Place | undefined)[] {
  return [
    rule.target === undefined ? undefined : targetPlace(rule.target),
    ...rule.matches.map((m) => matchPlace(m, isIpv6)),
  ];
}

/** What the kernel says of a rule that it does not take: a bad argument, nothing of that name, not done here, a loop. */
export type Invalid = 'EINVAL' | 'ENOENT' | 'EOPNOTSUPP' | 'ELOOP';

/** Helpers that Linux has, with their protocols. */
const HELPERS: Readonly<Record<string, readonly number[]>> = {
  amanda: [17],
  ftp: [6],
  'H.245': [6],
  irc: [6],
  'netbios-ns': [17],
  pptp: [6],
  'Q.931': [6],
  RAS: [17],
  sane: [6],
  sip: [6, 17],
  snmp: [17],
  tftp: [17],
};

function checkCt(t: CtTarget, rule: XtRule): Invalid | undefined {
  const proto = rule.proto?.invert === false ? rule.proto.number : 0;
  if (t.helper !== undefined && HELPERS[t.helper]?.includes(proto) !== true) return 'ENOENT';
  return t.timeout === undefined ? undefined : 'ENOENT';
}

/** What a target's own check finds. `checkentry` of `struct xt_target` */
function checkTarget(rule: XtRule, table: XtTable): Invalid | undefined {
  const t = rule.target;
  switch (t?.kind) {
    case 'verdict':
      return t.verdict === 'QUEUE' ? 'ENOENT' : undefined;
    case 'jump':
    case 'goto': {
      const to = table.chains.get(t.chain);
      return to === undefined ? 'ENOENT' : to.policy === undefined ? undefined : 'EOPNOTSUPP';
    }
    case 'CT':
      return checkCt(t, rule);
    case 'CONNMARK':
      return (t.shift?.bits ?? 0) >= 32 ? 'EINVAL' : undefined;
    case 'NFQUEUE':
      return t.queues.max - t.queues.min >= 0xffff ? 'EINVAL' : undefined;
    case 'TEE':
      return t.gateway === 0 ? 'EINVAL' : undefined;
    default:
      return undefined;
  }
}

/** Whether one rule may stand in a chain of a table, as far as can be told without the ways that lead there. */
export function checkRule(rule: XtRule, table: XtTable, chain: XtChain): Invalid | undefined {
  if (isNobody(rule.src) || isNobody(rule.dst)) return 'EINVAL';
  const fits = places(rule, table.family === 'inet6').every((p) => isFit(p, rule, table, chain));
  return fits ? checkTarget(rule, table) : 'EINVAL';
}

/** Whether a match or a target of a rule may stand there. `xt_check_match()`, `xt_check_target()` */
function isFit(p: Place | undefined, rule: XtRule, table: XtTable, chain: XtChain): boolean {
  if (p === undefined) return true;
  const hook = chain.policy === undefined ? undefined : (chain.name as HookName);
  if (p.tables?.includes(table.name) === false) return false;
  if (p.protos !== undefined && !hasProto(rule, p.protos)) return false;
  return hook === undefined || (p.hooks?.includes(hook) ?? p.ownHooks?.includes(hook) ?? true);
}

/** The matches of a rule that the kernel looks at: each up to the first that may not stand there. `nf_tables_newrule()` */
export function matchesLookedAt(rule: XtRule, table: XtTable, chain: XtChain): readonly XtMatch[] {
  if (isNobody(rule.src) || isNobody(rule.dst)) return [];
  const isIpv6 = table.family === 'inet6';
  const bad = rule.matches.findIndex((m) => !isFit(matchPlace(m, isIpv6), rule, table, chain));
  return bad < 0 ? rule.matches : rule.matches.slice(0, bad);
}

/** Any address, inverted: a comparison of no bytes. */
function isNobody(end: XtRule['src']): boolean {
  if (end?.invert !== true) return false;
  const { mask } = end;
  return typeof mask === 'number' ? mask === 0 : (mask.w0 | mask.w1 | mask.w2 | mask.w3) === 0;
}

function hasProto(rule: XtRule, protos: readonly number[]): boolean {
  return rule.proto !== undefined && !rule.proto.invert && protos.includes(rule.proto.number);
}

/** Checks a table, from each base chain along its jumps. @returns undefined if it is right */
export function validateTable(table: XtTable): Invalid | undefined {
  const seen = new Set<XtChain>();
  for (const chain of table.chains.values()) {
    if (chain.policy === undefined) continue;
    seen.clear();
    const bad = validateChain(table, chain, chain.name as HookName, [], seen);
    if (bad !== undefined) return bad;
  }
  return undefined;
}

function jumpOf(rule: XtRule): string | undefined {
  return rule.target?.kind === 'jump' || rule.target?.kind === 'goto'
    ? rule.target.chain
    : undefined;
}

/** @param way the chains that lead here @param seen chains found right for this hook */
function validateChain(
  table: XtTable,
  chain: XtChain,
  hook: HookName,
  way: readonly XtChain[],
  seen: Set<XtChain>,
): Invalid | undefined {
  if (way.includes(chain)) return 'ELOOP';
  if (seen.has(chain)) return undefined;
  const isIpv6 = table.family === 'inet6';
  for (const rule of chain.rules) {
    if (places(rule, isIpv6).some((p) => p?.hooks?.includes(hook) === false)) return 'EINVAL';
    const next = table.chains.get(jumpOf(rule) ?? '');
    if (next === undefined) continue;
    const bad = validateChain(table, next, hook, [...way, chain], seen);
    if (bad !== undefined) return bad;
  }
  seen.add(chain);
  return undefined;
}
