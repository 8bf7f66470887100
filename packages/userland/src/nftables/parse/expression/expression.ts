/** Operators and concatenations. src/parser_bison.y, concat_expr */
import { span } from '../../lex/index.ts';
import type { Node, Tokens } from '../../syntax/index.ts';

/** Reads what operators work on. */
export type Operand = (p: Tokens) => Node;

type BinOp = '&' | '|' | '^' | '<<' | '>>';

function level(p: Tokens, ops: readonly BinOp[], operand: Operand): Node {
  let left = operand(p);
  while (p.at(...ops)) {
    const op = p.next().text as BinOp;
    const right = operand(p);
    left = { k: 'binop', op, left, right, loc: span(left.loc, right.loc) };
  }
  return left;
}

/** Operands with `|`, `^`, `&`, `<<`, `>>` between them, the last binding closest. */
export function expression(p: Tokens, operand: Operand): Node {
  return level(p, ['|'], (q) =>
    level(q, ['^'], (r) => level(r, ['&'], (s) => level(s, ['<<', '>>'], operand))),
  );
}

/** Expressions with dots between them. */
export function concatExpr(p: Tokens, operand: Operand): Node {
  const first = expression(p, operand);
  if (!p.at('.')) return first;
  const parts = [first];
  while (p.take('.')) parts.push(expression(p, operand));
  return { k: 'concat', parts, loc: p.since(first.loc) };
}
