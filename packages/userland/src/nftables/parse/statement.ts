/** The statements of a rule. src/parser_bison.y, stmt */
import type { NftLog } from '@labwire/devices/netfilter';
import { type Loc, NftError } from '../lex/index.ts';
import type { Node, RuleNode, StmtNode, Tokens } from '../syntax/index.ts';
import { concatRight, headerExpr } from './expression/index.ts';
import { dupFwdStmt, natStmt, queueStmt, tproxyStmt } from './nat.ts';
import { synproxyConfig } from './object.ts';
import { assigned, dynamicKey, expressionStmt, mapped } from './relation.ts';
import { commentText, elementOptions, setName } from './set.ts';
import { isStateful, statefulStmt } from './stateful.ts';
import { isVerdict, verdictExpr } from './verdict.ts';

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug', 'audit'];

interface LogArgs {
  prefix?: Node;
  level?: number;
  group?: number;
  snaplen?: number;
  queueThreshold?: number;
  flags: string[];
}

const LOG_FLAGS = ['tcp sequence', 'tcp options', 'ip options', 'skuid', 'ether'];

function logStmt(p: Tokens): StmtNode {
  const head = p.next();
  return p.within('log', () => {
    const a: LogArgs = { flags: [] };
    while (logArg(p, a));
    return logNode(a, head.loc, head.loc);
  });
}

function logArg(p: Tokens, a: LogArgs): boolean {
  if (p.take('prefix')) {
    const t = p.peek();
    if (p.at('$')) a.prefix = p.variable();
    else {
      const s = p.string();
      a.prefix = { k: 'sym', text: s.text, form: 'quoted', loc: t.loc };
    }
  } else if (p.take('group')) a.group = p.number();
  else if (p.take('snaplen')) a.snaplen = p.number();
  else if (p.take('queue-threshold')) a.queueThreshold = p.number();
  else if (p.take('level')) a.level = logLevel(p);
  else if (p.take('flags')) a.flags.push(...logFlags(p));
  else return false;
  return true;
}

function logLevel(p: Tokens): number {
  const t = p.string();
  const n = LEVELS.indexOf(t.text);
  if (n < 0) throw new NftError('invalid log level', t.loc);
  return n;
}

function logFlags(p: Tokens): string[] {
  if (p.take('all')) return [...LOG_FLAGS];
  if (p.take('skuid')) return ['skuid'];
  if (p.take('ether')) return ['ether'];
  if (p.take('ip')) {
    p.want('options');
    return ['ip options'];
  }
  p.want('tcp', 'ip', 'skuid', 'ether', 'all');
  const out: string[] = [];
  do out.push(`tcp ${p.want('sequence', 'options').text}`);
  while (p.take(','));
  return out;
}

function logNode(a: LogArgs, at: Loc, loc: Loc): StmtNode {
  const { level, group } = a;
  const nflog = group !== undefined || a.snaplen !== undefined || a.queueThreshold !== undefined;
  if (nflog && (level !== undefined || a.flags.length > 0))
    throw new NftError('level and group are mutually exclusive', at);
  if (level === 8 && (a.prefix !== undefined || a.flags.length > 0))
    throw new NftError("log level audit doesn't support any further options", at);
  const { prefix, ...rest } = a;
  const flags = LOG_FLAGS.filter((f) => a.flags.includes(f));
  const stmt: NftLog = {
    kind: 'log',
    ...rest,
    flags,
    ...(nflog && group === undefined ? { group: 0 } : {}),
  };
  return prefix === undefined ? { s: 'log', stmt, loc } : { s: 'log', stmt, prefix, loc };
}

function rejectStmt(p: Tokens): StmtNode {
  const head = p.next();
  return p.within('reject', () => {
    if (!p.take('with')) return { s: 'reject', loc: head.loc };
    const what = p.want('icmp', 'icmpv6', 'icmpx', 'tcp');
    if (what.text === 'tcp') {
      p.want('reset');
      return { s: 'reject', with: 'tcp reset', whatLoc: what.loc, loc: head.loc };
    }
    p.take('type');
    const code = concatRight(p);
    return {
      s: 'reject',
      with: what.text as 'icmp' | 'icmpv6' | 'icmpx',
      code,
      whatLoc: what.loc,
      loc: head.loc,
    };
  });
}

/** `add @SET { KEY … [: DATA] }`, `update`, `delete` */
function setStmt(p: Tokens): StmtNode {
  const head = p.next();
  const op = head.text as 'add' | 'update' | 'delete';
  const set = setName(p);
  p.want('{');
  const element = dynamicElement(p);
  const data = p.take(':') ? assigned(p) : undefined;
  p.want('}');
  const base = {
    s: 'set' as const,
    op,
    set,
    element,
    stmts: element.stmts,
    loc: p.since(head.loc),
  };
  return data === undefined ? base : { ...base, data };
}

function dynamicElement(p: Tokens): Extract<StmtNode, { s: 'set' }>['element'] {
  const from = p.peek().loc;
  const key = dynamicKey(p);
  const options = elementOptions(p);
  return { key, ...options, loc: p.since(from) };
}

/** `set add KEY @SET`: the older form. */
function oldSetStmt(p: Tokens): StmtNode {
  const head = p.next();
  const op = p.want('add', 'update', 'delete').text as 'add' | 'update' | 'delete';
  const element = dynamicElement(p);
  const set = setName(p);
  return { s: 'set', op, set, element, stmts: element.stmts, loc: p.since(head.loc) };
}

/** `meter NAME [size N] { KEY STMT }` */
function meterStmt(p: Tokens): StmtNode {
  const head = p.next();
  const name = p.identifier();
  const size = p.take('size') ? p.number() : undefined;
  p.want('{');
  const element = dynamicElement(p);
  const own = isStateful(p) ? [statefulStmt(p)] : [];
  p.want('}');
  const stmts = [...element.stmts, ...own];
  const set: Node = { k: 'setref', name: name.text, loc: name.loc };
  return {
    s: 'set',
    op: 'update',
    set,
    element,
    stmts,
    meter: { name: name.text, size },
    loc: p.since(head.loc),
  };
}

/** `ct helper set "NAME"` and its like. */
function ctObjectStmt(p: Tokens): StmtNode {
  const head = p.next();
  const type = `ct ${p.next().text}` as 'ct helper' | 'ct timeout' | 'ct expectation';
  p.want('set');
  return { s: 'objref', type, object: assigned(p), loc: p.since(head.loc) };
}

function flowStmt(p: Tokens): StmtNode {
  const head = p.next();
  p.want('add', 'offload');
  p.want('@');
  const flowtable = p.identifier().text;
  return { s: 'plain', stmt: { kind: 'flow add', flowtable }, loc: p.since(head.loc) };
}

function synproxyStmt(p: Tokens): StmtNode {
  const head = p.next();
  if (p.take('name'))
    return { s: 'objref', type: 'synproxy', object: assigned(p), loc: p.since(head.loc) };
  return { s: 'plain', stmt: synproxyConfig(p), loc: p.since(head.loc) };
}

function optstripStmt(p: Tokens): StmtNode {
  const head = p.next();
  if (!p.at('tcp')) p.fail('tcp');
  const option = headerExpr(p);
  return { s: 'optstrip', option, loc: p.since(head.loc) };
}

/** One statement. */
export function statement(p: Tokens): StmtNode {
  const t = p.peek();
  if (t.kind !== 'word') return expressionStmt(p);
  if (isVerdict(p)) {
    const expr = verdictExpr(p);
    return { s: 'verdict', expr, loc: expr.loc };
  }
  if (t.text === 'ct' && p.after('helper', 'timeout', 'expectation') && p.peek(2).text === 'set')
    return ctObjectStmt(p);
  if (isStateful(p)) return statefulStmt(p, mapped);
  switch (t.text) {
    case 'log':
      return logStmt(p);
    case 'reject':
      return rejectStmt(p);
    case 'snat':
    case 'dnat':
    case 'masquerade':
    case 'redirect':
      return natStmt(p);
    case 'tproxy':
      return tproxyStmt(p);
    case 'dup':
    case 'fwd':
      return dupFwdStmt(p);
    case 'queue':
      return queueStmt(p);
    default:
      return otherStmt(p, t.text);
  }
}

function otherStmt(p: Tokens, word: string): StmtNode {
  switch (word) {
    case 'notrack': {
      const t = p.next();
      return { s: 'plain', stmt: { kind: 'notrack' }, loc: t.loc };
    }
    case 'add':
    case 'update':
    case 'delete':
      return setStmt(p);
    case 'set':
      return oldSetStmt(p);
    case 'meter':
      return meterStmt(p);
    case 'flow':
      return flowStmt(p);
    case 'synproxy':
      return synproxyStmt(p);
    case 'reset':
      return optstripStmt(p);
    case 'secmark': {
      const t = p.next();
      throw new NftError('Labwire has no security marks (secmark)', t.loc);
    }
    default:
      if (!STARTS.has(word)) p.fail();
      return expressionStmt(p);
  }
}

/** Words that begin an expression on the left. */
const STARTS: ReadonlySet<string> = new Set([
  ...'ether vlan arp ip icmp icmpv6 igmp ip6 ah esp comp udp udplite tcp dccp sctp th rt rt0 rt2 srh hbh frag dst mh exthdr'.split(
    ' ',
  ),
  ...'meta mark iif iifname iiftype oif oifname oiftype skuid skgid nftrace rtclassid ibrname obrname ibriport obriport'.split(
    ' ',
  ),
  ...'pkttype cpu iifgroup oifgroup cgroup ct numgen jhash symhash fib osf socket ipsec time day hour'.split(
    ' ',
  ),
]);

/** Whether a rule goes on with this token. */
function startsStatement(p: Tokens): boolean {
  const t = p.peek();
  switch (t.kind) {
    case 'number':
    case 'string':
    case 'quoted':
    case 'asterisk':
      return true;
    case 'sign':
      return t.text === '(' || t.text === '@' || t.text === '$';
    case 'word':
      return STARTS.has(t.text) || STATEMENT_WORDS.has(t.text);
    default:
      return false;
  }
}

const STATEMENT_WORDS: ReadonlySet<string> = new Set(
  'accept drop continue return jump goto counter limit quota log reject snat dnat masquerade redirect tproxy dup fwd queue notrack add update delete set meter flow synproxy reset secmark'.split(
    ' ',
  ),
);

/** A rule, its comment at the end. */
export function rule(p: Tokens): RuleNode {
  const from = p.peek().loc;
  const stmts: StmtNode[] = [];
  do stmts.push(statement(p));
  while (startsStatement(p));
  const comment = p.at('comment') ? commentText(p) : undefined;
  const base = { stmts, loc: p.since(from) };
  return comment === undefined ? base : { ...base, comment };
}
