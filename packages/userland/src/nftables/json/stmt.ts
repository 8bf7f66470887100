/** Statements as JSON. src/json.c, *_stmt_json() */
import type {
  NftLimit,
  NftMatch,
  NftNat,
  NftQuota,
  NftSetUpdate,
  NftStmt,
} from '@labwire/devices/netfilter';
import type { Style } from '../type/index.ts';
import { jsonExpr } from './expr.ts';
import type { Json } from './value.ts';

const UNITS: Readonly<Record<number, string>> = {
  1: 'second',
  60: 'minute',
  3600: 'hour',
  86400: 'day',
  604800: 'week',
};
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug', 'audit'];

/** Bytes in the largest unit that divides them. */
function scaled(n: number): readonly [number, string] {
  if (n !== 0 && n % 1_048_576 === 0) return [n / 1_048_576, 'mbytes'];
  return n !== 0 && n % 1024 === 0 ? [n / 1024, 'kbytes'] : [n, 'bytes'];
}

/** What a limit says. */
export function jsonLimit(s: NftLimit): { readonly [key: string]: Json | undefined } {
  const per = UNITS[s.unit] as string;
  const inv = s.over ? true : undefined;
  if (s.of === 'packets') return { rate: s.rate, burst: s.burst, per, inv };
  const [rate, rateUnit] = scaled(s.rate);
  const [burst, burstUnit] = scaled(s.burst);
  return { rate, burst, per, inv, rate_unit: rateUnit, burst_unit: burstUnit };
}

function quota(s: NftQuota): Json {
  const [val, unit] = scaled(s.bytes);
  const [used, usedUnit] = scaled(Math.min(s.used, s.bytes));
  const more = s.used === 0 ? {} : { used, used_unit: usedUnit };
  return { quota: { val, val_unit: unit, inv: s.over ? true : undefined, ...more } };
}

const OPS: Readonly<Record<string, string>> = { any: 'in', none: '!' };

function match(m: NftMatch, style: Style): Json {
  const op = OPS[m.op] ?? m.op;
  return { match: { op, left: jsonExpr(m.left, style), right: jsonExpr(m.right, style) } };
}

function log(s: Extract<NftStmt, { kind: 'log' }>): Json {
  const flags: Json | undefined =
    s.flags.length === 0
      ? undefined
      : s.flags.length === 5
        ? 'all'
        : s.flags.length === 1
          ? (s.flags[0] as string)
          : s.flags;
  const own = {
    prefix: s.prefix,
    group: s.group,
    snaplen: s.snaplen,
    'queue-threshold': s.queueThreshold,
    level: s.level === undefined || s.level === 4 ? undefined : LEVELS[s.level],
    flags,
  };
  return { log: Object.values(own).every((v) => v === undefined) ? null : own };
}

function nat(s: NftNat, style: Style): Json {
  const own = {
    family: s.family,
    addr: s.addr === undefined ? undefined : jsonExpr(s.addr, style),
    port: s.port === undefined ? undefined : jsonExpr(s.port, style),
    flags:
      s.prefix === true
        ? 'netmap'
        : s.flags.length === 0
          ? undefined
          : s.flags.length === 1
            ? s.flags[0]
            : s.flags,
    type_flags: s.prefix === true ? 'prefix' : undefined,
  };
  return { [s.type]: Object.values(own).every((v) => v === undefined) ? null : own };
}

const REJECT_CODES: Readonly<Record<string, string>> = {
  icmp: 'icmp_code',
  icmpv6: 'icmpv6_code',
  icmpx: 'icmpx_code',
};

function reject(s: Extract<NftStmt, { kind: 'reject' }>, style: Style): Json {
  if (s.with === 'tcp reset') return { reject: { type: 'tcp reset' } };
  const isDefault = (s.with === 'icmp' && s.code === 3) || (s.with === 'icmpv6' && s.code === 4);
  if ((s.with === 'icmpx' && s.code === 1) || (isDefault && s.inFull !== true))
    return { reject: null };
  const type = REJECT_CODES[s.with] as string;
  return {
    reject: {
      type: s.with,
      expr: jsonExpr({ kind: 'value', type, bits: 8, value: BigInt(s.code) }, style),
    },
  };
}

/** A statement. */
export function jsonStmt(s: NftStmt, style: Style): Json {
  switch (s.kind) {
    case 'match':
      return match(s, style);
    case 'verdict':
      return jsonExpr(s.expr, style);
    case 'counter':
      return { counter: style.stateless ? null : { packets: s.packets, bytes: s.bytes } };
    case 'quota':
      return quota(s);
    case 'limit':
      return { limit: jsonLimit(s) };
    case 'ct count':
      return { 'ct count': { val: s.count, inv: s.over ? true : undefined } };
    case 'log':
      return log(s);
    case 'reject':
      return reject(s, style);
    case 'nat':
      return nat(s, style);
    case 'mangle':
      return { mangle: { key: jsonExpr(s.target, style), value: jsonExpr(s.value, style) } };
    default:
      return other(s, style);
  }
}

function meter(s: NftSetUpdate, style: Style): Json {
  const [stmt] = s.stmts;
  return {
    meter: {
      key: jsonExpr(s.key, style),
      stmt: stmt === undefined ? undefined : jsonStmt(stmt, { ...style, stateless: true }),
      size: s.meter?.size,
      name: s.set.name,
    },
  };
}

function other(s: NftStmt, style: Style): Json {
  switch (s.kind) {
    case 'set': {
      const val = jsonExpr(s.key, style);
      if (s.meter !== undefined) return meter(s, style);
      const elem: Json =
        s.timeout === undefined ? val : { elem: { val, timeout: Math.floor(s.timeout / 1000) } };
      return { set: { op: s.op, elem, set: `@${s.set.name}` } };
    }
    case 'objref':
      return { [s.type]: jsonExpr(s.object, style) };
    case 'queue':
      return {
        queue: {
          num: s.num === undefined ? 0 : jsonExpr(s.num, style),
          flags: s.flags.length === 0 ? undefined : s.flags,
        },
      };
    case 'dup':
    case 'fwd':
      return {
        [s.kind]: {
          addr: jsonExpr(s.to, style),
          dev: s.dev === undefined ? undefined : jsonExpr(s.dev, style),
        },
      };
    case 'notrack':
      return { notrack: null };
    case 'optstrip':
      return { reset: jsonExpr(s.option, style) };
    case 'xt':
      return { xt: null };
    default:
      return null;
  }
}
