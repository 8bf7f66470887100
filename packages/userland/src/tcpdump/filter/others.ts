import { type Code, ETH } from './code.ts';
import { FilterError, FilterSyntaxError } from './filter-error.ts';
import { etherHost } from './primitives.ts';
import { and, not, or, type Test } from './test.ts';

/** Takes what stands behind a word. */
export interface Arguments {
  readonly number: () => number;
  readonly optionalNumber: () => number | undefined;
  readonly word: () => string | undefined;
  readonly op: (ops: readonly string[]) => string;
}

const SUPERVISORY: Readonly<Record<string, number>> = { rr: 0x01, rnr: 0x05, rej: 0x09 };
const UNNUMBERED: Readonly<Record<string, number>> = {
  ui: 0x03,
  ua: 0x63,
  disc: 0x43,
  dm: 0x0f,
  sabme: 0x6f,
  test: 0xe3,
  xid: 0xaf,
  frmr: 0x87,
};
/** Words that other kinds of links know, and what is said of them where nobody does. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  ifname: 'ifname supported only on PF linktype',
  ruleset: 'ruleset supported only on PF linktype',
  rnr: 'rnr supported only on PF linktype',
  srnr: 'srnr supported only on PF linktype',
  reason: 'reason supported only on PF linktype',
  action: 'action supported only on PF linktype',
  type: '802.11 link-layer types supported only on 802.11',
  subtype: '802.11 link-layer types supported only on 802.11',
  dir: 'frame direction supported only with 802.11 headers',
};
const ATM =
  'lane metac bcc oamf4ec oamf4sc sc ilmic oam oamf4 connectmsg metaconnect vpi vci'.split(' ');
const MTP2 = ['fisu', 'lssu', 'msu', 'hfisu', 'hlssu', 'hmsu'];
const SS7 = ['sio', 'opc', 'dpc', 'sls', 'hsio', 'hopc', 'hdpc', 'hsls'];

/** Words that begin a primitive of their own. */
export const OTHERS: ReadonlySet<string> = new Set([
  'broadcast',
  'multicast',
  'less',
  'greater',
  'byte',
  'inbound',
  'outbound',
  'ifindex',
  'vlan',
  'mpls',
  'pppoed',
  'pppoes',
  'geneve',
  'llc',
  ...Object.keys(ELSEWHERE),
  ...ATM,
  ...MTP2,
  ...SS7,
]);

/** Primitives that are no addresses, ports or protocols. grammar.y, other */
export function otherTest(c: Code, word: string, proto: string | undefined, args: Arguments): Test {
  switch (word) {
    case 'broadcast':
      return broadcast(c, proto);
    case 'multicast':
      return multicast(c, proto);
    case 'less': {
      const n = args.number();
      return { kind: 'call', key: `len<=${n}`, call: (p) => p.length <= n };
    }
    case 'greater': {
      const n = args.number();
      return { kind: 'call', key: `len>=${n}`, call: (p) => p.length >= n };
    }
    case 'byte':
      return byteTest(c, args);
    case 'inbound':
    case 'outbound':
      return direction(c, word === 'outbound');
    case 'ifindex':
      return interfaceIndex(c, args.number());
    case 'vlan':
      return c.vlan(args.optionalNumber());
    case 'mpls':
      return c.mpls(args.optionalNumber());
    case 'pppoed':
      return c.carries(0x8863);
    case 'pppoes':
      return c.pppoeSession(args.optionalNumber());
    case 'llc':
      return llc(c, args.word());
    default:
      return elsewhere(word, args);
  }
}

function elsewhere(word: string, args: Arguments): never {
  const text = ELSEWHERE[word];
  if (word === 'geneve') throw new FilterError("'geneve' is not supported here");
  if (ATM.includes(word)) {
    if (word === 'vpi' || word === 'vci') args.number();
    throw new FilterError(`'${word}' supported only on raw ATM`);
  }
  if (MTP2.includes(word)) throw new FilterError(`'${word}' supported only on MTP2`);
  if (text === undefined) {
    args.number();
    throw new FilterError(`'${word}' supported only on SS7`);
  }
  if (args.word() === undefined) args.number();
  throw new FilterError(text);
}

/** gen_broadcast() */
function broadcast(c: Code, proto: string | undefined): Test {
  if (proto === undefined || proto === 'ether') {
    if (!c.isEthernet) throw new FilterError('not a broadcast link');
    return etherHost(c, 'dst', 0xffff_ffff_ffff);
  }
  if (proto !== 'ip') throw new FilterError('only link-layer/IP broadcast filters supported');
  // tcpdump asks for it with a mask of 0.0.0.0 unless -f is given
  return and(
    c.carries(ETH.ip),
    or(c.compare(c.payload(16), 4, 0), c.compare(c.payload(16), 4, 0xffff_ffff)),
  );
}

/** gen_multicast() */
function multicast(c: Code, proto: string | undefined): Test {
  if (proto === 'ip')
    return and(c.carries(ETH.ip), c.compare(c.payload(16), 1, 224, 0xffff_ffff, '>='));
  if (proto === 'ip6') return and(c.carries(ETH.ip6), c.compare(c.payload(24), 1, 255));
  const link = proto === undefined || proto === 'ether';
  if (link && c.isEthernet) return c.compare(c.header(0), 1, 1, 0xffff_ffff, '&');
  throw new FilterError(
    'link-layer multicast filters supported only on ethernet/FDDI/token ring/ARCNET/802.11/ATM LANE/Fibre Channel',
  );
}

/** gen_byteop() */
function byteTest(c: Code, args: Arguments): Test {
  const at = args.number();
  const op = args.op(['&', '|', '<', '>', '=']);
  const value = args.number();
  const place = c.header(at);
  if (op === '=') return c.compare(place, 1, value);
  if (op === '>') return c.compare(place, 1, value, 0xffff_ffff, '>');
  if (op === '<') return not(c.compare(place, 1, value, 0xffff_ffff, '>='));
  throw new FilterSyntaxError();
}

/** gen_inbound() */
function direction(c: Code, outgoing: boolean): Test {
  if (c.linkType === 113) {
    const sent = c.compare(c.header(0), 2, 4);
    return outgoing ? sent : not(sent);
  }
  if (c.linkType === 276) {
    const sent = c.compare(c.header(10), 1, 4);
    return outgoing ? sent : not(sent);
  }
  if (!c.live)
    throw new FilterError(`inbound/outbound not supported on ${c.linkName} when reading savefiles`);
  return { kind: 'call', key: `out ${outgoing}`, call: (p) => p.outgoing === outgoing };
}

/** gen_ifindex() */
function interfaceIndex(c: Code, index: number): Test {
  if (c.linkType === 276) return c.compare(c.header(4), 4, index);
  if (!c.live)
    throw new FilterError(`ifindex not supported on ${c.linkName} when reading savefiles`);
  return { kind: 'call', key: `ifindex ${index}`, call: (p) => p.ifindex === index };
}

function llc(c: Code, word: string | undefined): Test {
  const base = c.llc();
  if (word === undefined) return base;
  const control = c.payload(2);
  const kind = word.toLowerCase();
  if (kind === 'i') return and(base, not(c.compare(control, 1, 1, 0xffff_ffff, '&')));
  if (kind === 's') return and(base, c.compare(control, 1, 0x01, 0x03));
  if (kind === 'u') return and(base, c.compare(control, 1, 0x03, 0x03));
  if (SUPERVISORY[kind] !== undefined)
    return and(base, c.compare(control, 1, SUPERVISORY[kind] as number, 0x0f));
  if (UNNUMBERED[kind] !== undefined)
    return and(base, c.compare(control, 1, UNNUMBERED[kind] as number, 0xef));
  throw new FilterError(`unknown LLC type name "${word}"`);
}
