/** Statements that lead packets elsewhere. src/parser_bison.y, nat_stmt, redir_stmt, masq_stmt, tproxy_stmt, dup_stmt, fwd_stmt, queue_stmt */
import type { Token } from '../lex/index.ts';
import type { Node, StmtNode, Tokens } from '../syntax/index.ts';
import { concatExpr, concatRight, expression, primary } from './expression/index.ts';
import { mapped } from './relation.ts';

type NatFlag = 'random' | 'fully-random' | 'persistent';
const NAT_FLAGS = ['random', 'fully-random', 'persistent'] as const;

/** `random,persistent` in the order of listings. */
function natFlags(p: Tokens): NatFlag[] {
  const got = new Set<NatFlag>();
  while (p.at(...NAT_FLAGS)) {
    got.add(p.next().text as NatFlag);
    if (!p.take(',')) break;
    if (!p.at(...NAT_FLAGS)) p.fail('random', 'fully-random', 'persistent');
  }
  return NAT_FLAGS.filter((f) => got.has(f));
}

interface NatArgs {
  family: 'ip' | 'ip6' | undefined;
  addr?: Node;
  port?: Node;
  prefix: boolean;
  interval: boolean;
}

/** An address, a map that yields one, or a network. */
function natAddr(p: Tokens): Node {
  const e = concatRight(p, primary);
  return p.at('map') ? mapped(p, e) : e;
}

function natPort(p: Tokens, a: NatArgs): void {
  if (p.take(':')) a.port = natAddr(p);
}

/** `snat [ip|ip6] [addr . port|prefix|interval] [to] ADDR[:PORT] [flags]` */
export function natStmt(p: Tokens): StmtNode {
  const head = p.next();
  const type = head.text as 'snat' | 'dnat' | 'masquerade' | 'redirect';
  return p.within('nat', () => {
    const a: NatArgs = { family: undefined, prefix: false, interval: false };
    if (type === 'masquerade' || type === 'redirect') portOnly(p, type, a);
    else translation(p, a);
    const flags = natFlags(p);
    if (p.at('to', 'prefix', 'port', 'addr')) p.fail('end of file', 'newline', 'semicolon');
    return { s: 'nat', type, ...a, flags, loc: head.loc };
  });
}

function portOnly(p: Tokens, type: string, a: NatArgs): void {
  if (!p.take('to')) return;
  if (type === 'redirect' && !p.at(':')) {
    a.port = natAddr(p);
    return;
  }
  if (!p.at(':')) p.fail('colon');
  natPort(p, a);
}

function translation(p: Tokens, a: NatArgs): void {
  if (p.at('ip', 'ip6')) a.family = p.next().text as 'ip' | 'ip6';
  if (p.at('addr') && p.after('.')) {
    p.next();
    p.next();
    p.want('port');
  } else if (p.take('prefix')) a.prefix = true;
  else if (p.take('interval')) a.interval = true;
  const to = p.take('to');
  if (to && p.at(':')) {
    natPort(p, a);
    return;
  }
  if (p.at(':')) {
    natPort(p, a);
    return;
  }
  if (p.atSeparator || p.peek().kind === 'end') p.fail();
  a.addr = natAddr(p);
  natPort(p, a);
}

/** `tproxy [ip|ip6] to ADDR[:PORT]` */
export function tproxyStmt(p: Tokens): StmtNode {
  const head = p.next();
  const a: NatArgs = { family: undefined, prefix: false, interval: false };
  if (p.at('ip', 'ip6')) a.family = p.next().text as 'ip' | 'ip6';
  if (!p.take('to')) p.fail(...(a.family === undefined ? ['to', 'ip', 'ip6'] : ['to']));
  if (!p.at(':')) a.addr = natAddr(p);
  natPort(p, a);
  const stmt = { s: 'tproxy' as const, family: a.family, loc: p.since(head.loc) };
  return {
    ...stmt,
    ...(a.addr === undefined ? {} : { addr: a.addr }),
    ...(a.port === undefined ? {} : { port: a.port }),
  };
}

/** `dup to ADDR [device DEV]`, `fwd [ip|ip6] to DEV|ADDR device DEV` */
export function dupFwdStmt(p: Tokens): StmtNode {
  const head = p.next();
  const s = head.text as 'dup' | 'fwd';
  let family: 'ip' | 'ip6' | undefined;
  if (s === 'fwd' && p.at('ip', 'ip6')) family = p.next().text as 'ip' | 'ip6';
  p.want('to');
  const to = natAddr(p);
  const dev = p.take('device') ? natAddr(p) : undefined;
  return {
    s,
    to,
    ...(dev === undefined ? {} : { dev }),
    ...(family === undefined ? {} : { family }),
    loc: p.since(head.loc),
  };
}

const QUEUE_FLAGS = ['bypass', 'fanout'];

function queueFlags(p: Tokens, into: Set<string>): void {
  while (p.at(...QUEUE_FLAGS)) {
    into.add(p.next().text);
    p.take(',');
  }
}

/** `queue [flags F] [to N|EXPR]`, and the older `queue [num N] [F]`. */
export function queueStmt(p: Tokens): StmtNode {
  const head = p.next();
  return p.within('queue', () => {
    const flags = new Set<string>();
    let num: Node | undefined;
    if (p.take('flags')) queueFlags(p, flags);
    if (p.take('to')) num = queueTo(p);
    else if (flags.size === 0) num = oldQueue(p, flags);
    return {
      s: 'queue',
      num,
      flags: QUEUE_FLAGS.filter((f) => flags.has(f)),
      loc: p.since(head.loc),
    };
  });
}

function oldQueue(p: Tokens, flags: Set<string>): Node | undefined {
  let num: Node | undefined;
  for (;;) {
    if (p.take('num')) {
      if (p.peek().kind !== 'number' && !p.at('$')) p.fail('number', "'$'");
      num = concatRight(p);
    } else if (p.at(...QUEUE_FLAGS)) queueFlags(p, flags);
    else return num;
  }
}

function queueTo(p: Tokens): Node {
  const t: Token = p.peek();
  if (t.kind === 'number' || p.at('$', 'numgen', 'jhash', 'symhash')) {
    const e = concatRight(p, primary);
    return p.at('map') ? mapped(p, e) : e;
  }
  const key = p.at('(') ? expression(p, primary) : concatExpr(p, primary);
  if (!p.at('map')) p.fail('.', 'map');
  return mapped(p, key);
}
