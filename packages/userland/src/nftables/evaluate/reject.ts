/** reject. src/evaluate.c, stmt_evaluate_reject() */
import type { NftReject } from '@labwire/devices/netfilter';
import type { StmtNode } from '../parse/index.ts';
import { META, TRANSPORT } from '../proto/index.ts';
import { constantExpr } from './constant.ts';
import { fail, type RuleContext } from './context.ts';
import { needNetwork } from './protocols.ts';

type RejectNode = Extract<StmtNode, { s: 'reject' }>;

const PORT_UNREACHABLE = { icmp: 3, icmpv6: 4, icmpx: 1 } as const;

/** Without `with`: port unreachable, of the family that the packet is known to be of. */
function defaultReject(ctx: RuleContext): NftReject {
  const { network } = ctx.protocols;
  const what = network === 'ip' ? 'icmp' : network === 'ip6' ? 'icmpv6' : 'icmpx';
  return { kind: 'reject', with: what, code: PORT_UNREACHABLE[what] };
}

/** reject as a statement. */
export function rejectStmt(ctx: RuleContext, node: RejectNode): NftReject {
  if (ctx.family === 'arp') fail('cannot use reject with arp', node.loc);
  if (node.with === undefined) return anyFamily(ctx, node, defaultReject(ctx));
  if (node.with === 'tcp reset') return tcpReset(ctx, node);
  const type = { icmp: 'icmp_code', icmpv6: 'icmpv6_code', icmpx: 'icmpx_code' }[node.with];
  const code =
    node.code === undefined ? undefined : constantExpr(ctx, node.code, { type, bits: 8 });
  const stmt: NftReject = {
    kind: 'reject',
    with: node.with,
    code: code?.kind === 'value' ? Number(code.value) : 0,
  };
  return anyFamily(ctx, node, stmt);
}

function tcpReset(ctx: RuleContext, node: RejectNode): NftReject {
  const p = ctx.protocols;
  if (p.transport !== undefined && p.transport !== 'tcp')
    fail(
      'you cannot use tcp reset with this protocol',
      node.loc,
      ...(p.transportLoc === undefined ? [] : [p.transportLoc]),
    );
  const stmt: NftReject = { kind: 'reject', with: 'tcp reset', code: 0 };
  if (p.transport === undefined) {
    const { bits, type } = META.l4proto as { bits: number; type: string };
    ctx.stmts.unshift({
      kind: 'match',
      op: '==',
      left: { kind: 'meta', key: 'l4proto', bits, type },
      right: { kind: 'value', bits, type, value: BigInt(TRANSPORT.tcp as number) },
    });
    p.transport = 'tcp';
  }
  return anyFamily(ctx, node, stmt);
}

function anyFamily(ctx: RuleContext, node: RejectNode, stmt: NftReject): NftReject {
  const own = stmt.with === 'icmp' ? 'ip' : stmt.with === 'icmpv6' ? 'ip6' : undefined;
  const at = node.code?.loc ?? node.loc;
  if (ctx.family === 'ip' || ctx.family === 'ip6') {
    if (stmt.with === 'icmpx') fail('abstracted ICMP unreachable not supported', at, node.loc);
    if (own !== undefined && own !== ctx.family)
      fail('conflicting protocols specified: ip vs ip6', at, node.loc);
    return stmt;
  }
  const p = ctx.protocols;
  const inFrame = ctx.family === 'bridge' || ctx.family === 'netdev';
  if (inFrame && p.network !== undefined && p.network !== 'ip' && p.network !== 'ip6')
    fail(
      'cannot reject this network family',
      node.loc,
      ...(p.networkLoc === undefined ? [] : [p.networkLoc]),
    );
  if (p.network !== undefined && own !== undefined && p.network !== own)
    fail(
      'conflicting protocols specified: ip vs ip6',
      at,
      ...(p.networkLoc === undefined ? [] : [p.networkLoc]),
    );
  if (own !== undefined && p.network === undefined) first(ctx, own, node);
  return stmt.with === 'icmp' || stmt.with === 'icmpv6' ? { ...stmt, inFull: true } : stmt;
}

/** What it needs is asked for before everything else of the rule. */
function first(ctx: RuleContext, network: string, node: RejectNode): void {
  const before = ctx.stmts.length;
  needNetwork(ctx, network, node.loc);
  const added = ctx.stmts.splice(before);
  ctx.stmts.unshift(...added);
}
