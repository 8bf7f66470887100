import type { SockInfo } from '@labwire/devices/sock';
import { serviceByName } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import {
  Exit,
  type InetPrefix,
  parseInteger,
  sameBits,
  tryPrefix,
  unsupported,
} from '../parse/index.ts';
import { SS_USAGE } from './usage.ts';

/** Whether a socket is shown. */
export type SockFilter = (sock: SockInfo) => boolean;

/** Tables of sockets. */
export type SockTable = 'tcp' | 'udp' | 'raw';

/** What the words of an expression are called. Source: iproute2 misc/ssfilter.y, yylex(). */
const TOKENS: ReadonlyMap<string, string> = new Map([
  ['!', '!'],
  ['not', '!'],
  ['&', '&'],
  ['&&', '&'],
  ['and', '&'],
  ['|', '|'],
  ['||', '|'],
  ['or', '|'],
  ['(', '('],
  [')', ')'],
  ['dst', 'dst'],
  ['src', 'src'],
  ['dport', 'dport'],
  ['sport', 'sport'],
  ['dev', 'dev'],
  ['fwmark', 'fwmark'],
  ['cgroup', 'cgroup'],
  ['autobound', 'autobound'],
  ['>=', '>='],
  ['ge', '>='],
  ['geq', '>='],
  ['<=', '<='],
  ['le', '<='],
  ['leq', '<='],
  ['!=', '!='],
  ['ne', '!='],
  ['neq', '!='],
  ['=', '='],
  ['==', '='],
  ['eq', '='],
  ['>', '>'],
  ['gt', '>'],
  ['<', '<'],
  ['lt', '<'],
]);

/** An address, a port, or both. */
interface HostCondition {
  readonly prefix: InetPrefix | undefined;
  /** undefined: any. */
  readonly port: number | undefined;
}

function badHost(text = ''): Exit {
  return new Exit(1, `${text}Cannot parse dst/src address.\n`);
}

/** Reads the filter of a command line. */
export class FilterParser {
  readonly #words: readonly string[];
  readonly #proc: Process;
  readonly #tables: ReadonlySet<string>;
  #at = 0;

  constructor(proc: Process, words: readonly string[], tables: ReadonlySet<string>) {
    this.#proc = proc;
    this.#words = words.flatMap((word) => word.split(/[ \t]+/).filter((w) => w !== ''));
    this.#tables = tables;
  }

  /** The families that conditions name: `inet:` and `inet6:`. */
  family: 'inet' | 'inet6' | undefined;

  /** @returns undefined if there are no words */
  parse(): SockFilter | undefined {
    if (this.#words.length === 0) return undefined;
    const filter = this.#list();
    if (this.#at < this.#words.length) throw this.#syntaxError();
    return filter;
  }

  get #token(): string | undefined {
    const word = this.#words[this.#at];
    return word === undefined ? undefined : (TOKENS.get(word) ?? 'operand');
  }

  #syntaxError(): Exit {
    const text = 'ss: bison bellows (while parsing filter): "syntax error!" Sorry.\n';
    return new Exit(255, text + SS_USAGE);
  }

  /** Conditions joined by `and`, `or` or nothing, from left to right. */
  #list(): SockFilter {
    let left = this.#condition();
    for (;;) {
      const token = this.#token;
      if (token === undefined || token === ')') return left;
      if (token === '|' || token === '&') this.#at++;
      const [a, b] = [left, this.#condition()];
      left = token === '|' ? (s) => a(s) || b(s) : (s) => a(s) && b(s);
    }
  }

  #condition(): SockFilter {
    const token = this.#token;
    this.#at++;
    if (token === '(') return this.#parenthesis();
    if (token === '!') {
      const negated = this.#condition();
      return (s) => !negated(s);
    }
    if (token === 'dport' || token === 'sport') return this.#portCondition(token);
    if (token === 'dst' || token === 'src') return this.#hostCondition(token);
    if (token === 'dev') return this.#deviceCondition();
    if (token === 'fwmark' || token === 'cgroup' || token === 'autobound')
      throw unsupported(`The filter ${token} of ss`, 'dst, src, dport, sport, dev');
    throw this.#syntaxError();
  }

  #parenthesis(): SockFilter {
    const inner = this.#list();
    if (this.#token !== ')') throw this.#syntaxError();
    this.#at++;
    return inner;
  }

  /** The operator, if there is one that may stand here. */
  #operator(allowed: readonly string[]): string {
    const token = this.#token;
    if (token === undefined || token === 'operand') return '=';
    if (!allowed.includes(token)) throw this.#syntaxError();
    this.#at++;
    return token;
  }

  #operand(): string {
    if (this.#token !== 'operand') throw this.#syntaxError();
    return this.#words[this.#at++] as string;
  }

  #portCondition(side: 'dport' | 'sport'): SockFilter {
    const operator = this.#operator(['=', '!=', '>', '<', '>=', '<=']);
    const { port } = this.#host(this.#operand(), true);
    const wanted = port ?? -1;
    const portOf = (s: SockInfo) => (side === 'dport' ? s.remote : s.local).port;
    switch (operator) {
      case '>=':
        return (s) => portOf(s) >= wanted;
      case '<=':
        return (s) => portOf(s) <= wanted;
      case '>':
        return (s) => portOf(s) > wanted;
      case '<':
        return (s) => portOf(s) < wanted;
      case '!=':
        return (s) => port !== undefined && portOf(s) !== port;
      default:
        return (s) => port === undefined || portOf(s) === port;
    }
  }

  #hostCondition(side: 'dst' | 'src'): SockFilter {
    this.#operator(['=']);
    const { prefix, port } = this.#host(this.#operand(), false);
    return (s) => {
      const end = side === 'dst' ? s.remote : s.local;
      if (port !== undefined && end.port !== port) return false;
      return passesPrefix(end.addr, prefix);
    };
  }

  #deviceCondition(): SockFilter {
    const operator = this.#operator(['=', '!=']);
    const name = this.#operand();
    const dev = this.#proc.netns.devices.byName(name);
    if (dev === undefined) throw new Exit(1, 'Cannot parse device.\n');
    return (s) => (s.device === dev.name) === (operator === '=');
  }

  /** Source: misc/ss.c, parse_hostcond(). */
  #host(text: string, isPort: boolean): HostCondition {
    const scheme = /^(inet6?|unix|link|netlink|vsock):/.exec(text)?.[1];
    if (scheme !== undefined && !scheme.startsWith('inet'))
      throw unsupported(`The filter ${scheme}: of ss`, 'inet:, inet6:');
    if (scheme !== undefined) this.family = scheme as 'inet' | 'inet6';
    const rest = scheme === undefined ? text : text.slice(scheme.length + 1);
    const [addr, port] = splitHost(rest, isPort);
    return {
      port: port === '' || port.startsWith('*') ? undefined : this.#port(port),
      prefix: addr === '' || addr.startsWith('*') ? undefined : this.#prefix(addr),
    };
  }

  #prefix(text: string): InetPrefix {
    const prefix = tryPrefix(text, this.family);
    if (prefix === undefined)
      throw badHost(`Error: an inet prefix is expected rather than "${text}".\n`);
    return prefix;
  }

  #port(text: string): number {
    const number = parseInteger(text);
    if (number !== undefined) return number;
    for (const proto of ['udp', 'tcp'] as const) {
      const service = this.#tables.has(proto)
        ? serviceByName(this.#proc.fs, text, proto)
        : undefined;
      if (service !== undefined) return service.port;
    }
    throw badHost(`Error: "${text}" does not look like a port.\n`);
  }
}

/** Cuts an address and a port apart: `10.0.0.1:80`, `[::1]:80`, `*:80`, `:80`. */
function splitHost(text: string, isPort: boolean): readonly [addr: string, port: string] {
  if (isPort) return ['', text.replace(/^.*:/, '')];
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    if (end < 0) throw badHost();
    return [text.slice(1, end), text.slice(end + 1).replace(/^:/, '')];
  }
  if (text.startsWith('*')) return ['*', text.slice(1).replace(/^:/, '')];
  const at = text.lastIndexOf(':');
  return at < 0 || at < text.indexOf('/') ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Whether an address lies in a prefix; one of IPv4 holds IPv4-mapped addresses too. Source: misc/ss.c, inet2_addr_match(). */
function passesPrefix(addr: SockInfo['local']['addr'], prefix: InetPrefix | undefined): boolean {
  if (prefix?.addr === undefined || prefix.bitlen <= 0) return true;
  if (typeof addr !== 'number' && typeof prefix.addr === 'number') {
    const mapped = addr.w0 === 0 && addr.w1 === 0 && addr.w2 === 0xffff;
    return mapped && sameBits(addr.w3 as typeof prefix.addr, prefix.addr, prefix.bitlen);
  }
  if (typeof addr !== typeof prefix.addr) return false;
  return sameBits(addr, prefix.addr, prefix.bitlen);
}
