/** Constants of a known type. src/evaluate.c, expr_evaluate_value(), expr_evaluate_prefix(), expr_evaluate_range() */
import type { NftExpr, NftPrefix, NftValue } from '@labwire/devices/netfilter';
import type { Node } from '../parse/index.ts';
import { checkWidth, dataType, ones, readValue, stringText, stringValue } from '../type/index.ts';
import { fail, type RuleContext, type Want } from './context.ts';

function valueWith(value: bigint, want: Want): NftValue {
  return { kind: 'value', type: want.type, bits: want.bits, value };
}

/** A name: whole, or with a star at the end for all that begin with it. `expr_evaluate_string()` */
function stringConstant(node: Extract<Node, { k: 'sym' }>, want: Want): NftExpr {
  let { text } = node;
  const bytes = want.bits / 8;
  if (text === '') fail('Empty string is not allowed', node.loc);
  if (want.bits > 0 && text.length + 1 > bytes)
    fail(`String exceeds maximum length of ${bytes}`, node.loc);
  const bits = want.bits === 0 ? (text.length + 1) * 8 : want.bits;
  if (!text.endsWith('*')) return valueWith(stringValue(text, bits), { ...want, bits });
  if (text === '*') fail('All-wildcard strings are not supported', node.loc);
  if (text.endsWith('\\*')) {
    text = `${text.slice(0, -2)}*`;
    return valueWith(stringValue(text, bits), { ...want, bits });
  }
  const stem = text.slice(0, -1);
  return {
    kind: 'prefix',
    type: want.type,
    bits,
    value: stringValue(stem, bits),
    len: stem.length * 8,
  };
}

function symbolConstant(ctx: RuleContext, node: Extract<Node, { k: 'sym' }>, want: Want): NftExpr {
  const t = dataType(want.type);
  if (t.base === 'string') return stringConstant(node, want);
  if (node.proto !== undefined && want.type === 'inet_proto')
    return valueWith(BigInt(node.proto), want);
  const value = readValue(want.type, want.bits, node.text, ctx.names, node.loc);
  if ((want.bits > 0 || want.type === 'xinteger') && want.type !== 'date')
    checkWidth(value, want.bits, node.loc, want.max ?? maxOf(want.type));
  return valueWith(value, want);
}

/** The largest value of a type, where that is less than its width allows. */
function maxOf(type: string): number | undefined {
  return type === 'day' ? 6 : undefined;
}

function prefixConstant(
  ctx: RuleContext,
  node: Extract<Node, { k: 'prefix' }>,
  want: Want,
): NftExpr {
  const base = constantExpr(ctx, node.base, want);
  if (base.kind !== 'value')
    fail('Prefix expression is undefined for non-constant expressions', node.loc);
  if (dataType(want.type).base === 'bitmask')
    fail(`Prefix expression is undefined for ${dataType(want.type).desc} types`, node.loc);
  if (node.len > base.bits)
    fail(`Prefix length ${node.len} is invalid for type of ${base.bits} bits width`, node.loc);
  const mask = ones(node.len) << BigInt(base.bits - node.len);
  if (node.len === base.bits) return base;
  const e: NftPrefix = {
    kind: 'prefix',
    type: want.type,
    bits: base.bits,
    value: base.value & mask,
    len: node.len,
  };
  return e;
}

function rangeConstant(ctx: RuleContext, node: Extract<Node, { k: 'range' }>, want: Want): NftExpr {
  const t = dataType(want.type);
  if (t.base === 'string')
    fail(`Range expression is undefined for ${t.desc} types`, node.from.loc, node.loc);
  const from = constantExpr(ctx, node.from, want);
  const to = constantExpr(ctx, node.to, want);
  if (from.kind !== 'value') fail('Range is not constant', node.from.loc, node.loc);
  if (to.kind !== 'value') fail('Range is not constant', node.to.loc, node.loc);
  if (from.value > to.value && want.type !== 'hour')
    fail('Range has zero or negative size', node.loc);
  return { kind: 'range', type: want.type, bits: want.bits, from: from.value, to: to.value };
}

/** Works out an operator between two constants. */
export function fold(op: '&' | '|' | '^' | '<<' | '>>', a: bigint, b: bigint): bigint {
  switch (op) {
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      return a << b;
    case '>>':
      return a >> b;
  }
}

function listConstant(ctx: RuleContext, node: Extract<Node, { k: 'list' }>, want: Want): NftExpr {
  let value = 0n;
  for (const item of node.items) {
    const v = constantExpr(ctx, item, want);
    if (v.kind !== 'value') fail('Type mismatch', item.loc);
    value |= v.value;
  }
  return valueWith(value, want);
}

/** Whether a node is a constant. */
export function isConstant(node: Node): boolean {
  switch (node.k) {
    case 'sym':
    case 'boolean':
    case 'wild':
      return true;
    case 'binop':
      return isConstant(node.left) && isConstant(node.right);
    case 'list':
      return node.items.every(isConstant);
    case 'range':
      return isConstant(node.from) && isConstant(node.to);
    case 'prefix':
      return isConstant(node.base);
    default:
      return false;
  }
}

/** A constant of the wanted type. @throws NftError */
export function constantExpr(ctx: RuleContext, node: Node, want: Want): NftExpr {
  switch (node.k) {
    case 'sym':
      return symbolConstant(ctx, node, want);
    case 'boolean':
      if (want.type !== 'boolean' && want.bits !== 1)
        fail(
          'datatype mismatch, expected ' +
            dataType(want.type).desc +
            ', expression has type boolean type',
          node.loc,
        );
      return valueWith(node.value ? 1n : 0n, want);
    case 'prefix':
      return prefixConstant(ctx, node, want);
    case 'range':
      return rangeConstant(ctx, node, want);
    case 'list':
      return listConstant(ctx, node, want);
    case 'binop': {
      const left = constantExpr(ctx, node.left, want);
      const shift = node.op === '<<' || node.op === '>>';
      const right = constantExpr(ctx, node.right, shift ? { type: 'integer', bits: 32 } : want);
      if (left.kind !== 'value' || right.kind !== 'value')
        fail('Binary operation is undefined here', node.loc);
      return valueWith(fold(node.op, left.value, right.value) & ones(want.bits || 128), want);
    }
    default:
      return fail('expression is not constant', node.loc);
  }
}

/** A string that a constant is. */
export function textOfValue(e: NftExpr): string {
  return e.kind === 'value' ? stringText(e.value, e.bits) : '';
}

/** A constant, or a set of them, as one of another type of the same width. */
export function retyped(e: NftExpr, type: string): NftExpr {
  if (e.kind === 'value' || e.kind === 'range' || e.kind === 'prefix') return { ...e, type };
  if (e.kind !== 'set') return e;
  const key = e.set.key.map((part) => ({ ...part, type }));
  return { ...e, type, set: { ...e.set, key } };
}
