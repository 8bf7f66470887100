/** Translations. src/evaluate.c, stmt_evaluate_nat(), stmt_evaluate_tproxy() */
import type { NftExpr, NftNat, NftSet, NftTproxy } from '@labwire/devices/netfilter';
import type { Loc } from '../lex/index.ts';
import type { Node, StmtNode } from '../parse/index.ts';
import { fail, type RuleContext, type Want } from './context.ts';
import { evaluate } from './expr.ts';

type NatNode = Extract<StmtNode, { s: 'nat' }>;
type TproxyNode = Extract<StmtNode, { s: 'tproxy' }>;

function addrWant(family: 'ip' | 'ip6'): Want {
  return family === 'ip' ? { type: 'ipv4_addr', bits: 32 } : { type: 'ipv6_addr', bits: 128 };
}

const PORT: Want = { type: 'inet_service', bits: 16 };

/** The family of the addresses. `nat_evaluate_family()` */
function natFamily(
  ctx: RuleContext,
  node: NatNode | TproxyNode,
  what: string,
): 'ip' | 'ip6' | undefined {
  if (ctx.family === 'ip' || ctx.family === 'ip6') return node.family ?? ctx.family;
  if (ctx.family !== 'inet') fail(`${what} is only supported for IPv4/IPv6`, node.loc);
  if (node.addr === undefined) return node.family;
  if (node.family !== undefined) return node.family;
  const { network } = ctx.protocols;
  return network === 'ip' || network === 'ip6' ? network : undefined;
}

function checkFamily(
  ctx: RuleContext,
  node: NatNode | TproxyNode,
  family: 'ip' | 'ip6',
  what: string,
): void {
  const { network, networkLoc } = ctx.protocols;
  if (network !== undefined && network !== family)
    fail(
      `conflicting protocols specified: ${network} vs. ${family}. You must specify ip or ip6 family in ${what} statement`,
      node.loc,
      ...(networkLoc === undefined ? [] : [networkLoc]),
    );
}

function needsTransport(ctx: RuleContext, node: NatNode, at: Node): void {
  if (ctx.protocols.transports.length === 0)
    fail(
      'transport protocol mapping is only valid after transport protocol match',
      at.loc,
      node.loc,
    );
}

/** Whether what a map yields has a port in it. */
/** The set or map that a map expression asks. */
function askedMap(ctx: RuleContext, e: NftExpr | undefined, loc: Loc): NftSet | undefined {
  if (e?.kind !== 'map') return undefined;
  return e.map.kind === 'set' ? e.map.set : ctx.findSet(e.map.name, loc);
}

function yieldsPort(e: NftExpr, asked: NftSet | undefined): boolean {
  return e.kind === 'concat' || (asked?.data?.length ?? 0) > 1;
}

function addrExpr(ctx: RuleContext, node: Node, family: 'ip' | 'ip6'): NftExpr {
  const want = addrWant(family);
  if (node.k === 'concat') return evaluate(ctx, node, undefined, [want, PORT]);
  const e = evaluate(ctx, node, want);
  if (e.kind !== 'range') return e;
  const size = e.to - e.from + 1n;
  const isNet = (size & (size - 1n)) === 0n && e.from % size === 0n;
  if (!isNet) return e;
  const { type, bits, from } = e;
  return { kind: 'prefix', type, bits, value: from, len: bits - (size.toString(2).length - 1) };
}

/** snat, dnat, masquerade, redirect as a statement. */
export function natStmt(ctx: RuleContext, node: NatNode): NftNat {
  const family = natFamily(ctx, node, 'NAT');
  const n = { kind: 'nat' as const, type: node.type, flags: node.flags, family: undefined };
  const parts: {
    addr?: NftExpr;
    port?: NftExpr;
    prefix?: boolean;
    concat?: boolean;
    family?: 'ip' | 'ip6';
  } = {};
  let asked: NftSet | undefined;
  if (family !== undefined && node.addr !== undefined) checkFamily(ctx, node, family, node.type);
  if (node.addr !== undefined) {
    if (family === undefined)
      fail('ip or ip6 must be specified with address for inet tables.', node.loc);
    parts.addr = addrExpr(ctx, node.addr, family);
    asked = askedMap(ctx, parts.addr, node.addr.loc);
    if (yieldsPort(parts.addr, asked)) {
      needsTransport(ctx, node, node.addr);
      parts.concat = true;
    }
    if (node.prefix) parts.prefix = true;
  }
  if (node.port !== undefined) {
    needsTransport(ctx, node, node.port);
    parts.port = evaluate(ctx, node.port, PORT);
  }
  const told = ctx.family === 'inet' || parts.concat === true || asked?.dataInterval === true;
  if (told && node.addr !== undefined && family !== undefined) parts.family = family;
  return { ...n, ...parts };
}

/** tproxy as a statement. */
export function tproxyStmt(ctx: RuleContext, node: TproxyNode): NftTproxy {
  const family = natFamily(ctx, node, 'tproxy');
  if (ctx.protocols.transports.length === 0)
    fail('Transparent proxy support requires transport protocol match', node.loc);
  if (family !== undefined) checkFamily(ctx, node, family, 'tproxy');
  const t: NftTproxy = { kind: 'tproxy', family: ctx.family === 'inet' ? family : undefined };
  const addr =
    node.addr === undefined || family === undefined
      ? undefined
      : evaluate(ctx, node.addr, addrWant(family));
  if (addr?.kind === 'range') fail('Address ranges are not supported for tproxy.', node.loc);
  const port = node.port === undefined ? undefined : evaluate(ctx, node.port, PORT);
  return { ...t, ...(addr === undefined ? {} : { addr }), ...(port === undefined ? {} : { port }) };
}
