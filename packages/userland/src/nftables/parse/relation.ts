/** Comparisons and maps. src/parser_bison.y, relational_expr, map_expr, verdict_map_stmt */
import { span } from '../lex/index.ts';
import type { Node, RelOp, StmtNode, Tokens } from '../syntax/index.ts';
import { concatExpr, concatRight, listRight, primary, valueExpr } from './expression/index.ts';
import { setExpr, setName } from './set.ts';

/** `KEY map { … }` or `KEY map @NAME`, the key read already. */
export function mapped(p: Tokens, key: Node): Node {
  p.want('map');
  const to = p.at('{') ? setExpr(p) : setName(p);
  return { k: 'map', key, to, loc: span(key.loc, to.loc) };
}

/** `KEY vmap …` as a statement. */
function verdictMap(p: Tokens, key: Node): StmtNode {
  p.want('vmap');
  const to = p.at('{') ? setExpr(p) : setName(p);
  const loc = span(key.loc, to.loc);
  return { s: 'verdict', expr: { k: 'map', key, to, loc }, loc };
}

/** What a statement sets something to: a value, a list, or what a map yields. */
export function assigned(p: Tokens): Node {
  if (p.at('{')) p.fail();
  const value = valueExpr(p);
  return p.at('map') ? mapped(p, value) : value;
}

const OPS: Readonly<Record<string, RelOp>> = {
  '==': '==',
  '!=': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
  '!': '!',
};

/** A statement that begins with an expression: a comparison, a verdict map, or setting what the expression names. */
export function expressionStmt(p: Tokens): StmtNode {
  const from = p.peek().loc;
  const left = concatExpr(p, primary);
  if (p.at('vmap')) return verdictMap(p, left);
  if (p.at('set') && left.k === 'prim') {
    p.next();
    const value = assigned(p);
    return { s: 'mangle', target: left, value, loc: p.since(from) };
  }
  return comparison(p, p.at('map') ? mapped(p, left) : left);
}

function comparison(p: Tokens, left: Node): StmtNode {
  const sign = p.peek();
  const op = sign.kind === 'sign' ? OPS[sign.text] : undefined;
  if (op !== undefined) p.next();
  const right = rightSide(p);
  const match = { s: 'match' as const, left, op, right };
  if (!p.at('/')) return { ...match, loc: span(left.loc, right.loc) };
  p.next();
  const mask = listRight(p);
  return { ...match, mask, loc: span(left.loc, mask.loc) };
}

function rightSide(p: Tokens): Node {
  if (p.at('{')) return setExpr(p);
  if (p.at('@')) return setName(p);
  return listRight(p);
}

/** An element's key within `add @set { … }`. */
export function dynamicKey(p: Tokens): Node {
  return concatRight(p, primary);
}
