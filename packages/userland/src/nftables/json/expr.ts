/** Expressions as JSON. src/json.c, *_expr_json() */
import type {
  NftElement,
  NftExpr,
  NftInterval,
  NftKeyPart,
  NftSet,
} from '@labwire/devices/netfilter';
import { sortedElements } from '../print/index.ts';
import { dataType, flagNames, formatValue, type Style, stringText } from '../type/index.ts';
import type { Json } from './value.ts';

/** Types whose values are numbers even where a listing writes them otherwise. */
const NUMBERS: readonly string[] = [
  'mark',
  'inet_service',
  'integer',
  'xinteger',
  'uid',
  'gid',
  'classid',
];

function unquoted(text: string): Json {
  const bare = text.startsWith('"') ? text.slice(1, -1) : text;
  return /^\d+$/.test(bare) && !text.startsWith('"') ? Number(bare) : bare;
}

/** A value of a type. */
export function jsonValue(type: string, bits: number, v: bigint, style: Style): Json {
  if (NUMBERS.includes(type)) return Number(v);
  if (type === 'boolean') return v !== 0n;
  if (type === 'time') return Number(v / 1000n);
  const t = dataType(type);
  if (t.base === 'bitmask') {
    const names = t.symbols === undefined ? undefined : flagNames(t, v);
    if (names === undefined || names.length === 0) return Number(v);
    return names.length === 1 ? (names[0] as string) : names;
  }
  return unquoted(formatValue(type, bits, v, style));
}

function prefix(addr: Json, len: number): Json {
  return { prefix: { addr, len } };
}

function interval({ lo, hi }: NftInterval, { type, bits }: NftKeyPart, style: Style): Json {
  const one = (v: bigint): Json => jsonValue(type, bits, v, style);
  if (lo === hi) return one(lo);
  if (dataType(type).base === 'string') return `${stringText(lo, bits)}*`;
  const size = hi - lo + 1n;
  const isNet = (size & (size - 1n)) === 0n && lo % size === 0n && dataType(type).prefix;
  return isNet
    ? prefix(one(lo), bits - (size.toString(2).length - 1))
    : { range: [one(lo), one(hi)] };
}

/** What an element has of its own. */
function elementMore(
  e: NftElement,
  set: NftSet,
  style: Style,
): { [key: string]: Json | undefined } {
  const counter = e.stmts.find((s) => s.kind === 'counter');
  return {
    timeout:
      e.timeout === undefined || e.timeout === set.timeout
        ? undefined
        : Math.floor(e.timeout / 1000),
    expires:
      e.expires === undefined ? undefined : Math.max(0, Math.floor((e.expires - style.now) / 1e9)),
    comment: e.comment,
    counter:
      counter?.kind === 'counter' ? { packets: counter.packets, bytes: counter.bytes } : undefined,
  };
}

function element(e: NftElement, set: NftSet, style: Style): Json {
  const parts = e.key.map((k, i) => interval(k, set.key[i] as NftKeyPart, style));
  const val: Json =
    e.key.length === 0 ? '*' : parts.length === 1 ? (parts[0] as Json) : { concat: parts };
  const more = elementMore(e, set, style);
  const bare = Object.values(more).every((v) => v === undefined);
  const key: Json = bare ? val : { elem: { val, ...more } };
  if (e.object !== undefined) return [key, e.object];
  return e.data === undefined ? key : [key, jsonExpr(e.data, style)];
}

/** The elements of a set in the order of listings. */
export function jsonElements(set: NftSet, style: Style): Json[] {
  return sortedElements(set).map((e) => element(e, set, style));
}

function exthdr(e: Extract<NftExpr, { kind: 'exthdr' }>): Json {
  const own = e.present ? { name: e.name } : { name: e.name, field: e.field };
  if (e.op === 'tcpopt')
    return {
      'tcp option': e.name === '' ? { base: e.header, offset: e.offset, len: e.bits } : own,
    };
  if (e.op === 'ipopt') return { 'ip option': own };
  return e.op === 'sctp' ? { 'sctp chunk': own } : { exthdr: own };
}

const RAW: Readonly<Record<string, string>> = {
  link: 'll',
  network: 'nh',
  transport: 'th',
  inner: 'ih',
};

function payload(e: Extract<NftExpr, { kind: 'payload' }>): Json {
  return e.proto === ''
    ? { payload: { base: RAW[e.base] as string, offset: e.offset, len: e.bits } }
    : { payload: { protocol: e.proto, field: e.field } };
}

/** An expression. */
export function jsonExpr(e: NftExpr, style: Style): Json {
  switch (e.kind) {
    case 'value':
      return jsonValue(e.type, e.bits, e.value, style);
    case 'prefix':
      return dataType(e.type).base === 'string'
        ? `${stringText(e.value, e.bits)}*`
        : prefix(jsonValue(e.type, e.bits, e.value, style), e.len);
    case 'range':
      return {
        range: [jsonValue(e.type, e.bits, e.from, style), jsonValue(e.type, e.bits, e.to, style)],
      };
    case 'concat':
      return { concat: e.parts.map((p) => jsonExpr(p, style)) };
    case 'payload':
      return payload(e);
    case 'meta':
      return { meta: { key: e.key } };
    case 'ct':
      return { ct: { key: e.key, dir: e.dir } };
    case 'exthdr':
      return exthdr(e);
    case 'binop':
      return { [e.op]: [jsonExpr(e.left, style), jsonExpr(e.right, style)] };
    case 'set':
      return { set: jsonElements(e.set, style) };
    case 'setref':
      return `@${e.name}`;
    default:
      return other(e, style);
  }
}

function other(e: NftExpr, style: Style): Json {
  switch (e.kind) {
    case 'map': {
      const inner = { key: jsonExpr(e.key, style), data: jsonExpr(e.map, style) };
      return e.type === 'verdict' ? { vmap: inner } : { map: inner };
    }
    case 'verdict':
      return { [e.verdict]: e.chain === undefined ? null : { target: e.chain } };
    case 'fib':
      return { fib: { result: e.result, flags: e.flags } };
    case 'numgen':
      return { numgen: { mode: e.mode, mod: e.mod, offset: e.offset } };
    case 'hash':
      return e.of === undefined
        ? { symhash: { mod: e.mod, offset: e.offset === 0 ? undefined : e.offset } }
        : {
            jhash: {
              mod: e.mod,
              offset: e.offset === 0 ? undefined : e.offset,
              seed: e.seed,
              expr: jsonExpr(e.of, style),
            },
          };
    case 'rt':
      return { rt: { key: e.key, family: e.family } };
    case 'socket':
      return { socket: { key: e.key } };
    case 'osf':
      return { osf: { ttl: e.ttl, key: e.version ? 'version' : 'name' } };
    case 'xfrm':
      return { ipsec: { key: e.key, dir: e.dir, spnum: e.spnum } };
    default:
      return null;
  }
}
