import { parseIpv6, parseMac } from '@labwire/core/addr';
import {
  calculate,
  constant,
  isRelation,
  LENGTH,
  load,
  negate,
  type Operand,
  relation,
} from './arithmetic.ts';
import type { Code } from './code.ts';
import { FilterError, FilterSyntaxError } from './filter-error.ts';
import { idTest } from './ids.ts';
import type { Token } from './lexer.ts';
import { OTHERS, otherTest } from './others.ts';
import { etherHost, type NameTable, net6, type Qualifier } from './primitives.ts';
import { protocolNamed } from './protocols.ts';
import { and, not, or, type Test } from './test.ts';

/** Words that name a protocol. */
const PROTOCOLS: ReadonlySet<string> = new Set(
  'ether ip arp rarp sctp tcp udp icmp igmp igrp pim vrrp carp atalk aarp decnet lat sca mopdl moprc ip6 icmp6 ah esp iso esis isis l1 l2 iih lsp snp psnp csnp clnp stp ipx netbeui radio'.split(
    ' ',
  ),
);
const TYPES: ReadonlySet<string> = new Set(['host', 'net', 'port', 'portrange']);
const ALONE: ReadonlySet<string> = new Set(['proto', 'protochain', 'gateway']);
const STATIONS: ReadonlySet<string> = new Set(['addr1', 'addr2', 'addr3', 'addr4', 'ra', 'ta']);
const PRECEDENCE: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

/** A part of a filter, and what stood before its ids: ids behind `or` may stand alone. */
interface Part {
  readonly test: Test;
  readonly q: Qualifier | undefined;
}

/** Reads a filter expression. libpcap grammar.y */
export class Parser {
  readonly #tokens: readonly Token[];
  readonly #code: Code;
  readonly #names: NameTable;
  #at = 0;

  constructor(tokens: readonly Token[], code: Code, names: NameTable) {
    this.#tokens = tokens;
    this.#code = code;
    this.#names = names;
  }

  /** @throws FilterError */
  whole(): Test {
    const { test } = this.#expression(undefined);
    if (this.#at < this.#tokens.length) throw new FilterSyntaxError();
    return test;
  }

  #peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  #isWord(text: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token?.kind === 'word' && token.text === text;
  }

  #isOp(text: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token?.kind === 'op' && token.text === text;
  }

  #takeWord(text: string): boolean {
    if (!this.#isWord(text)) return false;
    this.#at++;
    return true;
  }

  #takeOp(text: string): boolean {
    if (!this.#isOp(text)) return false;
    this.#at++;
    return true;
  }

  #demandOp(text: string): void {
    if (!this.#takeOp(text)) throw new FilterSyntaxError();
  }

  #number(): number {
    const token = this.#peek();
    if (token?.kind !== 'number') throw new FilterSyntaxError();
    this.#at++;
    return token.value;
  }

  /** What `read` makes of what follows; undefined, with nothing taken, if the grammar has no rule for it. */
  #attempt<T>(read: () => T): T | undefined {
    const mark = this.#at;
    try {
      return read();
    } catch (e) {
      if (!(e instanceof FilterSyntaxError)) throw e;
      this.#at = mark;
      return undefined;
    }
  }

  /** `and` and `or` bind alike, from the left. */
  #expression(outer: Qualifier | undefined): Part {
    let left = this.#term(outer);
    for (;;) {
      const op = this.#takeWord('and') ? and : this.#takeWord('or') ? or : undefined;
      if (op === undefined) return left;
      const right = this.#operand(left.q);
      left = { test: op(left.test, right.test), q: right.q };
    }
  }

  /** What stands behind `and` and `or`: a term, or an id for which the words before it go on counting. */
  #operand(q: Qualifier | undefined): Part {
    return this.#attempt(() => this.#term(q)) ?? { test: this.#id(q), q };
  }

  #term(outer: Qualifier | undefined): Part {
    if (this.#isWord('not') && !this.#negatesId()) {
      this.#at++;
      const inner = this.#term(outer);
      return { test: not(inner.test), q: inner.q };
    }
    const comparison = this.#attempt(() => this.#relation());
    if (comparison !== undefined) return { test: comparison, q: undefined };
    if (this.#isOp('(')) {
      this.#at++;
      const { test } = this.#expression(outer);
      this.#demandOp(')');
      return { test, q: outer };
    }
    return this.#primitive();
  }

  #negatesId(): boolean {
    let i = 0;
    while (this.#isWord('not', i)) i++;
    const token = this.#peek(i);
    const isId = token !== undefined && ['id', 'hid', 'hid6', 'eid', 'aid'].includes(token.kind);
    return isId || (token?.kind === 'number' && !this.#comparesAt(i + 1));
  }

  #comparesAt(ahead: number): boolean {
    const token = this.#peek(ahead);
    return token?.kind === 'op' && token.text !== ')';
  }

  #primitive(): Part {
    const token = this.#peek();
    if (token?.kind !== 'word') throw new FilterSyntaxError();
    if (OTHERS.has(token.text)) {
      this.#at++;
      return { test: this.#other(token.text, undefined), q: undefined };
    }
    const proto = PROTOCOLS.has(token.text) ? token.text : undefined;
    if (proto !== undefined) this.#at++;
    for (const word of ['broadcast', 'multicast', 'type', 'subtype', 'dir'])
      if (this.#takeWord(word)) return { test: this.#other(word, proto), q: undefined };
    const q = this.#qualifier(proto);
    if (q !== undefined) return { test: this.#id(q), q };
    if (proto === undefined) throw new FilterSyntaxError();
    return { test: protocolNamed(this.#code, proto), q: undefined };
  }

  #other(word: string, proto: string | undefined): Test {
    return otherTest(this.#code, word, proto, {
      number: () => this.#number(),
      optionalNumber: () => this.#parenthesized(),
      word: () => this.#name(),
      op: (ops) => {
        const token = this.#peek();
        if (token?.kind !== 'op' || !ops.includes(token.text)) throw new FilterSyntaxError();
        this.#at++;
        return token.text;
      },
    });
  }

  /** A name, if one follows. */
  #name(): string | undefined {
    const token = this.#peek();
    if (token?.kind !== 'id' && !(token?.kind === 'word' && token.text === 'rnr')) return undefined;
    this.#at++;
    return token.text;
  }

  /** A number, which may be in parentheses. */
  #parenthesized(): number | undefined {
    return this.#attempt(() => {
      if (!this.#takeOp('(')) return this.#number();
      const value = this.#parenthesized();
      if (value === undefined) throw new FilterSyntaxError();
      this.#demandOp(')');
      return value;
    });
  }

  /** The direction and the kind of what follows; undefined if neither is said. */
  #qualifier(proto: string | undefined): Qualifier | undefined {
    const dir = this.#direction();
    const word = this.#peek()?.kind === 'word' ? (this.#peek() as Token).text : '';
    if (TYPES.has(word) || (dir === undefined && ALONE.has(word))) {
      this.#at++;
      return { proto, dir, type: word as Qualifier['type'] };
    }
    return dir === undefined ? undefined : { proto, dir, type: undefined };
  }

  #direction(): string | undefined {
    const word = this.#peek()?.kind === 'word' ? (this.#peek() as Token).text : '';
    if (STATIONS.has(word)) {
      this.#at++;
      return word;
    }
    if (word !== 'src' && word !== 'dst') return undefined;
    this.#at++;
    const other = word === 'src' ? 'dst' : 'src';
    for (const [op, dir] of [
      ['or', 'either'],
      ['and', 'both'],
    ] as const)
      if (this.#isWord(op) && this.#isWord(other, 1)) {
        this.#at += 2;
        return dir;
      }
    return word;
  }

  #id(q: Qualifier | undefined): Test {
    if (this.#takeWord('not')) return not(this.#id(q));
    if (this.#isOp('(')) {
      this.#at++;
      const test = this.#ids(q);
      this.#demandOp(')');
      return test;
    }
    const token = this.#peek();
    if (token === undefined || token.kind === 'word' || token.kind === 'op' || q === undefined)
      throw new FilterSyntaxError();
    this.#at++;
    return this.#one(q, token);
  }

  #ids(q: Qualifier | undefined): Test {
    let left = this.#id(q);
    for (;;) {
      if (this.#takeWord('and')) left = and(left, this.#id(q));
      else if (this.#takeWord('or')) left = or(left, this.#id(q));
      else return left;
    }
  }

  #one(q: Qualifier, token: Token): Test {
    const c = this.#code;
    switch (token.kind) {
      case 'eid': {
        const fits = q.proto === 'ether' && (q.type === undefined || q.type === 'host');
        if (!fits) throw new FilterError('ethernet address used in non-ether expression');
        if (!c.isEthernet)
          throw new FilterError(
            'ethernet addresses supported only on ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel',
          );
        return etherHost(c, q.dir, parseMac(etherText(token.text)) as number);
      }
      case 'hid6': {
        const plen = this.#takeOp('/') ? this.#number() : 128;
        const addr = parseIpv6(token.text);
        if (addr === undefined) throw new FilterError(`invalid ip6 address ${token.text}`);
        return net6(c, q, addr, plen, token.text);
      }
      case 'hid': {
        if (this.#takeOp('/')) return idTest(c, q, token, this.#names, { plen: this.#number() });
        if (!this.#takeWord('mask')) return idTest(c, q, token, this.#names, {});
        const mask = this.#peek();
        if (mask?.kind !== 'hid') throw new FilterSyntaxError();
        this.#at++;
        return idTest(c, q, token, this.#names, { mask: mask.text });
      }
      default:
        return idTest(c, q, token, this.#names, {});
    }
  }

  // Arithmetic.

  #relation(): Test {
    const left = this.#binary(0);
    const op = this.#peek();
    if (op?.kind !== 'op' || !isRelation(op.text)) throw new FilterSyntaxError();
    this.#at++;
    return relation(op.text, left, this.#binary(0));
  }

  #binary(level: number): Operand {
    const operators = PRECEDENCE[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const op = this.#peek();
      if (op?.kind !== 'op' || !operators.includes(op.text)) return left;
      this.#at++;
      left = calculate(op.text, left, this.#binary(level + 1));
    }
  }

  #unary(): Operand {
    if (this.#takeOp('-')) return negate(this.#unary());
    if (this.#takeOp('(')) {
      const inner = this.#binary(0);
      this.#demandOp(')');
      return inner;
    }
    if (this.#takeWord('len')) return LENGTH;
    const token = this.#peek();
    if (token?.kind === 'number') {
      this.#at++;
      return constant(token.value);
    }
    if (token?.kind !== 'word' || !PROTOCOLS.has(token.text) || !this.#isOp('[', 1))
      throw new FilterSyntaxError();
    this.#at += 2;
    const index = this.#binary(0);
    const size = this.#takeOp(':') ? this.#number() : 1;
    this.#demandOp(']');
    return load(this.#code, token.text, index, size);
  }
}

/** An Ethernet address however it was written, with colons. */
function etherText(text: string): string {
  const digits = text.replace(/[.]/g, ':').replace(/-/g, ':');
  const parts = digits.split(':');
  if (parts.length === 6) return parts.map((p) => p.padStart(2, '0')).join(':');
  return (parts.join('').match(/../g) ?? []).join(':');
}
