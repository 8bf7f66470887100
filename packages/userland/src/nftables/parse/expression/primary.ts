/** Primary expressions: what is asked of a packet, and constants. src/parser_bison.y, primary_expr, primary_rhs_expr */
import type { NftExpr, NftFib } from '@labwire/devices/netfilter';
import { type Loc, NftError, type Token } from '../../lex/index.ts';
import { CT, META, TRANSPORT, UNQUALIFIED } from '../../proto/index.ts';
import type { Node, Tokens } from '../../syntax/index.ts';
import { concatExpr, expression } from './expression.ts';
import { EXTENSION_WORDS, extensionExpr, HEADER_WORDS, headerExpr, rawPayload } from './payload.ts';

function prim(expr: NftExpr, loc: Loc): Node {
  return { k: 'prim', expr, loc };
}

/** Words that are constants on the right of a comparison. */
const CONSTANT_WORDS: ReadonlySet<string> = new Set([
  'tcp',
  'udp',
  'udplite',
  'esp',
  'ah',
  'icmp',
  'igmp',
  'icmpv6',
  'comp',
  'dccp',
  'sctp',
  'redirect',
  'ether',
  'ip',
  'ip6',
  'vlan',
  'arp',
  'dnat',
  'snat',
  'ecn',
  'reset',
  'mark',
  'drop',
]);

/** A constant: a number, a name, a text in quotes, an address, a variable. */
export function constant(p: Tokens): Node {
  const t = p.peek();
  if (p.at('$')) return p.variable();
  if (p.at('exists', 'missing')) {
    p.next();
    return { k: 'boolean', value: t.text === 'exists', loc: t.loc };
  }
  if (t.kind === 'word' && CONSTANT_WORDS.has(t.text)) {
    p.next();
    const sym = { k: 'sym' as const, text: t.text, form: 'string' as const, loc: t.loc };
    const proto = TRANSPORT[t.text];
    return proto === undefined ? sym : { ...sym, proto };
  }
  return symbol(p, t);
}

function symbol(p: Tokens, t: Token): Node {
  switch (t.kind) {
    case 'number':
      p.next();
      return { k: 'sym', text: t.value.toString(), form: 'number', loc: t.loc };
    case 'string':
    case 'quoted':
    case 'asterisk':
      p.next();
      return { k: 'sym', text: t.text, form: t.kind, loc: t.loc };
    default:
      return p.fail();
  }
}

/** What is asked of a packet, or a constant. */
export function primary(p: Tokens): Node {
  const t = p.peek();
  if (t.kind === 'sign' && t.text === '(') {
    p.next();
    const inner = expression(p, primary);
    p.want(')');
    return { ...inner, loc: p.since(t.loc) };
  }
  if (t.kind === 'sign' && t.text === '@') return rawPayload(p);
  if (t.kind !== 'word') return constant(p);
  if (HEADER_WORDS.has(t.text)) return headerExpr(p);
  if (t.text === 'rt' && p.after('classid', 'nexthop', 'mtu', 'ipsec', 'ip', 'ip6'))
    return rtExpr(p);
  if (EXTENSION_WORDS.has(t.text) || t.text === 'exthdr') return extensionExpr(p);
  return knownExpr(p, t);
}

function knownExpr(p: Tokens, t: Token): Node {
  switch (t.text) {
    case 'meta':
      return metaExpr(p);
    case 'ct':
      return ctExpr(p);
    case 'socket':
      return socketExpr(p);
    case 'fib':
      return fibExpr(p);
    case 'osf':
      return osfExpr(p);
    case 'numgen':
      return numgenExpr(p);
    case 'jhash':
      return jhashExpr(p);
    case 'symhash':
      return symhashExpr(p);
    case 'ipsec':
      return ipsecExpr(p);
    default:
      if (UNQUALIFIED.includes(t.text)) return unqualified(p);
      return constant(p);
  }
}

function unqualified(p: Tokens): Node {
  const t = p.next();
  return meta(t.text, t.loc);
}

function meta(key: string, loc: Loc): Node {
  const { bits, type } = META[key] as { bits: number; type: string };
  return prim({ kind: 'meta', key, bits, type }, loc);
}

/** The keys as an error lists them. `enum nft_meta_keys` */
const META_ORDER =
  'length protocol priority mark iif oif iifname oifname iiftype oiftype skuid skgid nftrace rtclassid secmark nfproto l4proto ibrname obrname pkttype cpu iifgroup oifgroup cgroup random ipsec iifkind oifkind ibrpvid ibrvproto time day hour sdif sdifname';

const META_ALIASES: Readonly<Record<string, string>> = {
  secpath: 'ipsec',
  ibriport: 'ibrname',
  obriport: 'obrname',
};

function metaExpr(p: Tokens): Node {
  const head = p.next();
  const t = p.peek();
  const key = META_ALIASES[t.text] ?? t.text;
  if (t.kind === 'quoted' || t.kind === 'number' || t.kind === 'sign' || t.kind === 'newline')
    p.fail();
  if (META[key] === undefined) {
    if (t.kind !== 'string') p.fail();
    p.next();
    const known = META_ORDER.split(' ').join(', ');
    throw new NftError(
      `syntax error, unexpected ${t.text}, known keys are ${known}`,
      p.since(head.loc),
    );
  }
  p.next();
  return meta(key, p.since(head.loc));
}

const CT_DIR_KEYS = [
  'saddr',
  'daddr',
  'l3proto',
  'protocol',
  'proto-src',
  'proto-dst',
  'bytes',
  'packets',
  'avgpkt',
  'zone',
  'ip',
  'ip6',
];
const CT_NO_DIR = [
  'state',
  'direction',
  'status',
  'mark',
  'expiration',
  'helper',
  'l3proto',
  'saddr',
  'daddr',
  'protocol',
  'proto-src',
  'proto-dst',
  'label',
  'bytes',
  'packets',
  'avgpkt',
  'zone',
  'event',
  'secmark',
  'id',
];

function ctExpr(p: Tokens): Node {
  const head = p.next();
  return p.within('ct', () => {
    let dir: 'original' | 'reply' | undefined;
    if (p.at('original', 'reply')) dir = p.next().text as 'original' | 'reply';
    const t = p.peek();
    const known = dir === undefined ? CT_NO_DIR : CT_DIR_KEYS;
    if (t.kind === 'quoted' || !known.includes(t.text)) p.fail();
    p.next();
    if (t.text === 'ip' || t.text === 'ip6') return ctFamilyAddr(p, t.text, dir, head.loc);
    const { bits, type } = CT[t.text] as { bits: number; type: string };
    const expr: NftExpr = { kind: 'ct', key: t.text, bits, type };
    return prim(dir === undefined ? expr : { ...expr, dir }, p.since(head.loc));
  });
}

function ctFamilyAddr(
  p: Tokens,
  family: string,
  dir: 'original' | 'reply' | undefined,
  from: Loc,
): Node {
  const key = `${family} ${p.want('saddr', 'daddr').text}`;
  const type = family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
  const expr: NftExpr = { kind: 'ct', key, bits: family === 'ip' ? 32 : 128, type };
  return prim(dir === undefined ? expr : { ...expr, dir }, p.since(from));
}

/** `rt KEY`; the routing extension header begins with the same word. */
function rtExpr(p: Tokens): Node {
  const head = p.next();
  let family: 'ip' | 'ip6' | undefined;
  if (p.at('ip', 'ip6')) family = p.next().text as 'ip' | 'ip6';
  const t = p.peek();
  const of = (key: 'classid' | 'nexthop' | 'mtu' | 'ipsec', bits: number, type: string): Node => {
    p.next();
    const expr: NftExpr = { kind: 'rt', key, bits, type };
    return prim(family === undefined ? expr : { ...expr, family }, p.since(head.loc));
  };
  if (t.text === 'classid') return of('classid', 32, 'realm');
  if (t.text === 'nexthop')
    return of('nexthop', family === 'ip6' ? 128 : 32, family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr');
  if (t.text === 'mtu') return of('mtu', 16, 'integer');
  if (t.text === 'ipsec') return of('ipsec', 1, 'boolean');
  return p.fail();
}

function socketExpr(p: Tokens): Node {
  const head = p.next();
  const t = p.peek();
  const of = (
    key: 'transparent' | 'mark' | 'wildcard' | 'cgroupv2',
    bits: number,
    type: string,
    level?: number,
  ): Node => {
    const expr: NftExpr = { kind: 'socket', key, bits, type };
    return prim(level === undefined ? expr : { ...expr, level }, p.since(head.loc));
  };
  if (p.take('transparent')) return of('transparent', 1, 'integer');
  if (p.take('wildcard')) return of('wildcard', 1, 'integer');
  if (p.take('mark')) return of('mark', 32, 'mark');
  if (t.text !== 'cgroupv2') p.fail('mark', 'transparent', 'wildcard', 'cgroupv2');
  p.next();
  p.want('level');
  const level = p.number();
  return of('cgroupv2', 64, 'cgroupsv2', level);
}

function fibExpr(p: Tokens): Node {
  const head = p.next();
  const from = p.peek().loc;
  const flags: NftFib['flags'][number][] = [];
  do {
    const t = p.peek();
    if (!['saddr', 'daddr', 'mark', 'iif', 'oif'].includes(t.text)) p.fail();
    p.next();
    flags.push(t.text as NftFib['flags'][number]);
  } while (p.take('.'));
  const tuple = p.since(from);
  const t = p.peek();
  if (!['oif', 'oifname', 'type'].includes(t.text)) p.fail('type', 'oif', 'oifname');
  p.next();
  const loc = p.since(head.loc);
  const order = ['saddr', 'daddr', 'mark', 'iif', 'oif'];
  flags.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const has = (f: NftFib['flags'][number]): boolean => flags.includes(f);
  if (has('saddr') && has('daddr'))
    throw new NftError('fib: saddr and daddr are mutually exclusive', tuple);
  if (!has('saddr') && !has('daddr')) throw new NftError('fib: need either saddr or daddr', tuple);
  if (has('iif') && has('oif'))
    throw new NftError('fib: iif and oif are mutually exclusive', tuple);
  const result = t.text as NftFib['result'];
  const [bits, type] = {
    oif: [32, 'iface_index'],
    oifname: [128, 'ifname'],
    type: [32, 'fib_addrtype'],
  }[result] as [number, string];
  return prim({ kind: 'fib', flags, result, present: false, bits, type }, loc);
}

function osfExpr(p: Tokens): Node {
  const head = p.next();
  let ttl: 'loose' | 'skip' | undefined;
  if (p.take('ttl')) {
    const t = p.peek();
    if (t.text !== 'loose' && t.text !== 'skip') throw new NftError('invalid ttl option', t.loc);
    p.next();
    ttl = t.text;
  }
  const version = p.at('version');
  if (!version) {
    if (!p.at('name')) p.fail('name', 'version');
  }
  p.next();
  return prim({ kind: 'osf', ttl, version, bits: 128, type: 'string' }, p.since(head.loc));
}

function offsetOption(p: Tokens): number {
  return p.take('offset') ? p.number() : 0;
}

function numgenExpr(p: Tokens): Node {
  const head = p.next();
  const mode = p.want('inc', 'random').text as 'inc' | 'random';
  p.want('mod');
  const mod = p.number();
  const offset = offsetOption(p);
  return prim({ kind: 'numgen', mode, mod, offset, bits: 32, type: 'integer' }, p.since(head.loc));
}

function jhashExpr(p: Tokens): Node {
  const head = p.next();
  const of = concatExpr(p, primary);
  p.want('mod');
  const mod = p.number();
  const seed = p.take('seed') ? p.number() : undefined;
  const offset = offsetOption(p);
  return { k: 'jhash', of, mod, seed, offset, loc: p.since(head.loc) };
}

function symhashExpr(p: Tokens): Node {
  const head = p.next();
  p.want('mod');
  const mod = p.number();
  const offset = offsetOption(p);
  return prim(
    {
      kind: 'hash',
      hash: 'symhash',
      of: undefined,
      mod,
      seed: undefined,
      offset,
      bits: 32,
      type: 'integer',
    },
    p.since(head.loc),
  );
}

/** `spnum N` */
function spnumOption(p: Tokens): number {
  const head = p.peek();
  if (!p.take('spnum')) return 0;
  const n = p.number();
  if (n > 255) throw new NftError('value too large', p.since(head.loc));
  return n;
}

function ipsecExpr(p: Tokens): Node {
  if (!p.after('in', 'out')) return unqualified(p);
  const head = p.next();
  const dir = p.next().text as 'in' | 'out';
  const spnum = spnumOption(p);
  let key = p.peek().text;
  let [bits, type] = [32, 'integer'];
  if (key === 'ip' || key === 'ip6') {
    p.next();
    [bits, type] = key === 'ip' ? [32, 'ipv4_addr'] : [128, 'ipv6_addr'];
    key += ` ${p.want('saddr', 'daddr').text}`;
  } else p.want('spi', 'reqid');
  return prim({ kind: 'xfrm', dir, spnum, key, bits, type }, p.since(head.loc));
}
