import type { InetAddr } from '@labwire/devices/rtnetlink';
import type { Cursor } from './compile.ts';
import { FilterError, SYNTAX_ERROR } from './filter-error.ts';
import type { Filter, PacketView } from './packet-view.ts';

/** What names in a filter stand for. */
export interface NameTable {
  readonly host: (name: string) => readonly InetAddr[];
  readonly service: (name: string) => number | undefined;
  readonly protocol: (name: string) => number | undefined;
}

type Value = (p: PacketView) => number;

/** Offsets and values that have names. pcap-filter(7) */
const CONSTANTS: Readonly<Record<string, number>> = {
  icmptype: 0,
  icmpcode: 1,
  icmp6type: 0,
  icmp6code: 1,
  tcpflags: 13,
  'tcp-fin': 0x01,
  'tcp-syn': 0x02,
  'tcp-rst': 0x04,
  'tcp-push': 0x08,
  'tcp-ack': 0x10,
  'tcp-urg': 0x20,
  'tcp-ece': 0x40,
  'tcp-cwr': 0x80,
  'icmp-echoreply': 0,
  'icmp-unreach': 3,
  'icmp-sourcequench': 4,
  'icmp-redirect': 5,
  'icmp-echo': 8,
  'icmp-routeradvert': 9,
  'icmp-routersolicit': 10,
  'icmp-timxceed': 11,
  'icmp-paramprob': 12,
  'icmp-tstamp': 13,
  'icmp-tstampreply': 14,
  'icmp6-echo': 128,
  'icmp6-echoreply': 129,
  'icmp6-routersolicit': 133,
  'icmp6-routeradvert': 134,
  'icmp6-neighborsolicit': 135,
  'icmp6-neighboradvert': 136,
};

/** Where `proto[…]` counts from; NaN if the packet is none. */
const BASES: Readonly<Record<string, Value>> = {
  ether: () => 0,
  link: () => 0,
  ip: (p) => (p.isIp4 ? p.net : Number.NaN),
  ip6: (p) => (p.isIp6 ? p.net : Number.NaN),
  arp: (p) => (p.etherType === 0x0806 ? p.net : Number.NaN),
  rarp: (p) => (p.etherType === 0x8035 ? p.net : Number.NaN),
  tcp: (p) => (p.isIp4 && p.ipProto === 6 ? p.transport : Number.NaN),
  udp: (p) => (p.isIp4 && p.ipProto === 17 ? p.transport : Number.NaN),
  icmp: (p) => (p.isIp4 && p.ipProto === 1 ? p.transport : Number.NaN),
  icmp6: (p) => (p.isIp6 && p.ipProto === 58 ? p.transport : Number.NaN),
  igmp: (p) => (p.isIp4 && p.ipProto === 2 ? p.transport : Number.NaN),
};

const PRECEDENCE: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const RELATIONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => !Number.isNaN(a) && !Number.isNaN(b) && a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

/** Compiles `expr relop expr` if that is what follows; undefined, with nothing taken, if it is something else. */
export function arithmetic(c: Cursor): Filter | undefined {
  const mark = c.mark;
  if (!startsArithmetic(c)) return undefined;
  const left = binary(c, 0);
  const relation = RELATIONS[c.peek()?.text ?? ''];
  if (relation === undefined) {
    if (c.peek(-1)?.text === ')') {
      c.reset(mark);
      return undefined;
    }
    throw new FilterError(SYNTAX_ERROR);
  }
  c.next();
  const right = binary(c, 0);
  return (p) => relation(left(p), right(p));
}

/** Whether an arithmetic expression begins here: `len`, a number with an operator behind it, `proto[`, or one of these in parentheses. */
function startsArithmetic(c: Cursor): boolean {
  let i = 0;
  while (c.peek(i)?.text === '(' || c.peek(i)?.text === '-') i++;
  const token = c.peek(i);
  const after = c.peek(i + 1);
  if (token === undefined) return false;
  if (token.text === 'len') return true;
  if (after?.text === '[' && Object.hasOwn(BASES, token.text)) return true;
  const isValue = token.kind === 'number' || Object.hasOwn(CONSTANTS, token.text);
  return (
    isValue &&
    after?.kind === 'op' &&
    after.text !== ')' &&
    after.text !== '&&' &&
    after.text !== '||' &&
    after.text !== '!'
  );
}

function binary(c: Cursor, level: number): Value {
  const operators = PRECEDENCE[level];
  if (operators === undefined) return unary(c);
  let left = binary(c, level + 1);
  for (;;) {
    const op = c.peek()?.text;
    if (op === undefined || c.peek()?.kind !== 'op' || !operators.includes(op)) return left;
    c.next();
    const [a, b] = [left, binary(c, level + 1)];
    left = (p) => calculate(op, a(p), b(p));
  }
}

function calculate(op: string, a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  switch (op) {
    case '+':
      return (a + b) >>> 0;
    case '-':
      return (a - b) >>> 0;
    case '*':
      return Math.imul(a, b) >>> 0;
    case '/':
      return b === 0 ? Number.NaN : Math.floor(a / b);
    case '%':
      return b === 0 ? Number.NaN : a % b;
    case '&':
      return (a & b) >>> 0;
    case '|':
      return (a | b) >>> 0;
    case '^':
      return (a ^ b) >>> 0;
    case '<<':
      return b > 31 ? 0 : (a << b) >>> 0;
    default:
      return b > 31 ? 0 : a >>> b;
  }
}

function unary(c: Cursor): Value {
  if (c.take('-')) {
    const inner = unary(c);
    return (p) => -inner(p) >>> 0;
  }
  if (c.take('(')) {
    const inner = binary(c, 0);
    if (!c.take(')')) throw new FilterError(SYNTAX_ERROR);
    return inner;
  }
  const token = c.next();
  if (token.text === 'len') return (p) => p.length;
  if (token.kind === 'number') {
    const value = Number(token.text);
    return () => value;
  }
  const constant = CONSTANTS[token.text];
  if (constant !== undefined) return () => constant;
  const base = Object.hasOwn(BASES, token.text) ? BASES[token.text] : undefined;
  if (base === undefined || !c.take('[')) throw new FilterError(SYNTAX_ERROR);
  return load(c, base);
}

/** The bytes of `proto[offset:size]`. */
function load(c: Cursor, base: Value): Value {
  const index = binary(c, 0);
  const size = c.take(':') ? Number(c.next().text) : 1;
  if (size !== 1 && size !== 2 && size !== 4) throw new FilterError('data size must be 1, 2, or 4');
  if (!c.take(']')) throw new FilterError(SYNTAX_ERROR);
  return (p) => {
    const at = base(p) + index(p);
    return size === 1 ? p.u8(at) : size === 2 ? p.u16(at) : p.u32(at);
  };
}
