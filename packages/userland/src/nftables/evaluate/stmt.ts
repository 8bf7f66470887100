/** Statements with types. src/evaluate.c, stmt_evaluate() */
import type { NftExpr, NftMangle, NftSetUpdate, NftStmt } from '@labwire/devices/netfilter';
import type { Loc } from '../lex/index.ts';
import { hideImplied, joinNameless, nameTransports, orderStmts } from '../linearize/index.ts';
import type { Node, RuleNode, StmtNode } from '../parse/index.ts';
import { dataType, stringText } from '../type/index.ts';
import { isConstant, retyped } from './constant.ts';
import { fail, type RuleContext, type Want } from './context.ts';
import { evaluate, setReference } from './expr.ts';
import { matchStmt } from './match.ts';
import { natStmt, tproxyStmt } from './nat.ts';
import { namedPayload } from './protocols.ts';
import { rejectStmt } from './reject.ts';
import { objectMapLiteral, statefulElement } from './set.ts';

/** A value that something is set to. */
function argument(ctx: RuleContext, node: Node, want: Want, whole?: Loc): NftExpr {
  if (node.k === 'concat') return evaluate(ctx, node, undefined, [want]);
  const e = evaluate(ctx, node, want);
  const at = whole === undefined ? [node.loc] : [node.loc, whole];
  const mismatch = `datatype mismatch: expected ${dataType(want.type).desc}, expression has type ${dataType(e.type).desc}`;
  const isInteger = e.type === 'integer' || e.type === 'xinteger';
  if (e.kind === 'payload' && isInteger && (want.type !== 'integer' || e.bits !== want.bits))
    fail(`${mismatch} with length ${e.bits}`, ...at);
  if (!isInteger && e.type !== want.type) fail(mismatch, ...at);
  return e;
}

function mangle(ctx: RuleContext, node: Extract<StmtNode, { s: 'mangle' }>): NftMangle {
  const target = evaluate(ctx, node.target);
  if (
    target.kind !== 'payload' &&
    target.kind !== 'meta' &&
    target.kind !== 'ct' &&
    target.kind !== 'exthdr'
  )
    fail('this cannot be set', node.target.loc);
  const want: Want = { type: target.type, bits: target.bits };
  if (target.kind === 'payload' && target.proto === '') {
    const named = namedPayload(ctx, target);
    const value = argument(ctx, node.value, want);
    return { kind: 'mangle', target: named, value: retyped(value, named.type) };
  }
  if (target.kind === 'meta' && target.key === 'nftrace')
    return {
      kind: 'mangle',
      target,
      value: argument(ctx, node.value, { type: 'integer', bits: 8 }),
    };
  return { kind: 'mangle', target, value: argument(ctx, node.value, want, node.loc) };
}

function queue(ctx: RuleContext, node: Extract<StmtNode, { s: 'queue' }>): NftStmt {
  if (node.num === undefined) return { kind: 'queue', num: undefined, flags: node.flags };
  const num = evaluate(ctx, node.num, { type: 'integer', bits: 16 });
  const max = num.kind === 'numgen' || num.kind === 'hash' ? num.mod - 1 + num.offset : 0;
  if (max > 65_535) fail('queue expression max value exceeds 65535', node.num.loc);
  return { kind: 'queue', num, flags: node.flags };
}

function dupFwd(ctx: RuleContext, node: Extract<StmtNode, { s: 'dup' | 'fwd' }>): NftStmt {
  const device: Want = { type: 'iface_index', bits: 32 };
  const inet = ctx.family === 'ip' || ctx.family === 'ip6';
  if (node.s === 'dup' && !inet && ctx.family !== 'netdev') fail('unsupported family', node.loc);
  if (node.s === 'fwd' && ctx.family !== 'netdev') fail('unsupported family', node.loc);
  const family = node.family ?? (inet ? (ctx.family as 'ip' | 'ip6') : undefined);
  const address: Want =
    family === 'ip6' ? { type: 'ipv6_addr', bits: 128 } : { type: 'ipv4_addr', bits: 32 };
  const to = evaluate(ctx, node.to, family === undefined ? device : address);
  const dev = node.dev === undefined ? undefined : evaluate(ctx, node.dev, device);
  return {
    kind: node.s,
    to,
    ...(dev === undefined ? {} : { dev }),
    ...(node.family === undefined ? {} : { family: node.family }),
  };
}

/** Elements of a meter that names no size. */
const METER_SIZE = 65_535;

function setUpdate(ctx: RuleContext, node: Extract<StmtNode, { s: 'set' }>): NftSetUpdate {
  const key = evaluate(ctx, node.element.key);
  const set =
    node.meter === undefined
      ? setReference(ctx, node.set)
      : { kind: 'setref' as const, name: node.meter.name, type: 'integer', bits: 0 };
  if (isConstant(node.element.key)) fail('Key expression cannot be constant', node.element.key.loc);
  const { timeout, comment } = node.element;
  const live = node.meter === undefined ? ctx.findSet(set.name, node.set.loc) : undefined;
  const data =
    node.data === undefined
      ? undefined
      : argument(ctx, node.data, (live?.data?.[0] ?? { type: 'integer', bits: 32 }) as Want);
  return {
    kind: 'set',
    op: node.op,
    set,
    key,
    stmts: node.stmts.map(statefulElement),
    ...(data === undefined ? {} : { data }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(comment === undefined ? {} : { comment }),
    ...(node.meter === undefined ? {} : { meter: { size: node.meter.size ?? METER_SIZE } }),
  };
}

function objectRef(ctx: RuleContext, node: Extract<StmtNode, { s: 'objref' }>): NftStmt {
  const { object, type } = node;
  if (object.k === 'map' && object.to.k === 'set') {
    const key = evaluate(ctx, object.key);
    const map = objectMapLiteral(ctx, object.to, key, type);
    return { kind: 'objref', type, object: { kind: 'map', key, map, type: 'string', bits: 0 } };
  }
  return { kind: 'objref', type, object: evaluate(ctx, object, { type: 'string', bits: 0 }) };
}

/** How long a log prefix may be, with its end. NF_LOG_PREFIXLEN */
const PREFIX_LENGTH = 128;

function log(ctx: RuleContext, node: Extract<StmtNode, { s: 'log' }>): NftStmt {
  if (node.prefix === undefined) return node.stmt;
  const value = evaluate(ctx, node.prefix, { type: 'string', bits: 0 });
  const prefix =
    value.kind === 'value'
      ? stringText(value.value, value.bits)
      : node.prefix.k === 'sym'
        ? node.prefix.text
        : '';
  if (prefix.length >= PREFIX_LENGTH) fail('log prefix is too long', node.prefix.loc);
  return { ...node.stmt, prefix };
}

/** One statement; what it depends on is in `ctx.stmts` before it. */
export function evaluateStmt(ctx: RuleContext, node: StmtNode): NftStmt {
  switch (node.s) {
    case 'match':
      return matchStmt(ctx, node);
    case 'verdict': {
      if (node.expr.k === 'map' && node.expr.key.k === 'sym')
        fail('No symbol type information', node.expr.key.loc);
      const expr = evaluate(ctx, node.expr);
      if (expr.kind !== 'verdict' && expr.kind !== 'map') fail('not a verdict', node.loc);
      return { kind: 'verdict', expr };
    }
    case 'plain':
      return { ...node.stmt };
    case 'log':
      return log(ctx, node);
    case 'reject':
      return rejectStmt(ctx, node);
    case 'nat':
      return natStmt(ctx, node);
    case 'tproxy':
      return tproxyStmt(ctx, node);
    case 'dup':
    case 'fwd':
      return dupFwd(ctx, node);
    case 'queue':
      return queue(ctx, node);
    case 'mangle':
      return mangle(ctx, node);
    case 'optstrip': {
      const option = evaluate(ctx, node.option);
      if (option.kind !== 'exthdr') fail('not an option', node.loc);
      return { kind: 'optstrip', option };
    }
    case 'set':
      return setUpdate(ctx, node);
    case 'objref':
      return objectRef(ctx, node);
  }
}

/** Whether nothing behind a statement is reached. */
function isTerminal(s: NftStmt): boolean {
  if (s.kind === 'verdict') return s.expr.kind === 'verdict' && s.expr.verdict !== 'continue';
  return s.kind === 'nat' || s.kind === 'reject' || s.kind === 'tproxy';
}

/** What of a statement the kernel names if it does not take it. */
function placeOf(node: StmtNode): Loc {
  if (node.s === 'match') return node.left.loc;
  if (node.s === 'verdict' && node.expr.k === 'verdict') return node.expr.chainLoc ?? node.loc;
  return node.s === 'objref' ? node.object.loc : node.loc;
}

/** A rule's statements as the kernel gets them. @throws NftError */
export function evaluateRule(ctx: RuleContext, rule: RuleNode): NftStmt[] {
  let terminal: StmtNode | undefined;
  for (const node of rule.stmts) {
    if (terminal !== undefined)
      fail('Statement after terminal statement has no effect', node.loc, terminal.loc);
    const s = evaluateStmt(ctx, node);
    if (isTerminal(s)) terminal = node;
    ctx.stmts.push(s);
    ctx.places.set(s, placeOf(node));
  }
  const last = ctx.stmts.at(-1);
  const redundant = (s: NftStmt): boolean =>
    s !== last &&
    s.kind === 'match' &&
    s.op === '==' &&
    s.left.kind === 'meta' &&
    s.left.key === 'protocol' &&
    s.right.kind === 'value' &&
    ((ctx.family === 'ip' && s.right.value === 0x0800n) ||
      (ctx.family === 'ip6' && s.right.value === 0x86ddn));
  const stmts = nameTransports(orderStmts(ctx.stmts.filter((s) => !redundant(s))));
  hideImplied(ctx.family, stmts);
  return joinNameless(stmts);
}
