/** `describe`: what an expression or a data type is. src/expression.c, expr_describe() */
import type { NftExpr } from '@labwire/devices/netfilter';
import { evaluate, type RuleContext } from '../evaluate/index.ts';
import type { Node } from '../parse/index.ts';
import { type DataType, dataType, declaredType } from '../type/index.ts';

/** What else a type is. `basetype` */
function baseOf(t: DataType): string {
  if (t.name === 'ether_addr') return 'link layer address, integer';
  if (['integer', 'string', 'verdict', 'bitmask'].includes(t.name)) return '';
  if (t.base === 'bitmask') return 'bitmask, integer';
  return t.base;
}

/** A type's constants. `symbol_table_print()` */
function constants(t: DataType): string {
  if (t.symbols === undefined) return '';
  const digits = 2 * Math.ceil(t.bits / 8);
  const value = (n: number): string =>
    t.format === 'hex' ? `0x${n.toString(16).padStart(digits, '0')}` : n.toString().padStart(20);
  const how = t.format === 'hex' ? 'hexadecimal' : 'decimal';
  const lines = t.symbols.map(([name, n]) => `\t${name.padEnd(30)}\t${value(n)}\n`);
  return `\npre-defined symbolic constants (in ${how}):\n${lines.join('')}`;
}

function describeType(t: DataType, bits: number): string {
  const base = baseOf(t);
  const of = base === '' ? '' : ` (basetype ${base})`;
  const name = t.name === 'date' ? 'time' : t.name;
  return `datatype ${name} (${t.desc})${of}, ${bits} bits\n${constants(t)}`;
}

/** The kind of an expression, and its type. */
function describeExpr(e: NftExpr): string {
  const bits = 'bits' in e ? e.bits : 0;
  const kind = e.kind === 'value' ? 'symbol' : e.kind;
  return 'type' in e ? `${kind} expression, ${describeType(dataType(e.type), bits)}` : '';
}

/** What nft says of an expression, or of a type by its name. */
export function describe(ctx: RuleContext, node: Node): string {
  if (node.k !== 'sym') return describeExpr(evaluate(ctx, node));
  const t = declaredType(node.text);
  return t === undefined
    ? 'symbol expression, datatype invalid (invalid)'
    : describeType(t, t.bits);
}
