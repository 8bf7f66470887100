/** Expressions with their types. src/evaluate.c, expr_evaluate() */
import type { NftCt, NftExpr, NftSetLiteral, NftSetRef } from '@labwire/devices/netfilter';
import type { Node } from '../parse/index.ts';
import { ones } from '../type/index.ts';
import { constantExpr, fold, isConstant } from './constant.ts';
import { fail, type RuleContext, type Want } from './context.ts';
import { keyParts } from './new-set.ts';
import { needHeader, needNetwork } from './protocols.ts';
import { mapLiteral } from './set.ts';

function primitive(ctx: RuleContext, node: Extract<Node, { k: 'prim' }>): NftExpr {
  const e = node.expr;
  switch (e.kind) {
    case 'payload':
      return needHeader(ctx, e, node.loc);
    case 'exthdr':
      if (e.op === 'ipv6' || e.op === 'ipopt') {
        const proto = e.op === 'ipv6' ? 'ip6' : 'ip';
        if (ctx.protocols.network !== undefined && ctx.protocols.network !== proto)
          fail(`cannot use exthdr with ${ctx.protocols.network}`, node.loc);
        needNetwork(ctx, proto, node.loc);
      }
      return e;
    case 'ct':
      return ctExpr(ctx, node, e);
    case 'rt':
      return rtExpr(ctx, node, e);
    case 'meta':
      if (e.key === 'nfproto' && (ctx.family === 'ip' || ctx.family === 'ip6'))
        fail('meta nfproto is only useful in the inet family', node.loc);
      return e;
    default:
      return e;
  }
}

function ctExpr(ctx: RuleContext, node: Node, e: NftCt): NftExpr {
  const { network } = ctx.protocols;
  if (e.key === 'saddr' || e.key === 'daddr') {
    if (network === undefined)
      fail(
        `cannot determine ip protocol version, use "ip ${e.key}" or "ip6 ${e.key}" instead`,
        node.loc,
      );
    const own = { ...e, key: `${network} ${e.key}` };
    return network === 'ip6' ? { ...own, type: 'ipv6_addr', bits: 128 } : own;
  }
  const [family] = e.key.split(' ');
  if (e.key.includes(' ') && network !== undefined && network !== family) {
    const where = ctx.protocols.networkLoc ?? node.loc;
    fail(`conflicting protocols specified: ${network} vs. ${family}`, node.loc, where);
  }
  return e;
}

function rtExpr(ctx: RuleContext, node: Node, e: Extract<NftExpr, { kind: 'rt' }>): NftExpr {
  if (e.key !== 'nexthop') return e;
  const family = e.family ?? (ctx.protocols.network as 'ip' | 'ip6' | undefined);
  if (family === undefined)
    fail(
      'cannot determine ip protocol version, use "ip nexthop" or "ip6 nexthop" instead',
      node.loc,
    );
  if ((ctx.family === 'ip' && family === 'ip6') || (ctx.family === 'ip6' && family === 'ip'))
    fail(`${family} nexthop will not match`, node.loc);
  return {
    ...e,
    family,
    type: family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr',
    bits: family === 'ip6' ? 128 : 32,
  };
}

function binop(
  ctx: RuleContext,
  node: Extract<Node, { k: 'binop' }>,
  want: Want | undefined,
): NftExpr {
  if (isConstant(node)) return constantExpr(ctx, node, want ?? { type: 'integer', bits: 32 });
  const left = evaluate(ctx, node.left, want);
  const shift = node.op === '<<' || node.op === '>>';
  const rightWant: Want = shift
    ? { type: 'integer', bits: 32 }
    : { type: left.type, bits: left.bits };
  if (!isConstant(node.right))
    fail('Right hand side of binary operation must be constant', node.right.loc);
  const right = constantExpr(ctx, node.right, rightWant);
  if (left.kind === 'value' && right.kind === 'value')
    return { ...left, value: fold(node.op, left.value, right.value) & ones(left.bits) };
  return { kind: 'binop', op: node.op, left, right, type: left.type, bits: left.bits };
}

/** A key's type must be known by itself: that of a connection's address is not. */
function known(node: Node): void {
  const e = node.k === 'prim' ? node.expr : undefined;
  if (e?.kind === 'ct' && (e.key === 'saddr' || e.key === 'daddr'))
    fail('specify either ip or ip6 for address matching', node.loc);
}

/** The map that a map expression asks. */
function mapExpr(
  ctx: RuleContext,
  node: Extract<Node, { k: 'map' }>,
  want: readonly Want[] | undefined,
): NftExpr {
  known(node.key);
  const key = evaluate(ctx, node.key);
  if (node.to.k === 'set') {
    const map = mapLiteral(ctx, node.to, key, want);
    const data = map.set.data?.[0] ?? { type: 'verdict', bits: 0 };
    return { kind: 'map', key, map, type: data.type, bits: data.bits };
  }
  const ref = setReference(ctx, node.to);
  const set = ctx.findSet(ref.name, node.to.loc);
  if (set.data === undefined && set.objectType === undefined)
    fail('Expression is not a map', node.to.loc);
  const data = set.data?.[0] ?? { type: 'string', bits: 0 };
  return { kind: 'map', key, map: ref, type: data.type, bits: data.bits };
}

/** `@NAME` */
export function setReference(ctx: RuleContext, node: Node): NftSetRef {
  if (node.k !== 'setref') fail('Expression is not a map', node.loc);
  const set = ctx.findSet(node.name, node.loc);
  return { kind: 'setref', name: set.name, type: set.key[0]?.type ?? 'integer', bits: 0 };
}

/** A hash of other expressions. */
function hashExpr(ctx: RuleContext, node: Extract<Node, { k: 'jhash' }>): NftExpr {
  const of = evaluate(ctx, node.of);
  const { mod, seed, offset } = node;
  return { kind: 'hash', hash: 'jhash', of, mod, seed, offset, bits: 32, type: 'integer' };
}

/** An expression with its type; a constant gets the wanted one. @param wants for each part of a concatenation */
export function evaluate(
  ctx: RuleContext,
  node: Node,
  want?: Want,
  wants?: readonly Want[],
): NftExpr {
  switch (node.k) {
    case 'prim':
      return primitive(ctx, node);
    case 'jhash':
      return hashExpr(ctx, node);
    case 'binop':
      return binop(ctx, node, want);
    case 'concat': {
      for (const n of node.parts) known(n);
      const parts = node.parts.map((n, i) => evaluate(ctx, n, wants?.[i]));
      const bits = parts.reduce((sum, e) => sum + e.bits, 0);
      return { kind: 'concat', parts, type: 'concat', bits };
    }
    case 'map':
      return mapExpr(ctx, node, wants ?? (want === undefined ? undefined : [want]));
    case 'setref':
      return setReference(ctx, node);
    case 'verdict':
      return {
        kind: 'verdict',
        verdict: node.verdict,
        ...(node.chain === undefined ? {} : { chain: node.chain }),
        type: 'verdict',
        bits: 0,
      };
    case 'set':
      return fail('set is not expected here', node.loc);
    default:
      return constantExpr(ctx, node, want ?? { type: 'integer', bits: 0 });
  }
}

/** The types that a key's parts have. */
export function wantsOf(e: NftExpr): Want[] {
  return keyParts(e);
}

/** The set on the right of a comparison, if it is one. */
export type SetSide = NftSetLiteral | NftSetRef;
