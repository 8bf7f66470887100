/** Expressions as text. src/expression.c, src/payload.c, src/meta.c, src/ct.c … the print functions. */
import type {
  NftElement,
  NftExpr,
  NftInterval,
  NftKeyPart,
  NftSet,
} from '@labwire/devices/netfilter';
import { LISTED_UNQUALIFIED } from '../proto/index.ts';
import {
  dataType,
  flagNames,
  flagNumbers,
  formatTime,
  formatValue,
  type Style,
  stringText,
  swapBytes,
} from '../type/index.ts';
import { textStateful } from './stateful.ts';

const RAW: Readonly<Record<string, string>> = {
  link: 'll',
  network: 'nh',
  transport: 'th',
  inner: 'ih',
};

/** A constant; flags by their names with ` | ` between them. */
export function textValue(
  e: Extract<NftExpr, { kind: 'value' }>,
  style: Style,
  sep = ' | ',
): string {
  const t = dataType(e.type);
  if (t.base === 'bitmask' && t.symbols !== undefined) {
    const flags = style.numericSymbol ? flagNumbers(e.value) : flagNames(t, e.value);
    if (flags !== undefined && flags.length > 0) return flags.join(sep);
  }
  return formatValue(e.type, e.bits, e.value, style);
}

/** A string that many values begin with. */
function stem(value: bigint, bits: number): string {
  return `"${stringText(value, bits)}*"`;
}

/** One part of an element's key. */
export function textInterval({ lo, hi }: NftInterval, part: NftKeyPart, style: Style): string {
  const { type, bits } = part;
  const t = dataType(type);
  if (lo === hi) return textValue({ kind: 'value', type, bits, value: lo }, style);
  if (t.base === 'string') return stem(lo, bits);
  const size = hi - lo + 1n;
  const isNet = (size & (size - 1n)) === 0n && lo % size === 0n;
  if (isNet && t.prefix)
    return `${formatValue(type, bits, lo, style)}/${bits - (size.toString(2).length - 1)}`;
  return rangeText({ kind: 'range', type, bits, from: lo, to: hi }, style);
}

/** A range; its ends are numbers even where values have names. `range_expr_print()` */
function rangeText(e: Extract<NftExpr, { kind: 'range' }>, style: Style): string {
  const plain: Style = {
    ...style,
    numericProtocol: true,
    numericSymbol: true,
    seconds: true,
    serviceNames: false,
    userNames: false,
  };
  const { type, bits, from, to } = e;
  return `${formatValue(type, bits, from, plain)}-${formatValue(type, bits, to, plain)}`;
}

/** An element: key, options, and what a map has for it. */
export function textElement(e: NftElement, set: NftSet, style: Style): string {
  const parts = e.key.map((k, i) => textInterval(k, set.key[i] as NftKeyPart, style));
  let out = e.key.length === 0 ? '*' : parts.join(' . ');
  for (const s of e.stmts) out += ` ${textStateful(s, style)}`;
  if (e.timeout !== undefined && e.timeout !== set.timeout)
    out += ` timeout ${formatTime(e.timeout, style.seconds)}`;
  if (e.expires !== undefined && !style.stateless)
    out += ` expires ${formatTime(Math.max(0, Math.floor((e.expires - style.now) / 1e6)), style.seconds)}`;
  if (e.comment !== undefined) out += ` comment "${e.comment}"`;
  if (e.data !== undefined) out += ` : ${textExpr(e.data, style)}`;
  else if (e.object !== undefined) out += ` : "${e.object}"`;
  return out;
}

/** The number that orders an element in listings. src/mergesort.c, expr_msort_value() */
function sortKey(e: NftElement, set: NftSet): bigint {
  if (e.key.length === 0) return -1n;
  const bytes = (
    i: number,
  ): { readonly v: bigint; readonly bits: number; readonly host: boolean } => {
    const part = set.key[i] as NftKeyPart;
    return {
      v: (e.key[i] as NftInterval).lo,
      bits: Math.ceil(part.bits / 8) * 8,
      host: dataType(part.type).order === 'host',
    };
  };
  if (set.key.length === 1) {
    const { v, bits } = bytes(0);
    if (dataType((set.key[0] as NftKeyPart).type).base === 'bitmask') return v & -v;
    return dataType((set.key[0] as NftKeyPart).type).base === 'string' ? swapBytes(v, bits) : v;
  }
  let joined = 0n;
  let shift = 0n;
  for (let i = 0; i < e.key.length; i++) {
    const { v, bits, host } = bytes(i);
    const isString = dataType((set.key[i] as NftKeyPart).type).base === 'string';
    joined |= (host && !isString ? v : swapBytes(v, bits)) << shift;
    shift += BigInt(bits);
  }
  return joined;
}

/** Elements in the order of listings. */
export function sortedElements(set: NftSet): NftElement[] {
  if (set.interval && set.key.length > 1) return [...set.elements.values()];
  const list = [...set.elements.values()].map((e) => ({ e, k: sortKey(e, set) }));
  list.sort((a, b) => (a.k === b.k ? 0 : a.k === -1n ? 1 : b.k === -1n ? -1 : a.k < b.k ? -1 : 1));
  return list.map(({ e }) => e);
}

function textSet(set: NftSet, style: Style): string {
  const list = sortedElements(set).map((e) => textElement(e, set, style));
  return list.length === 0 ? '{ }' : `{ ${list.join(', ')} }`;
}

function textExthdr(e: Extract<NftExpr, { kind: 'exthdr' }>): string {
  if (e.op === 'ipv6') return e.present ? `exthdr ${e.name}` : `${e.name} ${e.field}`;
  if (e.op === 'sctp')
    return e.present ? `sctp chunk ${e.name}` : `sctp chunk ${e.name} ${e.field}`;
  const head = e.op === 'tcpopt' ? 'tcp option' : 'ip option';
  if (e.present) return `${head} ${e.name}`;
  if (e.name === '') return `${head} @${e.header},${e.offset},${e.bits}`;
  return `${head} ${e.name} ${e.field}`;
}

function textCt(e: Extract<NftExpr, { kind: 'ct' }>): string {
  return e.dir === undefined ? `ct ${e.key}` : `ct ${e.dir} ${e.key}`;
}

function textRt(e: Extract<NftExpr, { kind: 'rt' }>): string {
  return e.key === 'nexthop' && e.family !== undefined ? `rt ${e.family} nexthop` : `rt ${e.key}`;
}

function withOffset(text: string, offset: number): string {
  return offset === 0 ? text : `${text} offset ${offset}`;
}

function textHash(e: Extract<NftExpr, { kind: 'hash' }>, style: Style): string {
  if (e.hash === 'symhash') return withOffset(`symhash mod ${e.mod}`, e.offset);
  const of = e.of === undefined ? '' : textExpr(e.of, style);
  const seed = e.seed === undefined ? '' : ` seed 0x${e.seed.toString(16)}`;
  return withOffset(`jhash ${of} mod ${e.mod}${seed}`, e.offset);
}

const BINDING: Readonly<Record<string, number>> = { '|': 1, '^': 2, '&': 3, '<<': 4, '>>': 4 };

function textBinop(e: Extract<NftExpr, { kind: 'binop' }>, style: Style): string {
  const own = BINDING[e.op] ?? 0;
  const side = (x: NftExpr): string => {
    const text = textExpr(x, style);
    return x.kind === 'binop' && (BINDING[x.op] ?? 0) < own ? `(${text})` : text;
  };
  const right =
    e.right.kind === 'value' && (e.op === '<<' || e.op === '>>')
      ? e.right.value.toString()
      : side(e.right);
  return `${side(e.left)} ${e.op} ${right}`;
}

/** An expression as listings show it. */
export function textExpr(e: NftExpr, style: Style): string {
  switch (e.kind) {
    case 'value':
      return textValue(e, style);
    case 'prefix':
      return dataType(e.type).base === 'string'
        ? stem(e.value, e.bits)
        : `${formatValue(e.type, e.bits, e.value, style)}/${e.len}`;
    case 'range':
      return rangeText(e, style);
    case 'concat':
      return e.parts.map((p) => textExpr(p, style)).join(' . ');
    case 'payload':
      return e.proto === '' ? `@${RAW[e.base]},${e.offset},${e.bits}` : `${e.proto} ${e.field}`;
    case 'meta':
      return LISTED_UNQUALIFIED.includes(e.key) ? e.key : `meta ${e.key}`;
    case 'ct':
      return textCt(e);
    case 'exthdr':
      return textExthdr(e);
    case 'rt':
      return textRt(e);
    default:
      return textOther(e, style);
  }
}

function textOther(e: NftExpr, style: Style): string {
  switch (e.kind) {
    case 'socket':
      return e.level === undefined ? `socket ${e.key}` : `socket ${e.key} level ${e.level}`;
    case 'fib':
      return `fib ${e.flags.join(' . ')} ${e.result}`;
    case 'osf':
      return `osf ${e.ttl === undefined ? '' : `ttl ${e.ttl} `}${e.version ? 'version' : 'name'}`;
    case 'numgen':
      return withOffset(`numgen ${e.mode} mod ${e.mod}`, e.offset);
    case 'hash':
      return textHash(e, style);
    case 'xfrm':
      return `ipsec ${e.dir}${e.spnum === 0 ? '' : ` spnum ${e.spnum}`} ${e.key}`;
    case 'binop':
      return textBinop(e, style);
    case 'set':
      return textSet(e.set, style);
    case 'setref':
      return `@${e.name}`;
    case 'map':
      return `${textExpr(e.key, style)} ${e.type === 'verdict' ? 'vmap' : 'map'} ${textExpr(e.map, style)}`;
    case 'verdict':
      return e.chain === undefined ? e.verdict : `${e.verdict} ${e.chain}`;
    default:
      return '';
  }
}
