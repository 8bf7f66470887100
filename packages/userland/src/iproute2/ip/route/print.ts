import { type NexthopInfo, nexthopGet, RTM_F_CLONED } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../../libc-net/index.ts';
import type { Context } from '../../context/index.ts';
import { familyBits } from '../../parse/index.ts';
import { nexthopEntry } from '../nexthop/print.ts';
import { printRouteFlags } from './flags.ts';
import { printMetrics } from './metrics.ts';
import type { ShownRoute } from './shown-route.ts';

const RT_TABLE_MAIN = 254;
const RTPROT_BOOT = 3;
/** RTCF_* of a looked-up route. Linux include/uapi/linux/in_route.h. */
const CACHE_FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x8000_0000, 'local'],
  [0x1_0000, 'reject'],
  [0x2000_0000, 'mc'],
  [0x1000_0000, 'brd'],
  [0x4_0000, 'redirected'],
  [0x2_0000, 'redirect'],
];

/** What of a route a selector has made known already, and need not be shown. */
export interface ShownBy {
  readonly table?: boolean;
  readonly via?: boolean;
  readonly dev?: boolean;
  readonly protocol?: boolean;
  readonly scope?: boolean;
  readonly src?: boolean;
  readonly metric?: boolean;
  readonly tos?: boolean;
  readonly type?: boolean;
}

function printDestination({ printer }: Context, route: ShownRoute): void {
  const host = route.dstLen === familyBits(route.family);
  const text =
    route.dstLen === 0
      ? 'default'
      : host
        ? formatInet(route.dst)
        : `${formatInet(route.dst)}/${route.dstLen}`;
  printer.field('dst', '%s ', text, route.dstLen === 0 ? undefined : route.family);
}

function printVia({ printer }: Context, route: ShownRoute, nexthop: NexthopInfo): void {
  if (nexthop.via === undefined) return;
  const text = formatInet(nexthop.via);
  const family = typeof nexthop.via === 'number' ? 'inet' : 'inet6';
  if (family === route.family) {
    printer.text('via ');
    printer.field('gateway', '%s ', text, family);
    return;
  }
  printer.openObject('via');
  printer.field('family', 'via %s ', family);
  printer.field('host', '%s ', text, family);
  printer.closeObject();
}

function printDevice(ctx: Context, key: 'dev' | 'iif', ifindex: number): void {
  ctx.printer.text(`${key} `);
  ctx.printer.field(key, '%s ', ctx.nameOf(ifindex), 'ifname');
}

function printNexthops(ctx: Context, route: ShownRoute): void {
  const { printer } = ctx;
  printer.openArray('nexthops');
  for (const nexthop of route.nexthops) {
    printer.openObject();
    printer.text(`${printer.lineEnd}\tnexthop `);
    printVia(ctx, route, nexthop);
    printer.field('dev', 'dev %s ', ctx.nameOf(nexthop.ifindex));
    printer.field('weight', 'weight %d ', nexthop.weight);
    printRouteFlags(printer, nexthop.flags);
    printer.closeObject();
  }
  printer.closeArray();
}

/** Source: iproute2 ip/iproute.c, print_cache_flags(). */
function printCacheFlags({ printer }: Context, cacheFlags: number): void {
  let flags = (cacheFlags & 0xffff_0000) >>> 0;
  printer.text(`${printer.lineEnd}    cache `);
  printer.openArray('cache', flags === 0 ? '' : '<');
  for (const [bit, name] of CACHE_FLAGS) {
    if ((flags & bit) === 0) continue;
    flags = (flags & ~bit) >>> 0;
    printer.item(flags === 0 ? '%s> ' : '%s,', name);
  }
  if (flags !== 0) printer.field('flags', '%s>', flags.toString(16));
  printer.closeArray();
}

function printOrigin(ctx: Context, route: ShownRoute, shown: ShownBy): void {
  const { printer, names } = ctx;
  const details = ctx.options.details > 0;
  if ((route.protocol !== RTPROT_BOOT || details) && shown.protocol !== true)
    printer.field('protocol', 'proto %s ', names.protocolName(route.protocol));
  if ((route.scope !== 0 || details) && shown.scope !== true)
    printer.field('scope', 'scope %s ', names.scopeName(route.scope));
}

/** Whether next hops are shown one by one. */
function isMultipath(route: ShownRoute): boolean {
  return route.nexthops.length > 1 || route.multipath === true;
}

/** The nexthop of a route. Source: ip/ipnexthop.c, print_cache_nexthop_id(). */
function printObject(ctx: Context, id: number): void {
  const { printer } = ctx;
  printer.openObject('nh_info');
  printer.text(`${printer.lineEnd}\tnh_info `);
  nexthopEntry(ctx, nexthopGet(ctx.ns, id));
  printer.closeObject();
}

function printHead(ctx: Context, route: ShownRoute, shown: ShownBy): void {
  const { printer, names } = ctx;
  const details = ctx.options.details > 0;
  if (route.type !== 'unicast' || details) printer.field('type', '%s ', route.type);
  printDestination(ctx, route);
  if (route.src !== undefined) printSource(ctx, route);
  if (route.tos !== 0 && shown.tos !== true)
    printer.field('tos', 'tos %s ', names.dsfieldName(route.tos));
  if (route.nhid !== undefined) printer.field('nhid', 'nhid %u ', route.nhid);
  const single = isMultipath(route) ? undefined : route.nexthops[0];
  if (single !== undefined) {
    if (shown.via !== true) printVia(ctx, route, single);
    if (single.ifindex !== 0 && shown.dev !== true) printDevice(ctx, 'dev', single.ifindex);
  }
  if (route.table !== 0 && (route.table !== RT_TABLE_MAIN || details) && shown.table !== true)
    printer.field('table', 'table %s ', names.tableName(route.table));
}

function printSource({ printer }: Context, route: ShownRoute): void {
  if (route.src === undefined) return;
  const { addr, length } = route.src;
  const host = length === familyBits(route.family);
  printer.field('from', 'from %s ', host ? formatInet(addr) : `${formatInet(addr)}/${length}`);
}

function printMark({ printer }: Context, mark: number): void {
  if (mark === 0) return;
  printer.json('mark', mark);
  printer.text(mark >= 16 ? `mark 0x${mark.toString(16)} ` : `mark ${mark} `);
}

/** Flags of the whole route: those of a look-up, and what all its next hops have. `fib_dump_info()` */
function routeFlags(route: ShownRoute): number {
  if (route.multipath === true) return route.cacheFlags;
  const [first, ...others] = route.nexthops;
  const common = others.reduce((flags, nexthop) => flags & nexthop.flags, first?.flags ?? 0);
  return route.cacheFlags | common;
}

/** Prints one route. Source: iproute2 ip/iproute.c, print_route(). */
export function printRoute(ctx: Context, route: ShownRoute, shown: ShownBy = {}): void {
  const { printer } = ctx;
  const cloned = (route.cacheFlags & RTM_F_CLONED) !== 0;
  printer.openObject();
  printHead(ctx, route, shown);
  if (!cloned) printOrigin(ctx, route, shown);
  if (route.prefsrc !== undefined && shown.src !== true) {
    printer.text('src ');
    printer.field('prefsrc', '%s ', formatInet(route.prefsrc), route.family);
  }
  const hasMetric = route.priority !== 0 || route.family === 'inet6';
  if (hasMetric && shown.metric !== true) printer.field('metric', 'metric %u ', route.priority);
  printRouteFlags(printer, routeFlags(route));
  printMark(ctx, route.mark ?? 0);
  if (route.uid !== undefined) printer.field('uid', 'uid %u ', route.uid);
  if (cloned && route.family === 'inet') printCacheFlags(ctx, route.cacheFlags);
  if (route.expires !== undefined) printer.field('expires', 'expires %dsec ', route.expires);
  if (Object.keys(route.metrics).length > 0) printMetrics(printer, route.metrics);
  if (route.iif !== undefined) printDevice(ctx, 'iif', route.iif);
  if (route.family === 'inet6') printer.field('pref', 'pref %s', 'medium');
  if (route.nhid !== undefined && ctx.options.details > 0) printObject(ctx, route.nhid);
  if (isMultipath(route)) printNexthops(ctx, route);
  printer.text('\n');
  printer.closeObject();
}
