import type { AddrInfo } from '@labwire/devices/rtnetlink';
import type { ManualRow } from '../../../machine/index.ts';
import type { Context } from '../../context/index.ts';
import {
  type AnyFamily,
  Args,
  duplicateOrGarbage,
  Exit,
  findWord,
  type InetPrefix,
  invalidArgument,
  matchesPattern,
  parsePrefix,
  sameBits,
  type Word,
  word,
  wordRows,
} from '../../parse/index.ts';
import type { LinkFilter } from '../device/index.ts';
import { ADDR_FLAGS } from './addr-flags.ts';

/** -readonly */
type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Which devices and addresses are shown or flushed. */
export interface ShowFilter {
  link: Draft<LinkFilter>;
  family: AnyFamily;
  prefix: InetPrefix | undefined;
  /** undefined: any. */
  scope: number | undefined;
  /** IFA_F_* that must be as in `flags`. */
  flagMask: number;
  flags: number;
  /** A pattern for labels. */
  label: string | undefined;
  /** The device that is named. */
  dev: string | undefined;
}

/** Flags that are shown for the want of another one. */
const INVERSE: Readonly<Record<string, string>> = { dynamic: 'permanent', primary: 'secondary' };

/** A flag to look for: `dynamic`, `-tentative`, … Source: iproute2 ip/ipaddress.c, get_filter(). @returns whether it is one */
function readFlag(filter: ShowFilter, text: string): boolean {
  const plain = text.startsWith('-') ? text.slice(1) : text;
  const name = Object.hasOwn(INVERSE, plain) ? (INVERSE[plain] as string) : plain;
  const bit = ADDR_FLAGS.find((f) => f.name === name)?.bit;
  if (bit === undefined) return false;
  const wanted = text.startsWith('-') === (name !== plain);
  filter.flags = wanted ? filter.flags | bit : filter.flags & ~bit;
  filter.flagMask |= bit;
  return true;
}

function readScope(ctx: Context, filter: ShowFilter, text: string): void {
  const scope = ctx.names.scopeId(text);
  if (scope === undefined && text !== 'all') throw invalidArgument('invalid "scope"\n', text);
  filter.scope = scope;
}

function readMaster(ctx: Context, filter: ShowFilter, text: string, vrf: boolean): void {
  const index = ctx.findIndex(text);
  if (index === 0 || (vrf && ctx.link(index)?.kind !== 'vrf'))
    throw invalidArgument(vrf ? 'Not a valid VRF name\n' : 'Device does not exist\n', text);
  filter.link.master = index;
}

function readType(filter: ShowFilter, text: string): void {
  if (text.endsWith('_slave')) filter.link.slaveKind = text.slice(0, -'_slave'.length);
  else filter.link.kind = text;
}

function readGroup(ctx: Context, filter: ShowFilter, text: string): void {
  const group = ctx.names.groupId(text);
  if (group === undefined) throw invalidArgument('Invalid "group" value\n', text);
  filter.link.group = group;
}

function readPrefix(filter: ShowFilter, text: string): void {
  filter.prefix = parsePrefix(text, filter.family);
  filter.family ??= filter.prefix.family;
}

/** The selectors but for flags of addresses. */
const WORDS: readonly Word<ShowFilter, Context>[] = [
  word('to PREFIX', (filter, args) => readPrefix(filter, args.value())),
  word('scope SCOPE', (filter, args, ctx) => readScope(ctx, filter, args.value())),
  word('label PATTERN', (filter, args) => {
    filter.label = args.value();
  }),
  word('group GROUP', (filter, args, ctx) => readGroup(ctx, filter, args.value())),
  word('master DEVICE', (filter, args, ctx) => readMaster(ctx, filter, args.value(), false)),
  word('vrf NAME', (filter, args, ctx) => readMaster(ctx, filter, args.value(), true)),
  word('type KIND', (filter, args) => readType(filter, args.value())),
  word('up', (filter) => {
    filter.link.up = true;
  }),
  word('nomaster', (filter) => {
    filter.link.master = -1;
  }),
  word('dev DEVICE', (filter, args) => {
    args.value();
    setDevice(filter, args.word);
  }),
];

/** The selectors for docs/programs. */
export const SHOW_ROWS: readonly ManualRow[] = [
  ...wordRows(WORDS),
  ...[...Object.keys(INVERSE), ...ADDR_FLAGS.map((f) => f.name)].map((name) => ({
    names: [name, `-${name}`],
  })),
];

/** Reads the selectors of `ip link show`, `ip address show` and `flush`. Source: ip/ipaddress.c, ipaddr_list_flush_or_save(). */
export function parseShowFilter(
  ctx: Context,
  words: readonly string[],
  family: AnyFamily,
  usage: string,
): ShowFilter {
  const filter: ShowFilter = {
    link: {},
    family,
    prefix: undefined,
    scope: undefined,
    flagMask: 0,
    flags: 0,
    label: undefined,
    dev: undefined,
  };
  for (const args = new Args(words); !args.done; args.skip()) {
    const found = findWord(WORDS, args);
    if (found !== undefined) found.read(filter, args, ctx);
    else if (!readFlag(filter, args.word)) readDevice(filter, args, usage);
  }
  if (filter.dev !== undefined) filter.link.ifindex = ctx.existingIndexOf(filter.dev);
  return filter;
}

function readDevice(filter: ShowFilter, args: Args, usage: string): void {
  if (args.matches('help')) throw new Exit(255, usage);
  setDevice(filter, args.word);
}

function setDevice(filter: ShowFilter, name: string): void {
  if (filter.dev !== undefined) throw duplicateOrGarbage('dev', name);
  filter.dev = name;
}

/** Whether an address is shown. Source: ip/ipaddress.c, print_addrinfo(). */
export function passesAddrFilter(ctx: Context, addr: AddrInfo, filter: ShowFilter): boolean {
  if (filter.link.ifindex !== undefined && filter.link.ifindex !== addr.ifindex) return false;
  if (filter.scope !== undefined && filter.scope !== addr.scope) return false;
  if (((filter.flags ^ addr.flags) & filter.flagMask) !== 0) return false;
  if (filter.family !== undefined && filter.family !== addr.family) return false;
  const label = addr.label ?? ctx.nameOf(addr.ifindex);
  if (filter.label !== undefined && !matchesPattern(filter.label, label)) return false;
  return passesPrefix(addr, filter.prefix);
}

function passesPrefix(addr: AddrInfo, prefix: InetPrefix | undefined): boolean {
  if (prefix?.family === undefined || prefix.bitlen <= 0 || prefix.addr === undefined) return true;
  return prefix.family === addr.family && sameBits(prefix.addr, addr.local, prefix.bitlen);
}
