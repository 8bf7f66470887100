import type { InetAddr, RouteInfo, RouteType } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import { parseRouteType } from '../../names/index.ts';
import {
  type AnyFamily,
  Args,
  anyAddr,
  Exit,
  familyBits,
  findWord,
  type InetPrefix,
  invalidArgument,
  parseFamily,
  parsePrefix,
  parseUnsigned,
  refusedWord,
  sameBits,
  unsupported,
  type Word,
  word,
} from '../../parse/index.ts';
import type { ShownBy } from './print.ts';
import { ROUTE_USAGE } from './usage.ts';
import { vrfTable } from './vrf.ts';

/** Which routes are listed or flushed; an absent criterion lets all pass. */
export interface RouteFilter {
  family: AnyFamily;
  /** 0: all tables. */
  table: number;
  /** Routes of the cache. */
  cached: boolean;
  /** Not these types: those of a VRF's own addresses. */
  vrf: boolean;
  tos: number | undefined;
  protocol: number | undefined;
  scope: number | undefined;
  type: RouteType | undefined;
  oif: number | undefined;
  metric: number | undefined;
  via: InetPrefix | undefined;
  src: InetPrefix | undefined;
  /** At least as long, and within. */
  root: InetPrefix | undefined;
  /** At most as long, and around. */
  match: InetPrefix | undefined;
  /** What is said with `protocol all` or `scope all` is not shown as made known. */
  shown: { protocol: boolean; scope: boolean };
}

const RT_TABLE_MAIN = 254;
const SUPPORTED =
  'table, vrf, cache, tos, protocol, scope, type, dev, metric, via, src, root, match, exact';

/** Reads a number by name, or `all`. @returns undefined for all */
function readOrAll(
  text: string,
  find: (text: string) => number | undefined,
  message: string,
): number | undefined {
  const id = find(text);
  if (id === undefined && text !== 'all') throw invalidArgument(message, text);
  return id;
}

function readTable(ctx: Context, filter: RouteFilter, text: string): void {
  const table = ctx.names.tableId(text);
  if (table !== undefined) filter.table = table;
  else if (text === 'all') filter.table = 0;
  else if (text === 'cache') filter.cached = true;
  else if (text === 'help') throw new Exit(255, ROUTE_USAGE);
  else throw invalidArgument('table id value is invalid\n', text);
}

function readVia(filter: RouteFilter, args: Args): void {
  const family = parseFamily(args.value());
  if (family !== undefined) args.value();
  filter.via = parsePrefix(args.word, family ?? filter.family);
}

/** A destination: `root`, `match` or `exact`, which is both. */
function readDestination(filter: RouteFilter, args: Args): void {
  const root = args.matches('root');
  const match = !root && args.matches('match');
  if (root || match || args.matches('exact')) args.value();
  const prefix = parsePrefix(args.word, filter.family);
  if (!match) filter.root = prefix;
  if (!root) filter.match = prefix;
}

function readType(filter: RouteFilter, text: string): void {
  filter.type = parseRouteType(text);
  if (filter.type === undefined) throw invalidArgument('node type value is invalid\n', text);
}

function readNumber(
  text: string,
  find: (t: string) => number | undefined,
  message: string,
): number {
  const value = find(text);
  if (value === undefined) throw invalidArgument(message, text);
  return value;
}

/** A filter, and the device that its words name. */
interface FilterWords {
  readonly filter: RouteFilter;
  dev: string | undefined;
}

/** The selectors, in the order in which an abbreviation is looked up. */
export const ROUTE_SELECTORS: readonly Word<FilterWords, Context>[] = [
  word('table* TABLE', ({ filter }, args, ctx) => readTable(ctx, filter, args.value())),
  word('vrf* NAME', ({ filter }, args, ctx) => {
    filter.table = vrfTable(ctx, args.value());
    filter.vrf = true;
  }),
  word('cached*|cloned*', ({ filter }) => {
    filter.cached = true;
  }),
  word('tos|dsfield* TOS', ({ filter }, args, { names }) => {
    const find = (t: string) => names.dsfieldId(t);
    filter.tos = readNumber(args.value(), find, 'TOS value is invalid\n');
  }),
  word('protocol* PROTOCOL', ({ filter }, args, { names }) => {
    const text = args.value();
    filter.protocol = readOrAll(text, (t) => names.protocolId(t), 'invalid "protocol"\n');
    filter.shown.protocol = filter.protocol !== undefined;
  }),
  word('scope* SCOPE', ({ filter }, args, { names }) => {
    const text = args.value();
    filter.scope = readOrAll(text, (t) => names.scopeId(t), 'invalid "scope"\n');
    filter.shown.scope = filter.scope !== undefined;
  }),
  word('type* TYPE', ({ filter }, args) => readType(filter, args.value())),
  word('dev|oif DEVICE', (state, args) => {
    state.dev = args.value();
  }),
  refusedWord('iif|mark|realms*|from*', (typed) =>
    unsupported(`Selector "${typed}" of ip route`, SUPPORTED),
  ),
  word('metric*|priority*|preference NUMBER', ({ filter }, args) => {
    filter.metric = readNumber(args.value(), parseUnsigned, '"metric" value is invalid\n');
  }),
  word('via [FAMILY] ADDRESS', ({ filter }, args) => readVia(filter, args)),
  word('src ADDRESS', ({ filter }, args) => {
    filter.src = parsePrefix(args.value(), filter.family);
  }),
  word('to* [root|match|exact] PREFIX', ({ filter }, args) => {
    args.value();
    readDestination(filter, args);
  }),
  word('root*|match*|exact* PREFIX', ({ filter }, args) => readDestination(filter, args)),
];

/** Reads the selectors of `ip route list` and `flush`. Source: iproute2 ip/iproute.c, iproute_list_flush_or_save(). */
export function parseRouteFilter(ctx: Context, words: readonly string[]): RouteFilter {
  const filter: RouteFilter = {
    family: ctx.options.family,
    table: RT_TABLE_MAIN,
    cached: false,
    vrf: false,
    tos: undefined,
    protocol: undefined,
    scope: undefined,
    type: undefined,
    oif: undefined,
    metric: undefined,
    via: undefined,
    src: undefined,
    root: undefined,
    match: undefined,
    shown: { protocol: false, scope: false },
  };
  const state: FilterWords = { filter, dev: undefined };
  for (const args = new Args(words); !args.done; args.skip()) {
    const found = findWord(ROUTE_SELECTORS, args);
    if (found === undefined) readDestination(filter, args);
    else found.read(state, args, ctx);
  }
  if (filter.family === undefined && filter.table !== 0) filter.family = 'inet';
  if (state.dev !== undefined) filter.oif = ctx.indexOf(state.dev);
  return filter;
}

/** What the selectors make known, which then is not shown. */
export function shownBy(filter: RouteFilter): ShownBy {
  const whole = (prefix: InetPrefix | undefined) =>
    prefix !== undefined && prefix.bitlen === familyBits(prefix.family) && prefix.bitlen > 0;
  return {
    table: filter.table !== 0,
    via: whole(filter.via),
    dev: filter.oif !== undefined,
    protocol: filter.shown.protocol,
    scope: filter.shown.scope,
    src: whole(filter.src),
    metric: filter.metric !== undefined,
    tos: filter.tos !== undefined,
  };
}

function within(addr: InetAddr, prefix: InetPrefix, bits: number): boolean {
  const other = prefix.addr ?? (typeof addr === 'number' ? anyAddr('inet') : anyAddr('inet6'));
  return sameBits(addr, other, bits);
}

function passesDestination(route: RouteInfo, { root, match }: RouteFilter): boolean {
  if (root !== undefined && (root.family !== undefined || root.lengthGiven)) {
    if (root.family !== undefined && root.family !== route.family) return false;
    if (root.bitlen > route.dstLen || !within(route.dst, root, root.bitlen)) return false;
  }
  if (match === undefined || (match.family === undefined && !match.lengthGiven)) return true;
  if (match.family !== undefined && match.family !== route.family) return false;
  return match.bitlen >= route.dstLen && within(route.dst, match, route.dstLen);
}

/** Whether an address that a route may have lies in a prefix. */
function passesAddr(addr: InetAddr | undefined, prefix: InetPrefix | undefined): boolean {
  if (prefix?.family === undefined) return true;
  const actual = addr ?? anyAddr(prefix.family);
  return (
    (typeof actual === 'number') === (prefix.family === 'inet') &&
    within(actual, prefix, prefix.bitlen)
  );
}

const VRF_HIDDEN: readonly RouteType[] = ['local', 'broadcast'];

/** Whether a route is listed. Source: ip/iproute.c, filter_nlmsg(). */
export function passesRouteFilter(route: RouteInfo, filter: RouteFilter): boolean {
  const single = route.nexthops.length === 1 ? route.nexthops[0] : undefined;
  const equal = (wanted: number | undefined, actual: number) =>
    wanted === undefined || wanted === actual;
  if (filter.family !== undefined && filter.family !== route.family) return false;
  if (filter.table !== 0 && filter.table !== route.table) return false;
  if (filter.vrf && VRF_HIDDEN.includes(route.type)) return false;
  if (!equal(filter.protocol, route.protocol) || !equal(filter.scope, route.scope)) return false;
  if (filter.type !== undefined && filter.type !== route.type) return false;
  if (!equal(filter.tos, route.tos) || !equal(filter.metric, route.priority)) return false;
  if (!equal(filter.oif, single?.ifindex ?? 0)) return false;
  if (!passesAddr(single?.via, filter.via) || !passesAddr(route.prefsrc, filter.src)) return false;
  return passesDestination(route, filter);
}
