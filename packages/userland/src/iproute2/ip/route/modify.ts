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
  findWord,
  type InetPrefix,
  invalidArgument,
  parseAddr,
  parsePrefix,
  parseUnsigned,
  refusedWord,
  unsupported,
  type Word,
  word,
} from '../../parse/index.ts';
import { LAST_METRIC, METRIC_OPTIONS, type Metric, type Metrics, readMetric } from './metrics.ts';
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

const refuse = (typed: string): Error => unsupported(`Option "${typed}" of ip route`, SUPPORTED);

function metricWord(name: Metric): Word<RouteWords, Context> {
  const exact = METRIC_OPTIONS.get(name)?.exact ?? false;
  return word(`${name}${exact ? '' : '*'} VALUE`, (words, args) =>
    readMetric(args, name, words.metrics),
  );
}

/** The words in the real program's order; what Labwire does not act on is refused by name. */
export const ROUTE_WORDS: readonly Word<RouteWords, Context>[] = [
  word('src ADDRESS', (words, args) => readSource(words, args.value())),
  refusedWord('as', refuse),
  word('via [FAMILY] ADDRESS', (words, args) => readGateway(words, args)),
  refusedWord('from|expires', refuse),
  word('tos|dsfield* TOS', (words, args, { names }) => {
    words.tos = readId(args.value(), (t) => names.dsfieldId(t), '"tos" value is invalid\n');
  }),
  word('metric*|priority*|preference NUMBER', (words, args) => {
    words.priority = readId(args.value(), parseUnsigned, '"metric" value is invalid\n');
  }),
  word('scope SCOPE', (words, args, { names }) => {
    words.scope = readId(args.value(), (t) => names.scopeId(t), 'invalid "scope" value\n');
  }),
  ...[...METRIC_OPTIONS.keys()].map(metricWord),
  refusedWord('realms*', refuse),
  word('onlink', (words) => {
    words.onlink = true;
  }),
  word('nhid NUMBER', (words, args) => {
    words.nhid = readId(args.value(), parseUnsigned, 'invalid id value\n');
  }),
  word('protocol* PROTOCOL', (words, args, { names }) => {
    const find = (t: string) => names.protocolId(t);
    words.protocol = readId(args.value(), find, '"protocol" value is invalid\n');
  }),
  word('table* TABLE', (words, args, { names }) => {
    words.table = readId(args.value(), (t) => names.tableId(t), '"table" value is invalid\n');
  }),
  word('vrf* NAME', (words, args, ctx) => {
    words.table = vrfTable(ctx, args.value());
  }),
  word('dev|oif DEVICE', (words, args) => {
    words.dev = args.value();
  }),
  refusedWord('pref*|encap|ttl-propagate', refuse),
  metricWord(LAST_METRIC),
  word('to [TYPE] PREFIX', (words, args) => {
    args.value();
    readDestination(words, args);
  }),
];

function readWord(ctx: Context, words: RouteWords, args: Args): void {
  const found = findWord(ROUTE_WORDS, args);
  if (found === undefined) readDestination(words, args);
  else found.read(words, args, ctx);
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
