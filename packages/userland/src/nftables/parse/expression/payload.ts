/** Headers, options and extension headers. src/parser_bison.y, payload_expr, exthdr_expr */
import type { NftExpr, NftPayloadBase } from '@labwire/devices/netfilter';
import { type Loc, NftError } from '../../lex/index.ts';
import {
  chunkField,
  EXTENSION_FIELDS,
  EXTENSION_HEADERS,
  fieldOf,
  HEADERS,
  IP_OPTION_FIELDS,
  IP_OPTIONS,
  type OptionField,
  SCTP_CHUNKS,
  TCP_OPTION_ALIASES,
  TCP_OPTION_FIELDS,
  TCP_OPTIONS,
} from '../../proto/index.ts';
import type { Node, Tokens } from '../../syntax/index.ts';

/** The words that begin a header. */
export const HEADER_WORDS: ReadonlySet<string> = new Set(Object.keys(HEADERS));

/** The words that begin an extension header. */
export const EXTENSION_WORDS: ReadonlySet<string> = new Set(Object.keys(EXTENSION_HEADERS));

function prim(expr: NftExpr, loc: Loc): Node {
  return { k: 'prim', expr, loc };
}

/** `HEADER FIELD`, `tcp option …`, `ip option …`, `sctp chunk …` */
export function headerExpr(p: Tokens): Node {
  const head = p.next();
  return p.within(head.text === 'icmpv6' || head.text === 'icmp' ? 'ip' : head.text, () => {
    if (head.text === 'tcp' && p.take('option')) return tcpOption(p, head.loc);
    if (head.text === 'ip' && p.take('option')) return ipOption(p, head.loc);
    if (head.text === 'sctp' && p.take('chunk')) return sctpChunk(p, head.loc);
    return field(p, head.text, head.loc);
  });
}

/** The word for a field, and what is a field's name only in listings. */
const ICMPV6_WORDS: Readonly<Record<string, string>> = {
  'param-problem': 'parameter-problem',
  'parameter-problem': '',
};

function field(p: Tokens, header: string, from: Loc): Node {
  const t = p.peek();
  let name = t.text;
  const arp = header === 'arp' && (name === 'saddr' || name === 'daddr');
  if (arp && p.after('ether', 'ip')) name += ` ${p.peek(1).text}`;
  if (name === 'cfi') name = 'dei';
  if (header === 'icmpv6') name = ICMPV6_WORDS[name] ?? name;
  const f = t.kind === 'string' || t.kind === 'word' ? fieldOf(header, name) : undefined;
  if (f === undefined) p.fail();
  p.next();
  if (arp) p.next();
  const { base } = HEADERS[header] as { base: NftPayloadBase };
  return prim(
    {
      kind: 'payload',
      base,
      offset: f.offset,
      bits: f.bits,
      type: f.type,
      proto: header,
      field: f.name,
    },
    p.since(from),
  );
}

function option(
  op: 'ipv6' | 'tcpopt' | 'ipopt' | 'sctp',
  header: number,
  f: OptionField,
  loc: Loc,
): Node {
  const { name, field: own, offset, bits, type } = f;
  return prim(
    { kind: 'exthdr', op, header, offset, bits, type, present: false, name, field: own },
    loc,
  );
}

/** The presence of an option or header. */
function presence(
  op: 'ipv6' | 'tcpopt' | 'ipopt' | 'sctp',
  header: number,
  name: string,
  loc: Loc,
): Node {
  return prim(
    {
      kind: 'exthdr',
      op,
      header,
      offset: 0,
      bits: 1,
      type: 'boolean',
      present: true,
      name,
      field: '',
    },
    loc,
  );
}

function tcpOption(p: Tokens, from: Loc): Node {
  if (p.take('@')) return rawTcpOption(p, from);
  const t = p.peek();
  if (t.kind === 'number') {
    if (t.value > 255n) throw new NftError('value too large', t.loc);
    p.next();
    const kind = Number(t.value);
    const known = Object.entries(TCP_OPTIONS).find(([, n]) => n === kind)?.[0];
    return presence('tcpopt', kind, known ?? t.value.toString(), p.since(from));
  }
  const name = TCP_OPTION_ALIASES[t.text] ?? t.text;
  const kind = TCP_OPTIONS[name];
  if (kind === undefined || t.kind === 'quoted') p.fail();
  p.next();
  const own = TCP_OPTION_FIELDS.find((f) => f.name === name && f.field === p.peek().text);
  if (own !== undefined) {
    p.next();
    return option('tcpopt', kind, own, p.since(from));
  }
  if (name === 'eol' || name === 'nop' || !p.at('exists', 'missing', '==', '!=', '!')) {
    if (!p.at('exists', 'missing', '==', '!=', '!') && !p.atSeparator && p.peek().kind !== 'end')
      p.fail();
  }
  return presence('tcpopt', kind, name, p.since(from));
}

/** `@KIND,OFFSET,LENGTH` */
function rawTcpOption(p: Tokens, from: Loc): Node {
  const kind = p.number();
  p.want(',');
  const offset = p.number();
  p.want(',');
  const bits = p.number();
  return option(
    'tcpopt',
    kind,
    { name: '', field: '', offset, bits, type: 'integer' },
    p.since(from),
  );
}

function ipOption(p: Tokens, from: Loc): Node {
  const t = p.peek();
  const kind = IP_OPTIONS[t.text];
  if (kind === undefined) p.fail();
  p.next();
  const own = IP_OPTION_FIELDS.find((f) => f.name === t.text && f.field === p.peek().text);
  if (own === undefined) return presence('ipopt', kind, t.text, p.since(from));
  p.next();
  return option('ipopt', kind, own, p.since(from));
}

function sctpChunk(p: Tokens, from: Loc): Node {
  const t = p.peek();
  const type = SCTP_CHUNKS[t.text];
  if (type === undefined) p.fail();
  p.next();
  const own = chunkField(t.text, p.peek().text);
  if (own === undefined) return presence('sctp', type, t.text, p.since(from));
  p.next();
  return option('sctp', type, own, p.since(from));
}

/** `frag id`, `rt type`, … and `exthdr frag`. */
export function extensionExpr(p: Tokens): Node {
  const head = p.next();
  if (head.text === 'exthdr') {
    const which = p.peek();
    const header = EXTENSION_HEADERS[which.text];
    if (header === undefined || !['hbh', 'rt', 'frag', 'dst', 'mh'].includes(which.text)) p.fail();
    p.next();
    return presence('ipv6', header, which.text, p.since(head.loc));
  }
  let name = p.peek().text;
  let words = 1;
  if (p.peek(1).text === '[' && p.peek(3).text === ']') {
    name += `[${p.peek(2).text}]`;
    words = 4;
  }
  const own = EXTENSION_FIELDS.find((f) => f.name === head.text && f.field === name);
  if (own === undefined) p.fail();
  for (let i = 0; i < words; i++) p.next();
  return option('ipv6', EXTENSION_HEADERS[head.text] as number, own, p.since(head.loc));
}

const RAW_BASES: Readonly<Record<string, NftPayloadBase>> = {
  ll: 'link',
  nh: 'network',
  th: 'transport',
  ih: 'inner',
};

/** `@nh,OFFSET,LENGTH` */
export function rawPayload(p: Tokens): Node {
  const sign = p.want('@');
  const base = RAW_BASES[p.peek().text];
  if (base === undefined) p.fail();
  p.next();
  p.want(',');
  const offset = p.number();
  p.want(',');
  const bits = p.number();
  return prim(
    { kind: 'payload', base, offset, bits, type: 'xinteger', proto: '', field: '' },
    p.since(sign.loc),
  );
}
