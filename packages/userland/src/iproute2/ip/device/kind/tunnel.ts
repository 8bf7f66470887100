import type { Ipv4Addr } from '@labwire/core/addr';
import { formatIpv4 } from '@labwire/core/addr';
import { GRE_CSUM, GRE_KEY, GRE_SEQ } from '@labwire/devices/link';
import type { Context } from '../../../context/index.ts';
import {
  type Args,
  Exit,
  findWord,
  invalidArgument,
  parseAddr,
  parseUnsigned,
  word,
} from '../../../parse/index.ts';
import type { Info, InfoRequest } from './info.ts';
import type { LinkKind } from './kind.ts';
import type { KindOption } from './options.ts';

/** IPPROTO_* of what is in an ipip or sit tunnel. */
const IPPROTO_IPIP = 4;
const IPPROTO_IPV6 = 41;
const ENCAP = [
  '[ fwmark MARK ]',
  '[ external ]',
  '[ noencap ]',
  '[ encap { fou | gue | none } ]',
  '[ encap-sport PORT ]',
  '[ encap-dport PORT ]',
  '[ [no]encap-csum ]',
  '[ [no]encap-csum6 ]',
  '[ [no]encap-remcsum ]',
];
const SIXRD = ['[ 6rd-prefix ADDR ]', '[ 6rd-relay_prefix ADDR ]', '[ 6rd-reset ]'];
const ROWS = {
  gre: [
    '[ remote ADDR ]',
    '[ local ADDR ]',
    '[ [no][i|o]seq ]',
    '[ [i|o]key KEY | no[i|o]key ]',
    '[ [no][i|o]csum ]',
    '[ ttl TTL ]',
    '[ tos TOS ]',
    '[ [no]pmtudisc ]',
    '[ [no]ignore-df ]',
    '[ dev PHYS_DEV ]',
    ...ENCAP,
  ],
  ip: [
    '[ remote ADDR ]',
    '[ local ADDR ]',
    '[ ttl TTL ]',
    '[ tos TOS ]',
    '[ [no]pmtudisc ]',
    ...SIXRD,
    '[ dev PHYS_DEV ]',
    ...ENCAP,
  ],
};
const TERMS = `
Where:	ADDR := { IP_ADDRESS | any }
	TOS  := { NUMBER | inherit }
	TTL  := { 1..255 | inherit }
`;
const MARK = '\tMARK := { 0x0..0xffffffff }\n';

function usage(name: string, rows: readonly string[], key: string): string {
  return `Usage: ... ${name}\t${rows.join('\n\t\t\t')}\n${TERMS}${key}${MARK}`;
}

/** An address of either end; `any` is 0. */
export function tunnelEnd(text: string): Ipv4Addr {
  return text === 'any' ? (0 as Ipv4Addr) : (parseAddr(text, 'inet').addr as Ipv4Addr);
}

/** A number, or one written as an address. Source: iproute2 ip/tunnel.c, tnl_parse_key(). */
export function tunnelKey(name: string, text: string): number {
  if (text.includes('.')) return (parseAddr(text, 'inet').addr as number) >>> 0;
  const value = parseUnsigned(text);
  if (value === undefined)
    throw new Exit(
      255,
      `invalid value for "${name}": "${text}"; it should be an unsigned integer\n`,
    );
  return value;
}

function tunnelTtl(text: string): number {
  if (text === 'inherit') return 0;
  const value = parseUnsigned(text, 255);
  if (value === undefined) throw invalidArgument('invalid TTL\n', text);
  return value;
}

/** Bit 0 says: that of the packet inside. */
export function tunnelTos(ctx: Context, text: string): number {
  if (text === 'inherit') return 1;
  const value = ctx.names.dsfieldId(text);
  if (value === undefined) throw invalidArgument('bad TOS value', text);
  return value;
}

/** Flags of GRE by the words that set them. */
const FLAGS: Readonly<Record<string, number>> = { key: GRE_KEY, seq: GRE_SEQ, csum: GRE_CSUM };

function setGreFlag(data: InfoRequest, side: string, flag: number, on: boolean): void {
  const old = Number(data[`${side}flags`] ?? 0);
  data[`${side}flags`] = on ? old | flag : old & ~flag;
}

/** `[no][i|o]key`, `seq` and `csum`: one direction, or both. */
function greWord(name: string, way: string, on: boolean): KindOption {
  const takesKey = name === 'key' && on;
  const typed = `${on ? '' : 'no'}${way}${name}`;
  return word(`${typed}${takesKey ? ' KEY' : ''}`, (data, args) => {
    const key = takesKey ? tunnelKey(args.word, args.value()) : 0;
    for (const side of way === '' ? ['i', 'o'] : [way]) {
      setGreFlag(data, side, FLAGS[name] as number, on);
      if (name === 'key') data[`${side}key`] = key;
    }
  });
}

/** What GRE has. */
export const GRE_WORDS: readonly KindOption[] = Object.keys(FLAGS).flatMap((name) =>
  [true, false].flatMap((on) => ['', 'i', 'o'].map((way) => greWord(name, way, on))),
);

/** Words that are read whatever they do here, and that the kernel then refuses by name. */
const REFUSED: Readonly<Record<string, string>> = {
  external: 'collect_metadata',
  encap: 'encap_type',
  fwmark: 'fwmark',
  '6rd-prefix': '6rd-prefix',
  isatap: 'isatap',
};

/** What all kinds have. */
export const TUNNEL_WORDS: readonly KindOption[] = [
  word('remote ADDRESS', (data, args) => {
    data.remote = tunnelEnd(args.value());
  }),
  word('local ADDRESS', (data, args) => {
    data.local = tunnelEnd(args.value());
  }),
  word('dev DEVICE', (data, args, ctx) => {
    data.link = ctx.indexOf(args.value());
  }),
  word('ttl|hoplimit|hlim TTL', (data, args) => {
    data.ttl = tunnelTtl(args.value());
  }),
  word('tos|tclass|dsfield* TOS', (data, args, ctx) => {
    data.tos = tunnelTos(ctx, args.value());
  }),
  word('pmtudisc', (data) => {
    data.pmtudisc = 1;
  }),
  word('nopmtudisc', (data) => {
    data.pmtudisc = 0;
  }),
  ...Object.entries(REFUSED).map(([name, attr]) => ({
    ...word<InfoRequest, Context>(name, (data) => {
      data[attr] = name;
    }),
    refused: true,
  })),
];

const IGNORE_DF: readonly KindOption[] = [
  word('ignore-df', (data) => {
    data.ignore_df = 1;
  }),
  word('noignore-df', (data) => {
    data.ignore_df = 0;
  }),
];

function readMode(args: Args, data: InfoRequest, kind: string): void {
  const mode = args.value();
  if (mode === 'any') data.proto = 0;
  else if (mode === 'ipip' || mode === 'ipv4/ipv4' || mode === 'ip4ip4') data.proto = IPPROTO_IPIP;
  else if (kind === 'sit' && (mode === 'ip6ip' || mode === 'ipv6/ipv4')) data.proto = IPPROTO_IPV6;
  else throw invalidArgument('Cannot guess tunnel mode.', mode);
}

function parser(words: readonly KindOption[], text: string): NonNullable<LinkKind['parse']> {
  return (ctx, args, data, creating) => {
    if (creating) data.pmtudisc = 1;
    for (; !args.done; args.skip()) {
      const found = findWord(words, args);
      if (found === undefined) throw new Exit(255, text);
      found.read(data, args, ctx);
    }
    if (Number(data.ttl ?? 0) !== 0 && data.pmtudisc === 0)
      throw new Exit(255, 'ttl != 0 and nopmtudisc are incompatible\n');
  };
}

function printEnd({ printer }: Context, name: string, addr: unknown): void {
  const text = Number(addr) === 0 ? 'any' : formatIpv4(Number(addr) as Ipv4Addr);
  printer.field(name, `${name} %s `, text);
}

function printEnds(ctx: Context, info: Info): void {
  const { printer } = ctx;
  printEnd(ctx, 'remote', info.remote);
  printEnd(ctx, 'local', info.local);
  if (Number(info.link) !== 0) printer.field('link', 'dev %s ', ctx.nameOf(Number(info.link)));
  if (Number(info.ttl) !== 0) printer.field('ttl', 'ttl %u ', Number(info.ttl));
  else printer.text('ttl inherit ');
  const tos = Number(info.tos);
  if (tos === 1) printer.field('tos', 'tos %s ', 'inherit');
  else if (tos !== 0) printer.field('tos', 'tos %s ', `0x${tos.toString(16)}`);
}

/** What an ipip or sit tunnel carries, as `proto`. */
function protoName(proto: number): string {
  return proto === IPPROTO_IPIP ? 'ipip' : proto === IPPROTO_IPV6 ? 'ip6ip' : 'any';
}

/** Source: iproute2 ip/link_iptnl.c, iptunnel_print_opt(). */
function printIp(ctx: Context, info: Info): void {
  const { printer } = ctx;
  printer.field('proto', '%s ', protoName(Number(info.proto)));
  printEnds(ctx, info);
  const on = Number(info.pmtudisc) !== 0;
  printer.json('pmtudisc', on);
  printer.text(on ? 'pmtudisc ' : 'nopmtudisc ');
  if (info['6rd_prefix'] === undefined) return;
  printer.text('6rd-prefix 2002::/16 ');
  printer.json('prefix', '2002::');
  printer.json('prefixlen', 16);
}

/** Source: iproute2 ip/link_gre.c, gre_print_opt(). */
function printGre(ctx: Context, info: Info): void {
  const { printer } = ctx;
  printEnds(ctx, info);
  if (Number(info.pmtudisc) === 0) {
    printer.json('pmtudisc', false);
    printer.text('nopmtudisc ');
  }
  const [iflags, oflags] = [Number(info.iflags), Number(info.oflags)];
  const keyText = (key: unknown) => formatIpv4((Number(key) | 0) as Ipv4Addr);
  if ((iflags & GRE_KEY) !== 0) printer.field('ikey', 'ikey %s ', keyText(info.ikey));
  if ((oflags & GRE_KEY) !== 0) printer.field('okey', 'okey %s ', keyText(info.okey));
  const flags: readonly (readonly [name: string, set: boolean])[] = [
    ['iseq', (iflags & GRE_SEQ) !== 0],
    ['oseq', (oflags & GRE_SEQ) !== 0],
    ['icsum', (iflags & GRE_CSUM) !== 0],
    ['ocsum', (oflags & GRE_CSUM) !== 0],
    ['ignore-df', Number(info.ignore_df) !== 0],
  ];
  for (const [name, set] of flags) {
    if (!set) continue;
    printer.json(name.replace('-', '_'), true);
    printer.text(`${name} `);
  }
}

function gre(kind: 'gre' | 'gretap'): LinkKind {
  const key = '\tKEY  := { DOTTED_QUAD | NUMBER }\n';
  const text = usage(kind.padEnd(9), ROWS.gre, key);
  const words = [...TUNNEL_WORDS, ...GRE_WORDS, ...IGNORE_DF];
  return { usage: text, words, parse: parser(words, text), print: printGre };
}

function overIp(kind: 'ipip' | 'sit', ...more: readonly string[]): LinkKind {
  const text = usage(kind.padEnd(6), [...ROWS.ip, ...more], '');
  const words = [
    ...TUNNEL_WORDS,
    word<InfoRequest, Context>('mode MODE', (data, args) => readMode(args, data, kind)),
  ];
  return { usage: text, words, parse: parser(words, text), print: printIp };
}

/** `ip link … type gre` */
export const GRE: LinkKind = gre('gre');
/** `ip link … type gretap` */
export const GRETAP: LinkKind = gre('gretap');
/** `ip link … type ipip` */
export const IPIP: LinkKind = overIp('ipip', '[ mode { ipip | mplsip | any } ]');
/** `ip link … type sit` */
export const SIT: LinkKind = overIp(
  'sit',
  '[ mode { ip6ip | ipip | mplsip | any } ]',
  '[ isatap ]',
);
/** The device of that kind that comes with GRE; no other one can be made. */
export const ERSPAN: LinkKind = {
  usage: 'Usage: ... erspan\n',
  print: (ctx, info) => {
    printGre(ctx, info);
    ctx.printer.field('okey', 'okey %s ', '0.0.0.0');
    ctx.printer.field('erspan_index', 'erspan_index %u ', 0);
    ctx.printer.field('erspan_ver', 'erspan_ver %u ', 1);
  },
};
