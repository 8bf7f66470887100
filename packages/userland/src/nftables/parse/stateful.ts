/** Statements with a state of their own: counter, limit, quota, ct count. src/parser_bison.y, stateful_stmt */
import type { NftCounter, NftLimit, NftQuota } from '@labwire/devices/netfilter';
import { type Loc, NftError } from '../lex/index.ts';
import type { Node, StmtNode, Tokens } from '../syntax/index.ts';
import { concatRight, primary } from './expression/index.ts';

const BYTE_UNITS: Readonly<Record<string, number>> = {
  bytes: 1,
  kbytes: 1024,
  mbytes: 1024 * 1024,
};

const SECONDS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
};

/** Whether a stateful statement comes. */
export function isStateful(p: Tokens): boolean {
  return p.at('counter', 'limit', 'quota') || (p.at('ct') && p.after('count'));
}

/** `counter`, `counter packets N bytes N` */
export function counterConfig(p: Tokens): NftCounter {
  let [packets, bytes] = [0, 0];
  if (p.take('packets')) {
    packets = p.number();
    p.want('bytes');
    bytes = p.number();
  } else if (p.take('bytes')) {
    bytes = p.number();
    p.want('packets');
    packets = p.number();
  }
  return { kind: 'counter', packets, bytes };
}

/** A rate's unit and what it is per, from `bytes/second`, `kbytes / minute`. */
function rateUnit(p: Tokens, from: Loc): { readonly factor: number; readonly unit: number } {
  const t = p.peek();
  if (t.kind !== 'string') p.fail('/', 'string', 'bytes');
  p.next();
  const at = t.text.indexOf('/');
  const name = at < 0 ? t.text : t.text.slice(0, at);
  const factor = BYTE_UNITS[name];
  if (at < 0) {
    if (factor === undefined || !p.take('/'))
      throw new NftError('Wrong rate format', p.since(from));
    return { factor, unit: timeUnit(p) };
  }
  const unit = SECONDS[t.text.slice(at + 1)];
  if (factor === undefined || unit === undefined)
    throw new NftError(factor === undefined ? 'Wrong rate format' : 'Wrong unit format', t.loc);
  return { factor, unit };
}

function timeUnit(p: Tokens): number {
  const t = p.peek();
  const unit = SECONDS[t.text];
  if (unit === undefined) p.fail('second', 'minute', 'hour', 'day', 'week');
  p.next();
  return unit;
}

/** `rate [over] N/second [burst N packets]`, `rate [over] N kbytes/second [burst N bytes]` */
export function limitConfig(p: Tokens): NftLimit {
  return p.within('limit', () => {
    p.want('rate');
    const over = p.take('over') || (p.take('until') && false);
    const from = p.peek().loc;
    const rate = p.number();
    if (p.take('/')) {
      const unit = timeUnit(p);
      const burst = p.take('burst') ? packetBurst(p) : 5;
      return { kind: 'limit', over, of: 'packets', rate, unit, burst };
    }
    const { factor, unit } = rateUnit(p, from);
    const burst = p.take('burst') ? byteBurst(p) : 0;
    return { kind: 'limit', over, of: 'bytes', rate: rate * factor, unit, burst };
  });
}

function packetBurst(p: Tokens): number {
  const n = p.number();
  p.want('packets');
  return n;
}

function byteBurst(p: Tokens): number {
  const n = p.number();
  const t = p.peek();
  const factor = BYTE_UNITS[t.text];
  if (factor === undefined) {
    if (t.kind !== 'string' || p.words?.has(t.text) === true) p.fail('string', 'bytes');
    throw new NftError('Wrong unit format', t.loc);
  }
  p.next();
  return n * factor;
}

/** `[over|until] N mbytes [used N bytes]` */
export function quotaConfig(p: Tokens, from: Loc = p.peek().loc): NftQuota {
  const over = p.take('over');
  if (!over) p.take('until');
  const bytes = p.number() * quotaUnit(p, from);
  const used = p.take('used') ? p.number() * quotaUnit(p, from) : 0;
  return { kind: 'quota', over, bytes, used };
}

/** @param from where the quota begins, for errors */
function quotaUnit(p: Tokens, from: Loc): number {
  const t = p.peek();
  const factor = BYTE_UNITS[t.text];
  if (factor === undefined) {
    if (t.kind !== 'string') p.fail('string', 'bytes');
    p.next();
    throw new NftError('Wrong rate format', p.since(from));
  }
  p.next();
  return factor;
}

/** Reads the map behind a key. */
type MapReader = (p: Tokens, key: Node) => Node;

function named(
  p: Tokens,
  type: 'counter' | 'limit' | 'quota',
  from: Loc,
  map: MapReader | undefined,
): StmtNode {
  const name: Node = concatRight(p, primary);
  const object = map !== undefined && p.at('map') ? map(p, name) : name;
  return { s: 'objref', type, object, loc: p.since(from) };
}

/** A stateful statement. `counter name …` stands for an object. */
export function statefulStmt(p: Tokens, map?: MapReader): StmtNode {
  const head = p.next();
  const from = head.loc;
  if (head.text === 'counter') {
    return p.within('limit', () => {
      if (p.take('name')) return named(p, 'counter', from, map);
      return { s: 'plain', stmt: counterConfig(p), loc: from };
    });
  }
  if (head.text === 'limit') {
    if (p.take('name')) return named(p, 'limit', from, map);
    return { s: 'plain', stmt: limitConfig(p), loc: p.since(from) };
  }
  if (head.text === 'quota') {
    if (p.take('name')) return named(p, 'quota', from, map);
    return { s: 'plain', stmt: quotaConfig(p, from), loc: p.since(from) };
  }
  p.want('count');
  const over = p.take('over');
  const count = p.number();
  return { s: 'plain', stmt: { kind: 'ct count', over, count }, loc: p.since(from) };
}
