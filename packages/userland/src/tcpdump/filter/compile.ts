import { type Ipv4Addr, ipv4Mask, parseIpv4, parseIpv6, parseMac } from '@labwire/core/addr';
import { get48 } from '@labwire/core/bytes';
import { arithmetic, type NameTable } from './arithmetic.ts';
import { FilterError, SYNTAX_ERROR } from './filter-error.ts';
import { type Token, tokenize } from './lexer.ts';
import type { Filter, PacketView } from './packet-view.ts';

export type { NameTable } from './arithmetic.ts';

/** A place in the tokens. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  next(): Token {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new FilterError(SYNTAX_ERROR);
    return token;
  }

  /** Takes the next token if it is this one. */
  take(text: string): boolean {
    const token = this.peek();
    if (token === undefined || token.text !== text || token.escaped) return false;
    this.#at++;
    return true;
  }

  get mark(): number {
    return this.#at;
  }

  reset(mark: number): void {
    this.#at = mark;
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }
}

type Direction = 'src' | 'dst' | 'both' | 'either';

/** What stands before an id: `tcp src port`. Ids without one use the last. */
interface Qualifier {
  readonly proto: string | undefined;
  readonly dir: Direction;
  readonly type: 'host' | 'net' | 'port' | 'portrange' | 'proto' | 'gateway' | undefined;
}

const PROTOCOLS: readonly string[] = [
  'ether',
  'ip',
  'ip6',
  'arp',
  'rarp',
  'stp',
  'tcp',
  'udp',
  'icmp',
  'icmp6',
  'igmp',
  'sctp',
  'pim',
  'vrrp',
  'ah',
  'esp',
  'link',
];
const TYPES: readonly string[] = ['host', 'net', 'port', 'portrange', 'proto', 'gateway'];
const IP_NUMBERS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  esp: 50,
  ah: 51,
  icmp6: 58,
  pim: 103,
  vrrp: 112,
  sctp: 132,
};
const ETHER_NUMBERS: Readonly<Record<string, number>> = {
  ip: 0x0800,
  arp: 0x0806,
  rarp: 0x8035,
  ip6: 0x86dd,
};
const KEYWORDS: readonly string[] = [
  ...PROTOCOLS,
  ...TYPES,
  'and',
  'or',
  'not',
  'src',
  'dst',
  'broadcast',
  'multicast',
  'less',
  'greater',
  'len',
  'vlan',
  'inbound',
  'outbound',
];

/** An IEEE 802.3 frame, whose type is a length, for the service access point of 802.1D. gencode.c, gen_linktype() */
function spanningTree(p: PacketView): boolean {
  return p.etherType <= 1500 && p.u8(p.net) === 0x42;
}

/** Compiles a filter expression. libpcap gencode.c, grammar.y @throws FilterError */
export function compileFilter(text: string, names: NameTable): Filter {
  const tokens = tokenize(text);
  if (tokens.length === 0) return () => true;
  const compiler = new Compiler(new Cursor(tokens), names);
  return compiler.whole();
}

class Compiler {
  readonly #c: Cursor;
  readonly #names: NameTable;
  #last: Qualifier = { proto: undefined, dir: 'either', type: undefined };

  constructor(cursor: Cursor, names: NameTable) {
    this.#c = cursor;
    this.#names = names;
  }

  whole(): Filter {
    const filter = this.#expression();
    if (!this.#c.done) throw new FilterError(SYNTAX_ERROR);
    return filter;
  }

  /** `and` and `or` bind alike, from the left. */
  #expression(): Filter {
    let left = this.#term();
    for (;;) {
      if (this.#c.take('and') || this.#c.take('&&')) {
        const [a, b] = [left, this.#term()];
        left = (p) => a(p) && b(p);
      } else if (this.#c.take('or') || this.#c.take('||')) {
        const [a, b] = [left, this.#term()];
        left = (p) => a(p) || b(p);
      } else return left;
    }
  }

  #term(): Filter {
    if (this.#c.take('not') || this.#c.take('!')) {
      const inner = this.#term();
      return (p) => !inner(p);
    }
    const relation = arithmetic(this.#c);
    if (relation !== undefined) return relation;
    if (this.#c.take('(')) {
      const inner = this.#expression();
      if (!this.#c.take(')')) throw new FilterError(SYNTAX_ERROR);
      return inner;
    }
    return this.#primitive();
  }

  #primitive(): Filter {
    const simple = this.#simple();
    if (simple !== undefined) return simple;
    const q = this.#qualifier();
    const token = this.#c.peek();
    const hasId =
      token !== undefined &&
      token.kind !== 'op' &&
      (token.escaped || !KEYWORDS.includes(token.text));
    const bare = q.dir === 'either' && q.type === undefined;
    if (bare && q.proto !== undefined && !hasId) return this.#protocol(q.proto);
    if (!hasId) throw new FilterError(SYNTAX_ERROR);
    const fresh = q.proto !== undefined || q.type !== undefined || q.dir !== 'either';
    const used = fresh ? q : this.#last;
    this.#last = used;
    if (
      !fresh &&
      this.#last.type === undefined &&
      this.#last.proto === undefined &&
      this.#last.dir === 'either' &&
      parseIpv4(token.text) === undefined
    )
      throw new FilterError(token.kind === 'number' ? `${SYNTAX_ERROR}` : SYNTAX_ERROR);
    return this.#id(used, this.#c.next());
  }

  #simple(): Filter | undefined {
    const c = this.#c;
    const limit = () => Number(c.next().text);
    if (c.take('less')) {
      const n = limit();
      return (p) => p.length <= n;
    }
    if (c.take('greater')) {
      const n = limit();
      return (p) => p.length >= n;
    }
    if (c.take('inbound')) return (p) => !p.outgoing;
    if (c.take('outbound')) return (p) => p.outgoing;
    if (c.take('vlan')) return this.#vlan();
    if (c.take('broadcast')) return etherBroadcast;
    if (c.take('multicast')) return etherMulticast;
    return undefined;
  }

  #vlan(): Filter {
    const id = this.#c.peek()?.kind === 'number' ? Number(this.#c.next().text) : undefined;
    const inner = this.#c.take('and') || this.#c.take('&&') ? this.#expression() : undefined;
    return (p) => {
      if (p.etherType !== 0x8100 && p.etherType !== 0x88a8) return false;
      if (id !== undefined && (p.u16(p.net) & 0xfff) !== id) return false;
      return inner === undefined || inner(p.untagged());
    };
  }

  #qualifier(): Qualifier {
    const c = this.#c;
    let proto: string | undefined;
    let dir: Direction = 'either';
    let type: Qualifier['type'];
    const token = c.peek();
    if (token !== undefined && !token.escaped && PROTOCOLS.includes(token.text))
      proto = c.next().text;
    if (c.take('src')) {
      dir = 'src';
      if (c.take('or')) dir = this.#demand('dst', 'either');
      else if (c.peek()?.text === 'and' && c.peek(1)?.text === 'dst') {
        c.next();
        c.next();
        dir = 'both';
      }
    } else if (c.take('dst')) {
      dir = 'dst';
      if (c.take('or')) dir = this.#demand('src', 'either');
    }
    const after = c.peek();
    if (after !== undefined && !after.escaped && TYPES.includes(after.text))
      type = c.next().text as Qualifier['type'];
    return { proto, dir, type };
  }

  #demand(word: string, dir: Direction): Direction {
    if (!this.#c.take(word)) throw new FilterError(SYNTAX_ERROR);
    return dir;
  }

  #protocol(name: string): Filter {
    if ((name === 'ether' || name === 'ip' || name === 'ip6') && this.#c.take('broadcast'))
      return name === 'ether' ? etherBroadcast : (p) => p.isIp4 && p.s32(p.net + 16) === -1;
    if ((name === 'ether' || name === 'ip' || name === 'ip6') && this.#c.take('multicast')) {
      if (name === 'ether') return etherMulticast;
      if (name === 'ip') return (p) => p.isIp4 && p.u8(p.net + 16) >= 224;
      return (p) => p.isIp6 && p.u8(p.net + 24) === 255;
    }
    if (name === 'stp') return spanningTree;
    const type = ETHER_NUMBERS[name];
    if (type !== undefined) return (p) => p.etherType === type;
    const number = IP_NUMBERS[name];
    if (number === undefined) throw new FilterError(SYNTAX_ERROR);
    if (name === 'icmp' || name === 'igmp') return (p) => p.isIp4 && p.ipProto === number;
    if (name === 'icmp6') return (p) => p.isIp6 && p.ipProto === number;
    return (p) => p.ipProto === number;
  }

  #id(q: Qualifier, token: Token): Filter {
    switch (q.type) {
      case 'port':
      case 'portrange':
        return this.#ports(q, token.text);
      case 'proto':
        return this.#proto(q, token.text);
      case 'net':
        return this.#net(q, token.text);
      case 'gateway':
        throw new FilterError("'gateway' is not supported here; use 'ether host' and 'not host'");
      default:
        return this.#host(q, token.text);
    }
  }

  #proto(q: Qualifier, text: string): Filter {
    if (q.proto === 'ether' || q.proto === 'link') {
      if (text === 'stp') return spanningTree;
      const type =
        ETHER_NUMBERS[text] ?? (/^(?:0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : undefined);
      if (type === undefined) throw new FilterError(`unknown ether proto '${text}'`);
      return (p) => p.etherType === type;
    }
    const number =
      IP_NUMBERS[text] ??
      this.#names.protocol(text) ??
      (/^\d+$/.test(text) ? Number(text) : undefined);
    if (number === undefined) throw new FilterError(`unknown ip proto '${text}'`);
    if (q.proto === 'ip') return (p) => p.isIp4 && p.ipProto === number;
    if (q.proto === 'ip6') return (p) => p.isIp6 && p.ipProto === number;
    return (p) => p.ipProto === number;
  }

  #port(text: string): number {
    if (/^\d+$/.test(text)) {
      const port = Number(text);
      if (port > 65_535) throw new FilterError(`illegal port number ${port} > 65535`);
      return port;
    }
    const port = this.#names.service(text);
    if (port === undefined) throw new FilterError(`unknown port '${text}'`);
    return port;
  }

  #ports(q: Qualifier, text: string): Filter {
    let [low, high] = [text, text];
    if (q.type === 'portrange') {
      const dash = /^(.+?)-(.+)$/.exec(text);
      if (dash !== null) [, low, high] = dash as unknown as [string, string, string];
      else if (this.#c.take('-')) high = this.#c.next().text;
    }
    const [from, to] = [this.#port(low), this.#port(high)];
    const wanted = q.proto === undefined ? [6, 17, 132] : [IP_NUMBERS[q.proto] ?? -1];
    if (wanted[0] === -1) throw new FilterError(`illegal qualifier of 'port'`);
    const within = (n: number) => n >= from && n <= to;
    return directed(q.dir, wanted, within);
  }

  #net(q: Qualifier, text: string): Filter {
    const [base = '', plen] = text.split('/');
    const v6 = parseIpv6(base);
    if (v6 !== undefined && base.includes(':'))
      return this.#host6(q, base, plen === undefined ? 128 : Number(plen));
    const parts = base.split('.');
    const addr = parseIpv4([...parts, '0', '0', '0'].slice(0, 4).join('.'));
    if (addr === undefined)
      throw new FilterError(
        /^[\d.]+$/.test(base) ? `invalid IPv4 address '${base}'` : `unknown network '${base}'`,
      );
    if (plen !== undefined && Number(plen) > 32) throw new FilterError('mask length must be <= 32');
    let mask = plen === undefined ? ipv4Mask(parts.length * 8) : ipv4Mask(Number(plen));
    if (this.#c.take('mask')) mask = parseIpv4(this.#c.next().text) ?? mask;
    if ((addr & ~mask) !== 0) throw new FilterError(`non-network bits set in "${text}"`);
    return address4(q, (a) => (a & mask) === addr);
  }

  #host(q: Qualifier, text: string): Filter {
    const mac = parseMac(text.replaceAll('-', ':'));
    if (q.proto === 'ether' || q.proto === 'link') {
      if (text === 'stp') return spanningTree;
      if (mac === undefined) throw new FilterError(`unknown ether host '${text}'`);
      return etherAddress(q.dir, mac);
    }
    if (text.includes(':')) return this.#host6(q, text.split('/')[0] as string, 128);
    if (text.includes('/')) return this.#net(q, text);
    const literal = parseIpv4(text);
    if (literal !== undefined) return address4(q, (a) => a === literal);
    if (/^\d+(?:\.\d+)*$/.test(text)) {
      if (/\b(?:25[6-9]|2[6-9]\d|[3-9]\d\d|\d{4,})\b/.test(text))
        throw new FilterError(`invalid IPv4 address '${text}'`);
      return this.#net({ ...q, type: 'net' }, text);
    }
    const found = this.#names.host(text);
    if (found.length === 0) throw new FilterError(`unknown host '${text}'`);
    const filters = found.map((a) =>
      typeof a === 'number' ? address4(q, (x) => x === a) : this.#host6(q, '', 128, a),
    );
    return (p) => filters.some((f) => f(p));
  }

  #host6(q: Qualifier, text: string, plen: number, given = parseIpv6(text)): Filter {
    if (given === undefined) throw new FilterError(`invalid IPv6 address '${text}'`);
    const words = [given.w0, given.w1, given.w2, given.w3];
    const masks = words.map((_, i) => ipv4Mask(Math.max(0, Math.min(32, plen - 32 * i))));
    const match = (p: PacketView, at: number) =>
      words.every(
        (w, i) => ((p.s32(at + 4 * i) ^ w) & (masks[i] as Ipv4Addr)) === 0 && p.has(at + 4 * i, 4),
      );
    return (p) => p.isIp6 && either(q.dir, match(p, p.net + 8), match(p, p.net + 24));
  }
}

function either(dir: Direction, src: boolean, dst: boolean): boolean {
  if (dir === 'src') return src;
  if (dir === 'dst') return dst;
  return dir === 'both' ? src && dst : src || dst;
}

function directed(
  dir: Direction,
  protos: readonly number[],
  within: (port: number) => boolean,
): Filter {
  return (p) => {
    if (!protos.includes(p.ipProto)) return false;
    const at = p.transport;
    return either(dir, within(p.u16(at)), within(p.u16(at + 2)));
  };
}

/** IPv4 addresses of IP, and those that ARP speaks of. */
function address4(q: Qualifier, match: (addr: number) => boolean): Filter {
  return (p) => {
    if (p.isIp4 && (q.proto === undefined || q.proto === 'ip' || IP_NUMBERS[q.proto] === p.ipProto))
      return either(q.dir, match(p.s32(p.net + 12)), match(p.s32(p.net + 16)));
    const arp = p.etherType === 0x0806 || p.etherType === 0x8035;
    if (!arp || (q.proto !== undefined && ETHER_NUMBERS[q.proto] !== p.etherType)) return false;
    return either(q.dir, match(p.s32(p.net + 14)), match(p.s32(p.net + 24)));
  };
}

function etherAddress(dir: Direction, mac: number): Filter {
  return (p) =>
    p.hasEther && p.has(0, 12) && either(dir, get48(p.buf, 6) === mac, get48(p.buf, 0) === mac);
}

const etherBroadcast: Filter = (p) =>
  p.hasEther && p.has(0, 6) && get48(p.buf, 0) === 0xffff_ffff_ffff;
const etherMulticast: Filter = (p) => p.hasEther && (p.u8(0) & 1) === 1;
