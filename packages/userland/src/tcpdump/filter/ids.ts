import type { Code } from './code.ts';
import { FilterError } from './filter-error.ts';
import type { Token } from './lexer.ts';
import { host4, hostNamed, type NameTable, ports, type Qualifier } from './primitives.ts';
import { protocolChain, protocolNumber, protocolNumbered } from './protocols.ts';
import type { Test } from './test.ts';

const WITH_PORTS: readonly (string | undefined)[] = [undefined, 'tcp', 'udp', 'sctp'];
const MAX_PORT = 65_535;

/** What may stand behind an IPv4 address. */
interface Behind {
  readonly plen?: number;
  readonly mask?: string;
}

/** What an id stands for, which depends on the words before it. gen_scode(), gen_mcode(), gen_ncode() */
export function idTest(
  c: Code,
  q: Qualifier,
  token: Token,
  names: NameTable,
  behind: Behind,
): Test {
  if (token.kind === 'hid') return dottedTest(c, q, token.text, behind);
  if (token.kind === 'number') return numberTest(c, q, token.value);
  if (token.kind === 'aid') throw new FilterError('aid supported only on ARCnet');
  return nameTest(c, q, token.text, names);
}

/** Up to four numbers with dots: an address from its front. __pcap_atoin() */
function dotted(text: string): { readonly value: number; readonly bits: number } {
  const parts = text.split('.').map(Number);
  if (parts.some((n) => !(n <= 255))) throw new FilterError(`invalid IPv4 address '${text}'`);
  const bits = 8 * parts.length;
  const value = parts.reduce((v, n) => v * 256 + n, 0) * 2 ** (32 - bits);
  return { value, bits };
}

function prefixMask(bits: number): number {
  return bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
}

function dottedTest(c: Code, q: Qualifier, text: string, behind: Behind): Test {
  if (behind.plen !== undefined || behind.mask !== undefined) {
    const { value } = dotted(text);
    const mask =
      behind.mask !== undefined ? dotted(behind.mask).value : maskOf(behind.plen as number);
    if ((value & ~mask) !== 0)
      throw new FilterError(
        `non-network bits set in "${text}${behind.mask !== undefined ? ` mask ${behind.mask}` : `/${behind.plen}`}"`,
      );
    if (q.type !== 'net') throw new FilterError('Mask syntax for networks only');
    return host4(c, q, value, mask);
  }
  if (q.type === 'port' || q.type === 'portrange' || q.type === 'proto' || q.type === 'protochain')
    throw new FilterError(`'${q.type}' modifier applied to ip host`);
  const { value, bits } = dotted(text);
  if (q.type === 'gateway') throw new FilterError("'gateway' requires a name");
  if (q.proto === 'ether') throw new FilterError('illegal link layer address');
  return host4(c, q, value, prefixMask(bits));
}

function maskOf(plen: number): number {
  if (plen > 32) throw new FilterError('mask length must be <= 32');
  return prefixMask(plen);
}

function checkPort(port: number): number {
  if (port > MAX_PORT) throw new FilterError(`illegal port number ${port} > ${MAX_PORT}`);
  return port;
}

function numberTest(c: Code, q: Qualifier, value: number): Test {
  switch (q.type) {
    case 'port':
    case 'portrange':
      if (!WITH_PORTS.includes(q.proto)) throw new FilterError(`illegal qualifier of '${q.type}'`);
      checkPort(value);
      return ports(c, q, value, value);
    case 'proto':
      if (q.dir !== undefined) throw new FilterError("direction applied to 'proto'");
      return protocolNumbered(c, q.proto, value);
    case 'protochain':
      return protocolChain(c, q.proto, value);
    case 'gateway':
      throw new FilterError("'gateway' requires a name");
    default: {
      if (q.proto === 'ether') throw new FilterError('illegal link layer address');
      let [addr, mask] = [value, 0xffff_ffff];
      if (q.type === 'net')
        while (addr !== 0 && addr >>> 24 === 0) {
          addr = (addr << 8) >>> 0;
          mask = (mask << 8) >>> 0;
        }
      return host4(c, q, addr, mask);
    }
  }
}

function nameTest(c: Code, q: Qualifier, name: string, names: NameTable): Test {
  switch (q.type) {
    case 'net': {
      const net = names.network(name);
      if (net === undefined || net === 0) throw new FilterError(`unknown network '${name}'`);
      return numberTest(c, q, net);
    }
    case 'port':
      return portNamed(c, q, name, names);
    case 'portrange':
      return rangeNamed(c, q, name, names);
    case 'gateway':
      throw new FilterError("'gateway' not supported in this configuration");
    case 'proto':
    case 'protochain': {
      const number = protocolNumber(q, name, names);
      if (q.type === 'protochain') return protocolChain(c, q.proto, number);
      if (q.dir !== undefined) throw new FilterError("direction applied to 'proto'");
      return protocolNumbered(c, q.proto, number);
    }
    default:
      if (q.proto === 'ether')
        throw new FilterError(
          c.isEthernet
            ? `unknown ether host '${name}'`
            : 'only ethernet/FDDI/token ring/802.11/ATM LANE/Fibre Channel supports link-level host name',
        );
      return hostNamed(c, q, name, names);
  }
}

/** A port by name: of TCP, of UDP, or of both. pcap_nametoport() */
function lookUpPort(
  name: string,
  names: NameTable,
): { readonly port: number; readonly proto: 'tcp' | 'udp' | undefined } | undefined {
  if (/^\d+$/.test(name)) return { port: Number(name), proto: undefined };
  const [tcp, udp] = [names.service(name, 'tcp'), names.service(name, 'udp')];
  if (tcp !== undefined) return { port: tcp, proto: udp === tcp ? undefined : 'tcp' };
  return udp === undefined ? undefined : { port: udp, proto: 'udp' };
}

/** The protocol in which ports are looked for; the words before it and the service's own must agree. */
function agreed(q: Qualifier, proto: 'tcp' | 'udp' | undefined, what: string): Qualifier {
  if (q.proto !== undefined && proto !== undefined && proto !== q.proto)
    throw new FilterError(`${what} is ${proto}`);
  return { ...q, proto: q.proto ?? proto };
}

function portNamed(c: Code, q: Qualifier, name: string, names: NameTable): Test {
  if (!WITH_PORTS.includes(q.proto)) throw new FilterError("illegal qualifier of 'port'");
  const found = lookUpPort(name, names);
  if (found === undefined) throw new FilterError(`unknown port '${name}'`);
  const used = agreed(q, found.proto, `port '${name}'`);
  return ports(c, used, checkPort(found.port), found.port);
}

function rangeNamed(c: Code, q: Qualifier, name: string, names: NameTable): Test {
  if (!WITH_PORTS.includes(q.proto)) throw new FilterError("illegal qualifier of 'portrange'");
  const [, low, high] = /^([^-]+)-(.+)$/.exec(name) ?? [undefined, name, name];
  const [from, to] = [lookUpPort(low as string, names), lookUpPort(high as string, names)];
  if (from === undefined || to === undefined)
    throw new FilterError(`unknown port in range '${name}'`);
  const proto = from.proto === to.proto ? from.proto : undefined;
  const used = agreed(q, proto, `port in range '${name}'`);
  return ports(c, used, checkPort(from.port), checkPort(to.port));
}
