import type { Code } from './code.ts';
import { FilterError } from './filter-error.ts';
import { notLaterFragment } from './primitives.ts';
import { protocolNamed } from './protocols.ts';
import { and, FALSE, not, type Test, TRUE, type Value } from './test.ts';

/** A number in an expression: known beforehand, or made of a packet that passes a test first. */
export interface Operand {
  readonly constant: number | undefined;
  readonly value: Value;
  readonly guard: Test | undefined;
  /** Names it, so that equal operands are known to be. */
  readonly key: string;
}

/** Protocols whose fields are counted from the network header. */
const AT_NETWORK: readonly string[] = [
  'ip',
  'arp',
  'rarp',
  'atalk',
  'decnet',
  'sca',
  'lat',
  'moprc',
  'mopdl',
  'ip6',
];
/** Those counted from the end of the IPv4 header. */
const AT_TRANSPORT: readonly string[] = [
  'sctp',
  'tcp',
  'udp',
  'icmp',
  'igmp',
  'igrp',
  'pim',
  'vrrp',
  'carp',
];

export function constant(value: number): Operand {
  return { constant: value, value: () => value, guard: undefined, key: String(value) };
}

/** The frame's length. */
export const LENGTH: Operand = {
  constant: undefined,
  value: (p) => p.length,
  guard: undefined,
  key: 'len',
};

function both(a: Test | undefined, b: Test | undefined): Test | undefined {
  return a === undefined ? b : b === undefined ? a : and(a, b);
}

/** The bytes of `proto[index:size]`. gen_load() */
export function load(c: Code, proto: string, index: Operand, size: number): Operand {
  if (size !== 1 && size !== 2 && size !== 4) throw new FilterError('data size must be 1, 2, or 4');
  const [place, guard] = base(c, proto);
  return {
    constant: undefined,
    value: (p) => {
      const at = index.value(p);
      // offsets are 32-bit numbers: those before the beginning are far behind the end
      return p.load(at > 0x7fff_ffff ? Infinity : place.at(p) + at, size);
    },
    guard: both(index.guard, guard),
    key: `${proto}${place.key}[${index.key}:${size}]`,
  };
}

function base(c: Code, proto: string): readonly [ReturnType<Code['payload']>, Test | undefined] {
  if (proto === 'ether') return [c.header(0), undefined];
  if (proto === 'icmp6') {
    const guard = and(protocolNamed(c, 'ip6'), c.compare(c.payload(6), 1, 58));
    return [c.payload(40), guard];
  }
  if (AT_NETWORK.includes(proto)) return [c.payload(0), protocolNamed(c, proto)];
  if (proto === 'radio') throw new FilterError('radio information not present in capture');
  if (!AT_TRANSPORT.includes(proto)) throw new FilterError('unsupported index operation');
  const named = and(protocolNamed(c, 'ip'), protocolNamed(c, proto));
  return [c.transport(0), and(named, notLaterFragment(c))];
}

/** gen_arth() */
export function calculate(op: string, a: Operand, b: Operand): Operand {
  if (b.constant === 0 && op === '/') throw new FilterError('division by zero');
  if (b.constant === 0 && op === '%') throw new FilterError('modulus by zero');
  if (b.constant !== undefined && b.constant > 31 && (op === '<<' || op === '>>'))
    throw new FilterError('shift by more than 31 bits');
  const known = a.constant !== undefined && b.constant !== undefined;
  const apply = OPERATORS[op] as (a: number, b: number) => number;
  if (known) return constant(apply(a.constant as number, b.constant as number));
  const divides = op === '/' || op === '%';
  return {
    constant: undefined,
    value: (p) => {
      const [left, right] = [a.value(p), b.value(p)];
      if (divides && right === 0) p.rejected = true;
      return divides && right === 0 ? 0 : apply(left, right);
    },
    guard: both(a.guard, b.guard),
    key: `(${a.key}${op}${b.key})`,
  };
}

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => (a + b) >>> 0,
  '-': (a, b) => (a - b) >>> 0,
  '*': (a, b) => Math.imul(a, b) >>> 0,
  '/': (a, b) => Math.floor(a / b),
  '%': (a, b) => a % b,
  '&': (a, b) => (a & b) >>> 0,
  '|': (a, b) => (a | b) >>> 0,
  '^': (a, b) => (a ^ b) >>> 0,
  '<<': (a, b) => (b > 31 ? 0 : (a << b) >>> 0),
  '>>': (a, b) => (b > 31 ? 0 : a >>> b),
};

/** gen_neg() */
export function negate(a: Operand): Operand {
  if (a.constant !== undefined) return constant(-a.constant >>> 0);
  return { ...a, value: (p) => -a.value(p) >>> 0, key: `-${a.key}` };
}

const RELATIONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};
/** Relations that are others turned round. */
const REVERSED: Readonly<Record<string, string>> = { '!=': '=', '<=': '>', '<': '>=' };

export function isRelation(op: string): boolean {
  return RELATIONS[op] !== undefined || REVERSED[op] !== undefined;
}

/** gen_relation() */
export function relation(op: string, a: Operand, b: Operand): Test {
  const reversed = REVERSED[op];
  const holds = RELATIONS[reversed ?? op] as (a: number, b: number) => boolean;
  let test: Test =
    a.constant !== undefined && b.constant !== undefined
      ? holds(a.constant, b.constant)
        ? TRUE
        : FALSE
      : {
          kind: 'call',
          key: `${a.key} ${reversed ?? op} ${b.key}`,
          call: (p) => {
            const [left, right] = [a.value(p), b.value(p)];
            return !p.rejected && holds(left, right);
          },
        };
  if (reversed !== undefined) test = not(test);
  const guard = both(a.guard, b.guard);
  return guard === undefined ? test : and(guard, test);
}
