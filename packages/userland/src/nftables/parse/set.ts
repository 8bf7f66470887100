/** Sets in braces and their elements. src/parser_bison.y, set_expr, set_list_expr */
import { NftError, span } from '../lex/index.ts';
import type { ElementNode, Node, StmtNode, Tokens } from '../syntax/index.ts';
import { parseTime } from '../type/index.ts';
import { concatRight, constant } from './expression/index.ts';
import { isStateful, statefulStmt } from './stateful.ts';
import { isVerdict, verdictExpr } from './verdict.ts';

/** A time such as `1d2h`, in ms. */
export function timeSpec(p: Tokens): number {
  if (p.peek().kind !== 'string') p.fail('string');
  const t = p.next();
  const ms = parseTime(t.text);
  if (ms === undefined) throw new NftError('Wrong time format', t.loc);
  return ms;
}

/** `comment "…"` */
export function commentText(p: Tokens): string {
  p.want('comment');
  const t = p.string();
  if (t.text.length > 128)
    throw new NftError('comment too long, 128 characters maximum allowed', t.loc);
  return t.text;
}

/** What may stand behind an element's key. */
interface ElementOptions {
  timeout?: number;
  expires?: number;
  comment?: string;
  stmts: StmtNode[];
}

/** @internal */
export function elementOptions(p: Tokens): ElementOptions {
  const o: ElementOptions = { stmts: [] };
  for (;;) {
    if (p.take('timeout')) o.timeout = timeSpec(p);
    else if (p.take('expires')) o.expires = timeSpec(p);
    else if (p.at('comment')) o.comment = commentText(p);
    else if (isStateful(p)) o.stmts.push(statefulStmt(p));
    else return o;
  }
}

/** What a map has for a key. */
function dataExpr(p: Tokens): Node {
  if (isVerdict(p)) return verdictExpr(p);
  if (p.at('{')) return setExpr(p);
  return concatRight(p);
}

function element(p: Tokens): ElementNode {
  const from = p.peek().loc;
  const key = p.at('{') ? setExpr(p) : concatRight(p);
  const own = elementOptions(p);
  if (!p.take(':')) return { key, ...own, loc: p.since(from) };
  p.newlines();
  const data = dataExpr(p);
  const more = elementOptions(p);
  return {
    key,
    data,
    ...own,
    ...more,
    stmts: [...own.stmts, ...more.stmts],
    loc: p.since(from),
  };
}

/** `{ … }` */
export function setExpr(p: Tokens): Node {
  const open = p.want('{');
  const elements: ElementNode[] = [];
  p.newlines();
  while (!p.at('}')) {
    elements.push(element(p));
    p.newlines();
    if (!p.take(',')) break;
    p.newlines();
  }
  if (!p.at('}')) p.fail(...(elements.length === 0 ? [] : ['comma', "'}'"]));
  p.next();
  return { k: 'set', elements, loc: p.since(open.loc) };
}

/** A set in braces, or a variable. */
export function setBlockExpr(p: Tokens): Node {
  return p.at('$') ? p.variable() : setExpr(p);
}

/** A set by name: `@NAME`, or a variable. */
export function setName(p: Tokens): Node {
  if (p.at('$')) return p.variable();
  const sign = p.want('@');
  const name = p.identifier();
  return { k: 'setref', name: name.text, loc: span(sign.loc, name.loc) };
}

/** The value that a variable is given: one, a list, or a set. */
export function initializer(p: Tokens): Node {
  if (p.at('{')) return setExpr(p);
  if (p.at('-') && p.peek(1).kind === 'number') {
    const sign = p.next();
    const n = p.next();
    return { k: 'sym', text: `-${n.text}`, form: 'number', loc: span(sign.loc, n.loc) };
  }
  if (p.at('@')) return setName(p);
  const first = concatRight(p, constant);
  if (!p.at(',')) return first;
  const items = [first];
  while (p.take(',')) items.push(concatRight(p, constant));
  return { k: 'list', items, loc: p.since(first.loc) };
}
