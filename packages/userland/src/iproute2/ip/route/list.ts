import { KernelError, strerror } from '@labwire/core/error';
import {
  type RouteInfo,
  type RouteRequest,
  RTM_F_CLONED,
  routeCacheDump,
  routeDel,
  routeDump,
} from '@labwire/devices/rtnetlink';
import { type Context, netlinkError } from '../../context/index.ts';
import { Failure } from '../../parse/index.ts';
import { parseRouteFilter, passesRouteFilter, type RouteFilter, shownBy } from './filter.ts';
import { printRoute } from './print.ts';

const RESERVED_TABLES: readonly number[] = [0, 253, 254, 255];

/** Whether the kernel has the table that is asked for; one of IPv4 stays when it has become empty. */
function hasTable(ctx: Context, filter: RouteFilter, routes: readonly RouteInfo[]): boolean {
  if (filter.family === 'inet6') return routes.some((route) => route.table === filter.table);
  return ctx.ns.ipv4.fib.table(filter.table) !== undefined;
}

/** The routes that pass. @param end what the program says where the kernel has no such table */
function findRoutes(ctx: Context, filter: RouteFilter, end: string): RouteInfo[] {
  const families = (['inet', 'inet6'] as const).filter(
    (f) => filter.family === undefined || filter.family === f,
  );
  const { table, cached } = filter;
  // of IPv4 destinations the kernel tells only who asks for all tables
  const dump = cached ? routeCacheDump : routeDump;
  const routes = families.flatMap((f) =>
    cached && f === 'inet' && table !== 0 ? [] : dump(ctx.ns, f),
  );
  if (!RESERVED_TABLES.includes(table) && !hasTable(ctx, filter, routes)) {
    const version = filter.family === 'inet6' ? 'ipv6' : 'ipv4';
    const text = `Error: ${version}: FIB table does not exist.\n${end} terminated\n`;
    throw new Failure(2, text);
  }
  return routes.filter((route) => passesRouteFilter(route, filter));
}

/** `ip route list` */
export function routeList(ctx: Context, words: readonly string[]): number {
  const filter = parseRouteFilter(ctx, words);
  ctx.printer.begin();
  for (const route of findRoutes(ctx, filter, 'Dump')) printRoute(ctx, route, shownBy(filter));
  ctx.printer.end();
  return 0;
}

function deleteRoute(ctx: Context, route: RouteInfo): void {
  const { family, type, dst, dstLen, table, protocol, scope, tos, priority, nhid } = route;
  const nexthops = nhid === undefined ? route.nexthops : [];
  const request: RouteRequest = {
    family,
    type,
    dst,
    dstLen,
    table,
    protocol,
    scope,
    tos,
    priority,
    nexthops,
    cloned: (route.cacheFlags & RTM_F_CLONED) !== 0,
  };
  try {
    if (ctx.proc.uid !== 0) throw new KernelError('EPERM');
    routeDel(ctx.ns, request);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    const text = e.extack === undefined ? '' : netlinkError(e);
    throw new Failure(2, `${text}Failed to send flush request: ${strerror(e.errno)}\n`);
  }
}

/** Forgets what was learnt of IPv4 destinations, and tells so. @returns whether that is all */
function flushCache(ctx: Context, filter: RouteFilter): boolean {
  if (!filter.cached) return false;
  if (filter.family === 'inet6') return false;
  ctx.ns.sysctl.write('net/ipv4/route/flush', '-1');
  if (ctx.options.stats > 0) ctx.output.out('*** IPv4 routing cache is flushed.\n');
  return filter.family === 'inet';
}

/** `ip route flush`. Source: iproute2 ip/iproute.c, iproute_flush(). */
export function routeFlush(ctx: Context, words: readonly string[]): number {
  if (words.length === 0) throw new Failure(1, '"ip route flush" requires arguments.\n');
  const filter = parseRouteFilter(ctx, words);
  if (flushCache(ctx, filter)) return 0;
  const { stats } = ctx.options;
  const tell = (text: string) => ctx.output.out(stats > 0 ? text : '');
  let round = 0;
  for (;;) {
    const found = round === 0 ? findRoutes(ctx, filter, 'Flush') : remaining(ctx, filter);
    if (found.length === 0) break;
    round++;
    if (stats > 1) for (const route of found) printRoute(ctx, route, shownBy(filter));
    for (const route of found) deleteRoute(ctx, route);
    tell(`\n*** Round ${round}, deleting ${found.length} entries ***\n`);
  }
  const rounds = `*** Flush is complete after ${round} round${round > 1 ? 's' : ''} ***\n`;
  tell(
    round === 0 && (!filter.cached || filter.family === 'inet6') ? 'Nothing to flush.\n' : rounds,
  );
  return 0;
}

/** What is left after a round; a table that has lost its last route is no error. */
function remaining(ctx: Context, filter: RouteFilter): RouteInfo[] {
  return findRoutes(ctx, { ...filter, table: 0 }, 'Flush').filter((r) =>
    passesRouteFilter(r, filter),
  );
}
