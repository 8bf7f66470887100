import {
  type NewFlags,
  type NexthopInfo,
  type RouteRequest,
  type RouteType,
  routeAdd,
  routeDel,
} from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import { parseRouteType } from '../../names/index.ts';
import {
  type AnyFamily,
  Args,
  anyAddr,
  duplicateOrGarbage,
  Exit,
  type InetPrefix,
  invalidArgument,
  parseAddr,
  parsePrefix,
  parseUnsigned,
  unsupported,
} from '../../parse/index.ts';
import { findMetric, LAST_METRIC, type Metrics, readMetric } from './metrics.ts';
import { RTNH_F_ONLINK, readNexthops, readVia } from './nexthop.ts';
import { ROUTE_USAGE } from './usage.ts';
import { vrfTable } from './vrf.ts';

/** What a change of routes may be: the flags of a new one, or `delete`. */
export type RouteAction = NewFlags | 'delete';

const RT_TABLE_MAIN = 254;
const RT_TABLE_LOCAL = 255;
const RTPROT_BOOT = 3;
const RT_SCOPE_LINK = 253;
const RT_SCOPE_HOST = 254;
const SUPPORTED =
  'type, prefix, tos, metric, scope, metrics, onlink, nexthop, nhid, protocol, table, vrf, dev, via, src';

/** What the words of a command say. */
interface RouteWords {
  family: AnyFamily;
  type: RouteType | undefined;
  dst: InetPrefix | undefined;
  dev: string | undefined;
  via: NexthopInfo['via'];
  viaGiven: boolean;
  onlink: boolean;
  prefsrc: RouteRequest['prefsrc'];
  tos: number | undefined;
  priority: number | undefined;
  scope: number | undefined;
  protocol: number | undefined;
  table: number | undefined;
  nhid: number | undefined;
  nexthops: Partial<NexthopInfo>[] | undefined;
  metrics: Metrics;
}

function readSource(words: RouteWords, text: string): void {
  const { addr, family } = parseAddr(text, words.family);
  words.prefsrc = addr;
  words.family ??= family;
}

function readGateway(words: RouteWords, args: Args): void {
  if (words.viaGiven)
    throw invalidArgument('use nexthop syntax to specify multiple via\n', args.word);
  const { via, family } = readVia(args, words.family);
  words.via = via;
  words.viaGiven = true;
  words.family = family;
}

/** Reads a number by a name table. */
function readId(text: string, find: (text: string) => number | undefined, message: string): number {
  const id = find(text);
  if (id === undefined) throw invalidArgument(message, text);
  return id;
}

function readDestination(words: RouteWords, args: Args): void {
  if (args.is('to')) args.value();
  const type = /^[0-9]/.test(args.word) ? undefined : parseRouteType(args.word);
  if (type !== undefined) {
    args.value();
    words.type = type;
  }
  if (args.matches('help')) throw new Exit(255, ROUTE_USAGE);
  if (words.dst !== undefined) throw duplicateOrGarbage('to', args.word);
  words.dst = parsePrefix(args.word, words.family);
  words.family ??= words.dst.family;
}

/** Options with a number, after the metrics of the path. */
function readNumber(ctx: Context, words: RouteWords, args: Args): boolean {
  const { names } = ctx;
  if (args.is('tos') || args.matches('dsfield'))
    words.tos = readId(args.value(), (t) => names.dsfieldId(t), '"tos" value is invalid\n');
  else if (args.matches('metric', 'priority') || args.is('preference'))
    words.priority = readId(args.value(), parseUnsigned, '"metric" value is invalid\n');
  else if (args.is('scope'))
    words.scope = readId(args.value(), (t) => names.scopeId(t), 'invalid "scope" value\n');
  else return false;
  return true;
}

function readPlace(ctx: Context, words: RouteWords, args: Args): boolean {
  const { names } = ctx;
  if (args.matches('protocol'))
    words.protocol = readId(
      args.value(),
      (t) => names.protocolId(t),
      '"protocol" value is invalid\n',
    );
  else if (args.matches('table'))
    words.table = readId(args.value(), (t) => names.tableId(t), '"table" value is invalid\n');
  else if (args.matches('vrf')) words.table = vrfTable(ctx, args.value());
  else if (args.is('dev', 'oif')) words.dev = args.value();
  else return false;
  return true;
}

/** Options that are read in the real program's order; what Labwire does not act on is refused by name. */
function readWord(ctx: Context, words: RouteWords, args: Args): void {
  const refuse = () => unsupported(`Option "${args.word}" of ip route`, SUPPORTED);
  if (args.is('src')) readSource(words, args.value());
  else if (args.is('as')) throw refuse();
  else if (args.is('via')) readGateway(words, args);
  else if (args.is('from', 'expires')) throw refuse();
  else if (readNumber(ctx, words, args)) return;
  else readLater(ctx, words, args, refuse);
}

function readLater(ctx: Context, words: RouteWords, args: Args, refuse: () => Error): void {
  const metric = findMetric(args);
  if (metric !== undefined) readMetric(args, metric, words.metrics);
  else if (args.matches('realms')) throw refuse();
  else if (args.is('onlink')) words.onlink = true;
  else if (args.is('nhid')) words.nhid = readId(args.value(), parseUnsigned, 'invalid id value\n');
  else if (readPlace(ctx, words, args)) return;
  else if (args.matches('pref') || args.is('encap', 'ttl-propagate')) throw refuse();
  else if (args.matches(LAST_METRIC)) readMetric(args, LAST_METRIC, words.metrics);
  else readDestination(words, args);
}

function parseWords(ctx: Context, rest: readonly string[]): RouteWords {
  const words: RouteWords = {
    family: ctx.options.family,
    type: undefined,
    dst: undefined,
    dev: undefined,
    via: undefined,
    viaGiven: false,
    onlink: false,
    prefsrc: undefined,
    tos: undefined,
    priority: undefined,
    scope: undefined,
    protocol: undefined,
    table: undefined,
    nhid: undefined,
    nexthops: undefined,
    metrics: {},
  };
  const args = new Args(rest);
  for (; !args.done && !args.is('nexthop'); args.skip()) readWord(ctx, words, args);
  if (words.dst === undefined) throw new Exit(255, ROUTE_USAGE);
  const ifindex = words.dev === undefined ? undefined : ctx.indexOf(words.dev);
  if (!args.done) {
    const { nexthops, family } = readNexthops(ctx, args, words.family);
    words.nexthops = nexthops;
    words.family = family;
  } else words.nexthops = singleNexthop(words, ifindex);
  return words;
}

function singleNexthop(words: RouteWords, ifindex: number | undefined): Partial<NexthopInfo>[] {
  if (ifindex === undefined && words.via === undefined && !words.onlink) return [];
  return [
    {
      ...(ifindex === undefined ? {} : { ifindex }),
      ...(words.via === undefined ? {} : { via: words.via }),
      ...(words.onlink ? { flags: RTNH_F_ONLINK } : {}),
    },
  ];
}

const LOCAL_TYPES: readonly RouteType[] = ['local', 'broadcast', 'anycast'];

function defaultTable(type: RouteType | undefined): number {
  return type !== undefined && LOCAL_TYPES.includes(type) ? RT_TABLE_LOCAL : RT_TABLE_MAIN;
}

/** The scope of a route for which none is given. @returns undefined for any */
function defaultScope(words: RouteWords, action: RouteAction): number | undefined {
  const { type, family } = words;
  if (family === 'inet6') return 0;
  if (type === 'local') return RT_SCOPE_HOST;
  if (type === 'broadcast' || type === 'multicast' || type === 'anycast') return RT_SCOPE_LINK;
  if (type !== undefined && type !== 'unicast') return action === 'delete' ? undefined : 0;
  if (action === 'delete') return undefined;
  const multipath = (words.nexthops?.length ?? 0) > 1;
  const named = words.nhid !== undefined;
  return words.viaGiven || multipath || named || hasNexthopWords(words) ? 0 : RT_SCOPE_LINK;
}

/** Whether `nexthop` was used, be it for one next hop. */
function hasNexthopWords(words: RouteWords): boolean {
  return words.nexthops?.[0]?.weight !== undefined;
}

function requestOf(words: RouteWords, action: RouteAction): RouteRequest {
  const family = words.family === 'inet6' ? 'inet6' : 'inet';
  const adding = action !== 'delete';
  const type = words.type ?? (adding ? 'unicast' : undefined);
  const scope = words.scope ?? defaultScope({ ...words, family, type }, action);
  const protocol = words.protocol ?? (adding ? RTPROT_BOOT : undefined);
  const { tos, priority, prefsrc, metrics, dst } = words;
  return {
    family,
    ...(type === undefined ? {} : { type }),
    dst: dst?.addr ?? anyAddr(family),
    dstLen: dst?.bitlen ?? 0,
    table: words.table ?? defaultTable(type),
    ...(protocol === undefined ? {} : { protocol }),
    ...(scope === undefined ? {} : { scope }),
    ...(tos === undefined ? {} : { tos }),
    ...(priority === undefined ? {} : { priority }),
    ...(prefsrc === undefined ? {} : { prefsrc }),
    ...(words.nhid === undefined ? {} : { nhid: words.nhid }),
    nexthops: words.nexthops ?? [],
    ...(Object.keys(metrics).length === 0 ? {} : { metrics }),
  };
}

/** `ip route add`, `change`, `replace`, `append`, `prepend` and `delete`. Source: iproute2 ip/iproute.c, iproute_modify(). */
export function routeModify(ctx: Context, action: RouteAction, rest: readonly string[]): number {
  const request = requestOf(parseWords(ctx, rest), action);
  if (action === 'delete') ctx.modify(() => routeDel(ctx.ns, request));
  else ctx.modify(() => routeAdd(ctx.ns, request, action));
  return 0;
}
