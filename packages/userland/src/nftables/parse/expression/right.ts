/** What stands on the right: constants, ranges, prefixes and lists. src/parser_bison.y, rhs_expr, stmt_expr */
import { span } from '../../lex/index.ts';
import type { Node, Tokens } from '../../syntax/index.ts';
import { expression, type Operand } from './expression.ts';
import { constant, primary } from './primary.ts';

/** A constant in parentheses, or one without. */
function rightPrimary(p: Tokens): Node {
  const t = p.peek();
  if (t.kind === 'sign' && t.text === '(') {
    p.next();
    const inner = expression(p, rightPrimary);
    p.want(')');
    return { ...inner, loc: p.since(t.loc) };
  }
  return constant(p);
}

/** A constant, a range, a prefix or `*`. */
function multiton(p: Tokens, operand: Operand): Node {
  const star = p.peek();
  if (star.kind === 'sign' && star.text === '*') {
    p.next();
    return { k: 'wild', loc: star.loc };
  }
  const first = expression(p, operand);
  if (p.at('-')) {
    p.next();
    const to = expression(p, operand);
    return { k: 'range', from: first, to, loc: span(first.loc, to.loc) };
  }
  if (p.at('/') && p.peek(1).kind === 'number') {
    p.next();
    const len = p.number();
    return { k: 'prefix', base: first, len, loc: p.since(first.loc) };
  }
  return first;
}

/** What stands on the right, without sets: values, ranges and prefixes, with dots between them. */
export function concatRight(p: Tokens, operand: Operand = rightPrimary): Node {
  const first = multiton(p, operand);
  if (!p.at('.')) return first;
  const parts = [first];
  while (p.take('.')) parts.push(multiton(p, operand));
  return { k: 'concat', parts, loc: p.since(first.loc) };
}

/** Values with commas between them, or one. */
export function listRight(p: Tokens, operand: Operand = rightPrimary): Node {
  const first = concatRight(p, operand);
  if (!p.at(',')) return first;
  const items = [first];
  while (p.take(',')) items.push(expression(p, operand));
  return { k: 'list', items, loc: p.since(first.loc) };
}

/** What a statement sets something to. src/parser_bison.y, stmt_expr */
export function valueExpr(p: Tokens): Node {
  return listRight(p, primary);
}
