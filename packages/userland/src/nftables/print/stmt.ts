/** Statements as text. src/statement.c, src/expression.c, relational_expr_print() */
import type {
  NftMatch,
  NftNat,
  NftSetUpdate,
  NftStmt,
  NftTproxy,
} from '@labwire/devices/netfilter';
import { dataType, formatTime, formatValue, type Style } from '../type/index.ts';
import { textExpr, textValue } from './expr.ts';
import { textStateful } from './stateful.ts';

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug', 'audit'];

function textLog(s: Extract<NftStmt, { kind: 'log' }>): string {
  let out = 'log';
  if (s.prefix !== undefined) out += ` prefix "${s.prefix}"`;
  if (s.group !== undefined) out += ` group ${s.group}`;
  if (s.snaplen !== undefined) out += ` snaplen ${s.snaplen}`;
  if (s.queueThreshold !== undefined) out += ` queue-threshold ${s.queueThreshold}`;
  if (s.level !== undefined && s.level !== 4) out += ` level ${LEVELS[s.level]}`;
  return out + textLogFlags(s.flags);
}

function textLogFlags(flags: readonly string[]): string {
  if (flags.length === 5) return ' flags all';
  const tcp = flags.filter((f) => f.startsWith('tcp')).map((f) => f.slice(4));
  let out = tcp.length > 0 ? ` flags tcp ${tcp.join(',')}` : '';
  if (flags.includes('ip options')) out += ' flags ip options';
  if (flags.includes('skuid')) out += ' flags skuid';
  if (flags.includes('ether')) out += ' flags ether';
  return out;
}

/** What a match compares with, by the sign that stands between. */
function relation(s: NftMatch, style: Style): string {
  const { left, right, op } = s;
  const flags = flagRelation(s, style);
  if (flags !== undefined) return flags;
  const l = textExpr(left, style);
  const r = textExpr(right, style);
  if (op === '==') return implicit(s) ? `${l} ${r}` : `${l} == ${r}`;
  return `${l} ${op} ${r}`;
}

/** Whether `==` is left out. */
function implicit({ left, right }: NftMatch): boolean {
  if (left.kind === 'binop') return false;
  if (right.kind !== 'value') return true;
  return left.kind === 'concat' || left.kind === 'map' || dataType(left.type).base !== 'bitmask';
}

function flagRelation({ op, left, right }: NftMatch, style: Style): string | undefined {
  if (right.kind !== 'value') return undefined;
  const list = (v: typeof right): string => textValue(v, style, ',');
  if (op === 'any') return `${textExpr(left, style)} ${list(right)}`;
  if (op === 'none') return `${textExpr(left, style)} ! ${list(right)}`;
  const bitmask =
    left.kind !== 'concat' && left.kind !== 'map' && dataType(left.type).base === 'bitmask';
  if (!bitmask || (op !== '==' && op !== '!=')) return undefined;
  if (left.kind === 'binop' && left.op === '&' && left.right.kind === 'value') {
    const single = (right.value & (right.value - 1n)) === 0n;
    if (single && right.value === left.right.value) return undefined;
    return `${textExpr(left.left, style)} ${op === '!=' ? '!= ' : ''}${list(right)} / ${list(left.right)}`;
  }
  if (left.kind === 'payload') {
    const single = (right.value & (right.value - 1n)) === 0n;
    const text = single ? textValue(right, style) : `0x${right.value.toString(16)}`;
    return `${textExpr(left, style)} ${op} ${text}`;
  }
  return undefined;
}

function bracketed(e: NonNullable<NftNat['addr']>, style: Style): string {
  if (e.type !== 'ipv6_addr') return textExpr(e, style);
  if (e.kind === 'value') return `[${textExpr(e, style)}]`;
  if (e.kind === 'range') return textExpr(e, style).replace(/^(.*)-(.*)$/, '[$1]-[$2]');
  return textExpr(e, style);
}

function addrPort(s: NftNat | NftTproxy, style: Style): string {
  let out =
    s.addr === undefined
      ? ''
      : s.port === undefined
        ? textExpr(s.addr, style)
        : bracketed(s.addr, style);
  if (s.port !== undefined) out += `:${textExpr(s.port, style)}`;
  return out;
}

function textNat(s: NftNat, style: Style): string {
  let out: string = s.type;
  if (s.addr !== undefined || s.port !== undefined) {
    if (s.family !== undefined) out += ` ${s.family}`;
    if (s.prefix === true) out += ' prefix';
    out += ` to ${addrPort(s, style)}`;
  }
  return s.flags.length === 0 ? out : `${out} ${s.flags.join(',')}`;
}

const REJECT_TYPES: Readonly<Record<string, string>> = {
  icmp: 'icmp_code',
  icmpv6: 'icmpv6_code',
  icmpx: 'icmpx_code',
};

function textReject(s: Extract<NftStmt, { kind: 'reject' }>, style: Style): string {
  if (s.with === 'tcp reset') return 'reject with tcp reset';
  const isDefault = (s.with === 'icmp' && s.code === 3) || (s.with === 'icmpv6' && s.code === 4);
  if ((s.with === 'icmpx' && s.code === 1) || (isDefault && s.inFull !== true)) return 'reject';
  const type = REJECT_TYPES[s.with] as string;
  return `reject with ${s.with} ${formatValue(type, 8, BigInt(s.code), style)}`;
}

function textSetUpdate(s: NftSetUpdate, style: Style): string {
  const inner: Style = { ...style, stateless: true };
  let element = textExpr(s.key, style);
  if (s.timeout !== undefined) element += ` timeout ${formatTime(s.timeout, style.seconds)}`;
  if (s.comment !== undefined) element += ` comment "${s.comment}"`;
  for (const own of s.stmts) element += ` ${textStmt(own, inner)}`;
  if (s.data !== undefined) element += ` : ${textExpr(s.data, style)}`;
  if (s.meter !== undefined)
    return `meter ${s.set.name}${s.meter.size === undefined ? '' : ` size ${s.meter.size}`} { ${element} }`;
  return `${s.op} ${textExpr(s.set, style)} { ${element} }`;
}

/** What `synproxy` says, without the word. */
export function textSynproxy(s: Extract<NftStmt, { kind: 'synproxy' }>): string {
  let out = '';
  if (s.mss !== undefined) out += ` mss ${s.mss}`;
  if (s.wscale !== undefined) out += ` wscale ${s.wscale}`;
  if (s.timestamp) out += ' timestamp';
  return s.sackPerm ? `${out} sack-perm` : out;
}

function textObjref(s: Extract<NftStmt, { kind: 'objref' }>, style: Style): string {
  const object = textExpr(s.object, style);
  return s.type.startsWith('ct ') ? `${s.type} set ${object}` : `${s.type} name ${object}`;
}

function textQueue(s: Extract<NftStmt, { kind: 'queue' }>, style: Style): string {
  const flags = s.flags.length === 0 ? '' : ` flags ${s.flags.join(',')}`;
  return `queue${flags} to ${s.num === undefined ? '0' : textExpr(s.num, style)}`;
}

function textDupFwd(s: Extract<NftStmt, { kind: 'dup' | 'fwd' }>, style: Style): string {
  const dev = s.dev === undefined ? '' : ` device ${textExpr(s.dev, style)}`;
  return `${s.kind}${s.family === undefined ? '' : ` ${s.family}`} to ${textExpr(s.to, style)}${dev}`;
}

/** A statement as listings show it. */
export function textStmt(s: NftStmt, style: Style): string {
  switch (s.kind) {
    case 'match':
      return relation(s, style);
    case 'verdict':
      return textExpr(s.expr, style);
    case 'counter':
    case 'quota':
    case 'limit':
    case 'ct count':
      return textStateful(s, style);
    case 'log':
      return textLog(s);
    case 'reject':
      return textReject(s, style);
    case 'nat':
      return textNat(s, style);
    case 'tproxy':
      return `tproxy${s.family === undefined ? '' : ` ${s.family}`} to ${addrPort(s, style)}`;
    default:
      return textOther(s, style);
  }
}

function textOther(s: NftStmt, style: Style): string {
  switch (s.kind) {
    case 'dup':
    case 'fwd':
      return textDupFwd(s, style);
    case 'queue':
      return textQueue(s, style);
    case 'notrack':
      return 'notrack';
    case 'mangle':
      return `${textExpr(s.target, style)} set ${textMangled(s, style)}`;
    case 'optstrip':
      return `reset ${textExpr(s.option, style)}`;
    case 'set':
      return textSetUpdate(s, style);
    case 'objref':
      return textObjref(s, style);
    case 'synproxy':
      return `synproxy${textSynproxy(s)}`;
    case 'xt':
      return s.text;
    case 'flow add':
      return `flow add @${s.flowtable}`;
    default:
      return '';
  }
}

/** Flags that are set stand with commas between them. */
function textMangled(s: Extract<NftStmt, { kind: 'mangle' }>, style: Style): string {
  return s.value.kind === 'value' ? textValue(s.value, style, ',') : textExpr(s.value, style);
}
