/** Comparisons. src/evaluate.c, expr_evaluate_relational() */
import type { NftExpr, NftMatch } from '@labwire/devices/netfilter';
import { isProtocolKey } from '../linearize/index.ts';
import type { Node, StmtNode } from '../parse/index.ts';
import { dataType, ones } from '../type/index.ts';
import { constantExpr, isConstant, retyped } from './constant.ts';
import { fail, type RuleContext } from './context.ts';
import { evaluate, setReference } from './expr.ts';
import { keyParts } from './new-set.ts';
import { learnProtocols, namedPayload } from './protocols.ts';
import { setLiteral } from './set.ts';

type MatchNode = Extract<StmtNode, { s: 'match' }>;

/** The right side, with the type of the left. */
function rightSide(ctx: RuleContext, node: Node, left: NftExpr): NftExpr {
  if (node.k === 'set') return setLiteral(ctx, node, keyParts(left));
  if (node.k === 'setref') return setReference(ctx, node);
  if (node.k === 'concat') {
    const parts = keyParts(left);
    if (parts.length !== node.parts.length)
      fail('Cannot use concatenations of different lengths', node.loc);
    return evaluate(ctx, node, undefined, parts);
  }
  if (left.kind === 'concat') fail('Cannot compare a concatenation with a single value', node.loc);
  if (!isConstant(node)) {
    if (node.k === 'prim')
      fail('Relational expression needs a constant on its right side', node.loc);
    return evaluate(ctx, node, left);
  }
  return constantExpr(ctx, node, { type: left.type, bits: left.bits });
}

function isBitmask(e: NftExpr): boolean {
  return e.kind !== 'concat' && e.kind !== 'map' && dataType(e.type).base === 'bitmask';
}

/** What `^`, `<<` and `>>` on the left do is done on the right instead. `binop_transfer()` */
function transfer(left: NftExpr, right: NftExpr): readonly [NftExpr, NftExpr] {
  if (left.kind !== 'binop' || right.kind !== 'value' || left.right.kind !== 'value')
    return [left, right];
  const n = left.right.value;
  const as = (value: bigint): NftExpr => ({ ...right, value });
  if (left.op === '^') return transfer(left.left, as(right.value ^ n));
  if (left.op === '<<') return transfer(left.left, as(right.value >> n));
  if (left.op === '>>') return transfer(left.left, as((right.value << n) & ones(left.bits)));
  return [left, right];
}

/** A mask that is a network's, and the value under it: as prefix. */
function asPrefix(left: NftExpr, right: NftExpr): readonly [NftExpr, NftExpr] {
  if (
    left.kind !== 'binop' ||
    left.op !== '&' ||
    left.right.kind !== 'value' ||
    right.kind !== 'value'
  )
    return [left, right];
  if (!dataType(left.type).prefix) return [left, right];
  const host = ones(left.bits) ^ left.right.value;
  if ((host & (host + 1n)) !== 0n) return [left, right];
  const len = left.bits - (host === 0n ? 0 : host.toString(2).length);
  if (len === left.bits) return [left.left, right];
  return [left.left, { kind: 'prefix', type: left.type, bits: left.bits, value: right.value, len }];
}

/** `LEFT RIGHT / MASK` */
function flagCompare(
  ctx: RuleContext,
  node: MatchNode & { readonly mask: Node },
  left: NftExpr,
): NftMatch {
  const want = { type: left.type, bits: left.bits };
  const mask = constantExpr(ctx, node.mask, want);
  const right = constantExpr(ctx, node.right, want);
  return relation(
    node.op === '!=' ? '!=' : '==',
    { kind: 'binop', op: '&', left, right: mask, ...want },
    right,
  );
}

/** Flags under a mask that are compared with none: whether any is there. */
function relation(op: NftMatch['op'], left: NftExpr, right: NftExpr): NftMatch {
  const masked = left.kind === 'binop' && left.op === '&' && isBitmask(left);
  if (masked && right.kind === 'value' && right.value === 0n && (op === '==' || op === '!='))
    return { kind: 'match', op: op === '!=' ? 'any' : 'none', left: left.left, right: left.right };
  return { kind: 'match', op, left, right };
}

function operator(node: MatchNode, left: NftExpr, right: NftExpr): NftMatch['op'] {
  if (node.op === '!') return 'none';
  if (node.op !== undefined) return node.op;
  return isBitmask(left) && right.kind === 'value' && left.kind !== 'binop' ? 'any' : '==';
}

/** A comparison as a statement. */
export function matchStmt(ctx: RuleContext, node: MatchNode): NftMatch {
  if (node.left.k === 'sym') fail('No symbol type information', node.left.loc);
  const shown = evaluate(ctx, node.left);
  const left = presence(shown, node.right);
  if (node.mask !== undefined) return flagCompare(ctx, { ...node, mask: node.mask }, left);
  constantOnly(ctx, left, node);
  const right = rightSide(ctx, node.right, left);
  if (right.kind === 'setref') sameTypes(ctx, left, right.name, node);
  if (right.kind === 'set' || right.kind === 'setref') setOperator(node);
  const op = operator(node, left, right);
  ordered(node, op, right);
  const done = named(ctx, relation(op, ...asPrefix(...transfer(left, right))));
  learn(ctx, done, node);
  return done;
}

/** A piece of the packet by the name of its field, and what it is compared with in the field's type. */
function named(ctx: RuleContext, m: NftMatch): NftMatch {
  if (m.left.kind !== 'payload' || m.left.proto !== '') return m;
  const left = namedPayload(ctx, m.left);
  return left.proto === '' ? m : { ...m, left, right: retyped(m.right, left.type) };
}

/** `fib … oif exists`: whether there is one. */
function presence(left: NftExpr, right: Node): NftExpr {
  if (left.kind === 'fib' && right.k === 'boolean' && !left.present)
    return { ...left, present: true, type: 'boolean', bits: 1 };
  return left;
}

/** What cannot be compared with a constant. */
function constantOnly(ctx: RuleContext, left: NftExpr, node: MatchNode): void {
  if (left.kind === 'ct' && left.key.startsWith('proto-') && ctx.protocols.transports.length === 0)
    fail("Can't parse symbolic invalid expressions", node.right.loc);
  if ((left.kind === 'ct' || left.kind === 'meta') && left.key === 'secmark')
    fail('Cannot be used with right hand side constant value', node.right.loc, node.left.loc);
  if (left.kind !== 'concat' && node.right.k === 'concat')
    fail("Can't parse symbolic invalid expressions", node.right.loc);
}

function typeName(parts: readonly { readonly type: string }[]): string {
  const names = parts.map((p) => dataType(p.type).desc);
  return names.length > 1 ? `concatenation of (${names.join(', ')})` : (names[0] ?? '');
}

/** A set must have elements of the left side's type. */
function sameTypes(ctx: RuleContext, left: NftExpr, name: string, node: MatchNode): void {
  const has = ctx.findSet(name, node.right.loc).key;
  const want = keyParts(left);
  const same = has.length === want.length && has.every((p, i) => p.type === want[i]?.type);
  const raw = want.some((p) => p.type === 'integer' || p.type === 'xinteger');
  if (same || raw || has.some((p) => p.type === 'integer')) return;
  fail(
    `datatype mismatch, expected ${typeName(want)}, expression has type ${typeName(has)}`,
    node.right.loc,
    node.left.loc,
  );
}

function setOperator(node: MatchNode): void {
  if (node.op !== undefined && node.op !== '==' && node.op !== '!=')
    fail(`Invalid operator (${node.op}) for set lookup expression`, node.loc);
}

const ORDER: readonly string[] = ['<', '>', '<=', '>='];

function ordered(node: MatchNode, op: string, right: NftExpr): void {
  if (ORDER.includes(op) && right.kind !== 'value')
    fail('Relational expression needs a single value here', node.right.loc);
}

function learn(ctx: RuleContext, m: NftMatch, node: MatchNode): void {
  if (m.op !== '==' || !isProtocolKey(m.left)) return;
  const { right } = m;
  if (right.kind === 'value') learnProtocols(ctx, m.left, [right.value], node.loc);
  else if (right.kind === 'set')
    learnProtocols(
      ctx,
      m.left,
      [...right.set.elements.values()].flatMap((e) =>
        e.key[0]?.lo === e.key[0]?.hi && e.key[0] !== undefined ? [e.key[0].lo] : [],
      ),
      node.loc,
    );
}
