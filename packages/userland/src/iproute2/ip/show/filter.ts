import type { AddrInfo } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import {
  type AnyFamily,
  Args,
  duplicateOrGarbage,
  Exit,
  type InetPrefix,
  invalidArgument,
  matchesPattern,
  parsePrefix,
  sameBits,
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

/** A flag to look for: `dynamic`, `-tentative`, … Source: iproute2 ip/ipaddress.c, get_filter(). @returns whether it is one */
function readFlag(filter: ShowFilter, text: string): boolean {
  const inverse: Readonly<Record<string, string>> = { dynamic: 'permanent', primary: 'secondary' };
  const word = text.startsWith('-') ? text.slice(1) : text;
  const name = Object.hasOwn(inverse, word) ? (inverse[word] as string) : word;
  const bit = ADDR_FLAGS.find((f) => f.name === name)?.bit;
  if (bit === undefined) return false;
  const wanted = text.startsWith('-') === (name !== word);
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

/** Selectors with a value. */
const SELECTORS: Readonly<
  Record<string, (ctx: Context, filter: ShowFilter, text: string) => void>
> = {
  to: (_ctx, filter, text) => readPrefix(filter, text),
  scope: readScope,
  label: (_ctx, filter, text) => {
    filter.label = text;
  },
  group: readGroup,
  master: (ctx, filter, text) => readMaster(ctx, filter, text, false),
  vrf: (ctx, filter, text) => readMaster(ctx, filter, text, true),
  type: (_ctx, filter, text) => readType(filter, text),
};

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
    const selector = Object.hasOwn(SELECTORS, args.word) ? SELECTORS[args.word] : undefined;
    if (selector !== undefined) selector(ctx, filter, args.value());
    else if (args.is('up')) filter.link.up = true;
    else if (readFlag(filter, args.word)) continue;
    else if (args.is('nomaster')) filter.link.master = -1;
    else readDevice(filter, args, usage);
  }
  if (filter.dev !== undefined) filter.link.ifindex = ctx.existingIndexOf(filter.dev);
  return filter;
}

function readDevice(filter: ShowFilter, args: Args, usage: string): void {
  const named = args.is('dev');
  if (named) args.value();
  else if (args.matches('help')) throw new Exit(255, usage);
  if (filter.dev !== undefined) throw duplicateOrGarbage('dev', args.word);
  filter.dev = args.word;
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
