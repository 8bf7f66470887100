import type { InetAddr, RouteInfo, RouteType } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import { parseRouteType } from '../../names/index.ts';
import {
  type AnyFamily,
  Args,
  anyAddr,
  Exit,
  familyBits,
  type InetPrefix,
  invalidArgument,
  parseFamily,
  parsePrefix,
  parseUnsigned,
  sameBits,
  unsupported,
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
  if (args.matches('to')) args.value();
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

/** Selectors in the order in which an abbreviation is looked up. */
function readSelector(ctx: Context, filter: RouteFilter, args: Args): string | undefined {
  const { names } = ctx;
  if (args.matches('table')) readTable(ctx, filter, args.value());
  else if (args.matches('vrf')) {
    filter.table = vrfTable(ctx, args.value());
    filter.vrf = true;
  } else if (args.matches('cached', 'cloned')) filter.cached = true;
  else if (args.is('tos') || args.matches('dsfield'))
    filter.tos = readNumber(args.value(), (t) => names.dsfieldId(t), 'TOS value is invalid\n');
  else if (args.matches('protocol')) {
    filter.shown.protocol = true;
    const text = args.value();
    filter.protocol = readOrAll(text, (t) => names.protocolId(t), 'invalid "protocol"\n');
    filter.shown.protocol = filter.protocol !== undefined;
  } else if (args.matches('scope')) {
    const text = args.value();
    filter.scope = readOrAll(text, (t) => names.scopeId(t), 'invalid "scope"\n');
    filter.shown.scope = filter.scope !== undefined;
  } else if (args.matches('type')) readType(filter, args.value());
  else if (args.is('dev', 'oif')) return args.value();
  else readMore(filter, args);
  return undefined;
}

function readMore(filter: RouteFilter, args: Args): void {
  if (args.is('iif', 'mark') || args.matches('realms', 'from'))
    throw unsupported(`Selector "${args.word}" of ip route`, SUPPORTED);
  if (args.matches('metric', 'priority') || args.is('preference'))
    filter.metric = readNumber(args.value(), parseUnsigned, '"metric" value is invalid\n');
  else if (args.is('via')) readVia(filter, args);
  else if (args.is('src')) filter.src = parsePrefix(args.value(), filter.family);
  else readDestination(filter, args);
}

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
  let dev: string | undefined;
  for (const args = new Args(words); !args.done; args.skip())
    dev = readSelector(ctx, filter, args) ?? dev;
  if (filter.family === undefined && filter.table !== 0) filter.family = 'inet';
  if (dev !== undefined) filter.oif = ctx.indexOf(dev);
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
  if (filter.cached) return false;
  if (filter.vrf && VRF_HIDDEN.includes(route.type)) return false;
  if (!equal(filter.protocol, route.protocol) || !equal(filter.scope, route.scope)) return false;
  if (filter.type !== undefined && filter.type !== route.type) return false;
  if (!equal(filter.tos, route.tos) || !equal(filter.metric, route.priority)) return false;
  if (!equal(filter.oif, single?.ifindex ?? 0)) return false;
  if (!passesAddr(single?.via, filter.via) || !passesAddr(route.prefsrc, filter.src)) return false;
  return passesDestination(route, filter);
}
