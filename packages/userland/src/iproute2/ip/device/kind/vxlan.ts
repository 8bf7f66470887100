import { type Ipv4Addr, isMulticast4, isMulticast6 } from '@labwire/core/addr';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../../../libc-net/index.ts';
import type { Context } from '../../../context/index.ts';
import {
  type Args,
  anyAddr,
  duplicateOrGarbage,
  Exit,
  Failure,
  invalidArgument,
  noSuchDevice,
  parseAddr,
  parseUnsigned,
  word,
} from '../../../parse/index.ts';
import { type Info, type InfoRequest, isAnyAddr } from './info.ts';
import type { LinkKind } from './kind.ts';
import { type KindOption, readOptions } from './options.ts';

const USAGE = `Usage: ... vxlan id VNI
		[ { group | remote } IP_ADDRESS ]
		[ local ADDR ]
		[ ttl TTL ]
		[ tos TOS ]
		[ df DF ]
		[ flowlabel LABEL ]
		[ dev PHYS_DEV ]
		[ dstport PORT ]
		[ srcport MIN MAX ]
		[ [no]learning ]
		[ [no]proxy ]
		[ [no]rsc ]
		[ [no]l2miss ]
		[ [no]l3miss ]
		[ ageing SECONDS ]
		[ maxaddress NUMBER ]
		[ [no]udpcsum ]
		[ [no]udp6zerocsumtx ]
		[ [no]udp6zerocsumrx ]
		[ [no]remcsumtx ] [ [no]remcsumrx ]
		[ [no]external ] [ gbp ] [ gpe ]
		[ [no]vnifilter ]

Where:	VNI	:= 0-16777215
	ADDR	:= { IP_ADDRESS | any }
	TOS	:= { NUMBER | inherit }
	TTL	:= { 1..255 | auto | inherit }
	DF	:= { unset | set | inherit }
	LABEL := 0-1048575
`;

/** VXLAN_DF_* by number. */
const DF: readonly string[] = ['unset', 'set', 'inherit'];
/** The standard port of VXLAN-GPE. */
const GPE_PORT = 4790;

function isMulticast(addr: InetAddr): boolean {
  return typeof addr === 'number' ? isMulticast4(addr) : isMulticast6(addr);
}

/** An option that may be given once. `attr` is what counts as the same option. */
function once(
  names: readonly string[],
  arg: string,
  attr: string,
  read: (ctx: Context, text: string, data: InfoRequest, args: Args) => void,
): KindOption {
  return {
    exact: [],
    abbreviated: names,
    arg,
    read: (data, args, ctx) => {
      const text = args.value();
      markGiven(data, attr, names.at(-1) as string, text);
      read(ctx, text, data, args);
    },
  };
}

/** Remembers that an attribute was given. Source: iproute2 ip/iplink_vxlan.c, check_duparg(). @throws Exit if it was before */
function markGiven(data: InfoRequest, attr: string, key: string, text: string): void {
  const given = givenOf(data);
  if (given.has(attr)) throw duplicateOrGarbage(key, text);
  given.add(attr);
}

const GIVEN = '#given';

function givenOf(data: InfoRequest): Set<string> {
  const given = (data[GIVEN] ?? new Set<string>()) as Set<string>;
  data[GIVEN] = given;
  return given;
}

function number(
  names: readonly string[],
  attr: string,
  max: number,
  message: string,
  zeroWord?: string,
): KindOption {
  return once(names, 'NUMBER', attr, (_ctx, text, data) => {
    data[attr] = text === zeroWord ? 0 : parseUnsigned(text, max);
    if (data[attr] === undefined) throw invalidArgument(message, text);
  });
}

function flag(spelling: string, attr: string, value: unknown): KindOption {
  return word(spelling, (data, args) => {
    markGiven(data, attr, args.word, args.word);
    data[attr] = value;
  });
}

/** Both forms of a switch, the negative one first, as they are looked up. */
function negatable(name: string, attr: string): readonly KindOption[] {
  return [flag(`no${name}*`, attr, 0), flag(`${name}*`, attr, 1)];
}

function familyOf(addr: unknown): 'inet' | 'inet6' | undefined {
  return addr === undefined ? undefined : typeof addr === 'number' ? 'inet' : 'inet6';
}

/** `group` or `remote`: the same attribute, of which the first must be multicast and the second must not. */
function destination(name: 'group' | 'remote'): KindOption {
  const wantsMulticast = name === 'group';
  const both = 'vxlan: both group and remote cannot be specified\n';
  return {
    exact: [],
    abbreviated: [name],
    arg: 'ADDRESS',
    read: (data, args) => {
      const old = data.group as InetAddr | undefined;
      if (old !== undefined && !isAnyAddr(old) && isMulticast(old) !== wantsMulticast)
        throw new Failure(1, both);
      const text = args.value();
      markGiven(data, 'group', name, text);
      const { addr } = parseAddr(text, familyOf(data.local));
      if (addr === undefined || isMulticast(addr) !== wantsMulticast)
        throw invalidArgument(`invalid ${name} address`, text);
      data.group = addr;
    },
  };
}

function readTtl(_ctx: Context, text: string, data: InfoRequest): void {
  if (text === 'inherit') data.ttl_inherit = 1;
  else if (text === 'auto') data.ttl = 0;
  else {
    const ttl = parseUnsigned(text);
    if (ttl === undefined) throw invalidArgument('invalid TTL', text);
    if (ttl > 255) throw invalidArgument('TTL must be <= 255', text);
    data.ttl = ttl;
  }
}

function readTos(ctx: Context, text: string, data: InfoRequest): void {
  data.tos = text === 'inherit' ? 1 : ctx.names.dsfieldId(text);
  if (data.tos === undefined) throw invalidArgument('bad TOS value', text);
}

function readDev(ctx: Context, text: string, data: InfoRequest): void {
  data.link = ctx.findIndex(text);
  if (data.link === 0) throw new Exit(255, noSuchDevice(text).text);
}

function readLocal(_ctx: Context, text: string, data: InfoRequest): void {
  const { addr } = parseAddr(text, familyOf(data.group));
  if (addr === undefined || isMulticast(addr)) throw invalidArgument('invalid local address', text);
  data.local = addr;
}

function readDf(_ctx: Context, text: string, data: InfoRequest): void {
  const df = DF.indexOf(text);
  if (df < 0) throw invalidArgument("DF must be 'unset', 'set' or 'inherit'", text);
  data.df = df;
}

function readSourcePorts(_ctx: Context, text: string, data: InfoRequest, args: Args): void {
  const low = parseUnsigned(text, 0xffff);
  if (low === undefined) throw invalidArgument('min port', text);
  const high = parseUnsigned(args.value(), 0xffff);
  if (high === undefined) throw invalidArgument('max port', args.word);
  if (low !== 0 || high !== 0) data.port_range = { low, high };
}

/** The options, in the order in which an abbreviation is looked up. Source: iproute2 ip/iplink_vxlan.c, vxlan_parse_opt(). */
const OPTIONS: readonly KindOption[] = [
  number(['vni', 'id'], 'id', 0xff_ffff, 'invalid id'),
  destination('group'),
  destination('remote'),
  once(['local'], 'ADDRESS', 'local', readLocal),
  once(['dev'], 'DEVICE', 'link', readDev),
  once(['hoplimit', 'ttl'], 'TTL', 'ttl', readTtl),
  once(['dsfield', 'tos'], 'TOS', 'tos', readTos),
  once(['df'], 'unset|set|inherit', 'df', readDf),
  number(['label', 'flowlabel'], 'label', 0xf_ffff, 'invalid flowlabel'),
  number(['ageing'], 'ageing', 0xffff_ffff, 'ageing timer', 'none'),
  number(['maxaddress'], 'limit', 0xffff_ffff, 'max addresses', 'unlimited'),
  once(['port', 'srcport'], 'PORT PORT', 'port_range', readSourcePorts),
  number(['dstport'], 'port', 0xffff, 'dst port'),
  ...negatable('learning', 'learning'),
  ...negatable('proxy', 'proxy'),
  ...negatable('rsc', 'rsc'),
  ...negatable('l2miss', 'l2miss'),
  ...negatable('l3miss', 'l3miss'),
  ...negatable('udpcsum', 'udp_csum'),
  ...negatable('udp6zerocsumtx', 'udp_zero_csum6_tx'),
  ...negatable('udp6zerocsumrx', 'udp_zero_csum6_rx'),
  ...negatable('remcsumtx', 'remcsum_tx'),
  ...negatable('remcsumrx', 'remcsum_rx'),
  flag('external*', 'collect_metadata', 1),
  flag('noexternal*', 'collect_metadata', 0),
  flag('gbp*', 'gbp', true),
  flag('gpe*', 'gpe', true),
  flag('vnifilter', 'vnifilter', 1),
  flag('novnifilter', 'vnifilter', 0),
];

const NO_PORT = `vxlan: destination port not specified
Will use Linux kernel default (non-standard value)
Use 'dstport 4789' to get the IANA assigned value
Use 'dstport 0' to get default and quiet this message
`;

function check(data: InfoRequest, creating: boolean): void {
  const given = givenOf(data);
  const metadata = data.collect_metadata === 1;
  const filter = data.vnifilter === 1;
  const refuse = (text: string) => new Failure(1, `vxlan: ${text}\n`);
  if (!metadata && filter) throw refuse("vnifilter is valid only when 'external' is set");
  if (metadata && given.has('id')) throw refuse("both 'external' and vni cannot be specified");
  if (!metadata && !given.has('id') && creating) throw refuse('missing virtual network identifier');
  const group = data.group as InetAddr | undefined;
  if (group !== undefined && isMulticast(group) && !given.has('link'))
    throw refuse("'group' requires 'dev' to be specified");
}

function parse(ctx: Context, args: Args, data: InfoRequest, creating: boolean): void {
  const texts = { unknown: 'vxlan: unknown command', usage: USAGE };
  readOptions(ctx, args, OPTIONS, texts, data);
  check(data, creating);
  const given = givenOf(data);
  if (!given.has('port') && given.has('gpe')) data.port = GPE_PORT;
  else if (!given.has('port') && creating) ctx.output.err(NO_PORT);
  if (data.port === 0) delete data.port;
  const { family } = ctx.options;
  if (data.group === undefined && data.local === undefined)
    if (family === 'inet' || family === 'inet6') data.group = anyAddr(family);
  if (creating && !given.has('learning')) data.learning = data.collect_metadata === 1 ? 0 : 1;
  delete data[GIVEN];
}

function printAddr({ printer }: Context, info: Info, attr: 'group' | 'local'): void {
  const addr = info[attr] as InetAddr | undefined;
  if (addr === undefined || isAnyAddr(addr)) return;
  const name = attr === 'local' ? 'local' : isMulticast(addr) ? 'group' : 'remote';
  const key = typeof addr === 'number' ? name : `${name}6`;
  printer.field(key, `${name} %s `, formatInet(addr as Ipv4Addr));
}

function printPorts({ printer }: Context, info: Info): void {
  const range = info.port_range as { low: number; high: number } | undefined;
  if (range !== undefined) {
    printer.openObject('port_range');
    printer.field('low', 'srcport %u ', range.low);
    printer.field('high', '%u ', range.high);
    printer.closeObject();
  }
  if (info.port !== undefined) printer.field('port', 'dstport %u ', Number(info.port));
}

function printTtl({ printer }: Context, info: Info): void {
  const tos = Number(info.tos ?? 0);
  if (tos !== 0 && (printer.isJson || tos !== 1)) printer.hex('tos', 'tos %#x ', tos);
  else if (tos !== 0) printer.text('tos inherit ');
  const ttl = Number(info.ttl ?? 0);
  if (Number(info.ttl_inherit ?? 0) !== 0) printer.text('ttl inherit ');
  else if (info.ttl !== undefined && (printer.isJson || ttl !== 0))
    printer.field('ttl', 'ttl %u ', ttl);
  else if (info.ttl !== undefined) printer.text('ttl auto ');
  const df = Number(info.df ?? 0);
  if (df !== 0) printer.field('df', 'df %s ', DF[df] ?? '');
  else if (info.df !== undefined) printer.json('df', 'unset');
  const label = Number(info.label ?? 0);
  if (label !== 0) printer.hex('label', 'flowlabel %#x ', label);
}

function printSwitches({ printer }: Context, info: Info, names: readonly string[]): void {
  for (const name of names)
    if (Number(info[name] ?? 0) !== 0) printer.flag(name, `${name.replace('_', '')} `);
}

/** A switch that is shown when it is off too: `noudpcsum`. */
function printBoth({ printer }: Context, info: Info, attr: string, name: string): void {
  if (info[attr] === undefined) return;
  const on = Number(info[attr]) !== 0;
  printer.json(attr, on);
  printer.text(`${on ? '' : 'no'}${name} `);
}

/** Source: ip/iplink_vxlan.c, vxlan_print_opt(). */
function print(ctx: Context, info: Info): void {
  const { printer } = ctx;
  if (Number(info.collect_metadata ?? 0) !== 0) printer.flag('external', 'external ');
  if (Number(info.vnifilter ?? 0) !== 0) printer.flag('vnifilter', 'vnifilter');
  if (info.id !== undefined) printer.field('id', 'id %u ', Number(info.id));
  printAddr(ctx, info, 'group');
  printAddr(ctx, info, 'local');
  const link = Number(info.link ?? 0);
  if (link !== 0) printer.field('link', 'dev %s ', ctx.nameOf(link));
  printPorts(ctx, info);
  if (info.learning !== undefined) {
    const learning = Number(info.learning) !== 0;
    printer.json('learning', learning);
    if (!learning) printer.text('nolearning ');
  }
  printSwitches(ctx, info, ['proxy', 'rsc', 'l2miss', 'l3miss']);
  printTtl(ctx, info);
  const ageing = Number(info.ageing ?? 0);
  if (info.ageing !== undefined)
    printer.field('ageing', ageing === 0 ? 'ageing none ' : 'ageing %u ', ageing);
  const limit = Number(info.limit ?? 0);
  if (limit !== 0) printer.field('limit', 'maxaddr %u ', limit);
  printBoth(ctx, info, 'udp_csum', 'udpcsum');
  printBoth(ctx, info, 'udp_zero_csum6_tx', 'udp6zerocsumtx');
  printBoth(ctx, info, 'udp_zero_csum6_rx', 'udp6zerocsumrx');
  printSwitches(ctx, info, ['remcsum_tx', 'remcsum_rx', 'gbp', 'gpe']);
}

/** `ip link … type vxlan` */
export const VXLAN: LinkKind = { usage: USAGE, words: OPTIONS, parse, print };
