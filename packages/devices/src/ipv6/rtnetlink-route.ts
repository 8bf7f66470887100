/** IPv6 routes as netlink asks for them. Linux net/ipv6/route.c, inet6_rtm_newroute() and its like. */
import { IPV6_ANY, type Ipv6Addr, isLinkLocal6, isMulticast6, sameIpv6 } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import { namedNexthop } from '../ipv4/rtnetlink/nexthop-hops.ts';
import { l3Table } from '../link/l3-master.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { Netns } from '../netns/netns.ts';
import type { Nexthop } from '../nexthop/nexthop.ts';
import type { NewFlags, RouteGetRequest, RouteRequest } from '../rtnetlink/requests.ts';
import { type NexthopInfo, type RouteInfo, RTM_F_CLONED } from '../rtnetlink/types.ts';
import { IP6_RT_PRIO_USER, RT6_TABLE_LOCAL, RT6_TABLE_MAIN } from './fib6.ts';
import { type Fib6Nexthop, Fib6Route } from './fib6-route.ts';
import { Flowi6 } from './fib6-rule.ts';
import { routeErrno6 } from './ip6-output.ts';
import { multipathHash6 } from './multipath6.ts';
import { checkFamily6, hopsOf6 } from './nexthop-hops.ts';
import { maskPrefix6 } from './prefix6.ts';
import { pickHop, usableHop } from './route6.ts';

/** RTNH_F_*: Linux include/uapi/linux/rtnetlink.h. */
const RTNH_F_ONLINK = 4;
const RTNH_F_LINKDOWN = 16;
const RTPROT_BOOT = 3;
const REJECTS = ['blackhole', 'unreachable', 'prohibit', 'throw'];

function hopInfo(route: Fib6Route, nh: Fib6Nexthop): NexthopInfo {
  const carrierless =
    nh.dev !== null && !nh.dev.carrier && route.type !== 'local' && route.type !== 'anycast';
  return {
    ifindex: nh.dev?.ifindex ?? 0,
    via: nh.gateway ?? undefined,
    weight: nh.weight,
    flags: (nh.onlink ? RTNH_F_ONLINK : 0) | (carrierless ? RTNH_F_LINKDOWN : 0),
  };
}

/** What RTM_GETROUTE answers about a route. */
export function routeInfo(netns: Netns, r: Fib6Route): RouteInfo {
  const object = r.object ?? null;
  const untold = object !== null && netns.nexthops.compatMode === 0;
  const named =
    object === null
      ? {}
      : { nhid: object.id, multipath: object.way.group !== null && !object.blackhole };
  return {
    ...named,
    family: 'inet6',
    type: r.type,
    dst: r.dst,
    dstLen: r.dstLen,
    table: r.table,
    protocol: r.protocol,
    scope: 0,
    tos: 0,
    priority: r.priority,
    prefsrc: r.prefsrc ?? undefined,
    nexthops: untold ? [] : r.nexthops.map((nh) => hopInfo(r, nh)),
    metrics: r.metrics,
    cacheFlags: 0,
    expires: r.expires === Infinity ? undefined : Math.floor((r.expires - netns.sim.now) / SEC),
  };
}

/** The routes of one table, or of all. */
export function routeDump6(netns: Netns, table?: number): RouteInfo[] {
  const { fib } = netns.ipv6;
  const tables = fib.tables().filter((t) => table === undefined || t.id === table);
  return tables.flatMap((t) => t.routes.map((r) => routeInfo(netns, r)));
}

function deviceOf(netns: Netns, ifindex: number): NetDevice {
  const dev = netns.devices.byIndex(ifindex);
  if (dev === undefined) throw new KernelError('ENODEV');
  if (netns.ipv6.idev(dev) === undefined)
    throw new KernelError('EACCES', 'IPv6 is disabled on nexthop device');
  return dev;
}

/** `ip6_route_check_nh()`, `fib6_nh_init()` */
function makeHop(netns: Netns, table: number, req: Partial<NexthopInfo>): Fib6Nexthop {
  const gateway = (req.via as Ipv6Addr | undefined) ?? null;
  const onlink = ((req.flags ?? 0) & RTNH_F_ONLINK) !== 0;
  const given =
    req.ifindex === undefined || req.ifindex === 0 ? null : deviceOf(netns, req.ifindex);
  const dev = gateway === null ? given : gatewayDevice(netns, table, gateway, given, onlink);
  if (dev === null) throw new KernelError('ENODEV');
  if (!dev.isUp) throw new KernelError('ENETDOWN', 'Nexthop device is not up');
  return { dev, gateway, weight: req.weight ?? 1, onlink };
}

/** `ip6_validate_gw()` */
function gatewayDevice(
  netns: Netns,
  table: number,
  gateway: Ipv6Addr,
  given: NetDevice | null,
  onlink: boolean,
): NetDevice {
  const { ipv6 } = netns;
  const own = ipv6.fib.lookup(gateway, isLinkLocal6(gateway) ? given : null, usableHop);
  if (own?.type === 'local') throw new KernelError('EINVAL', 'Gateway can not be a local address');
  if (isMulticast6(gateway) || sameIpv6(gateway, IPV6_ANY))
    throw new KernelError('EINVAL', 'Invalid gateway address');
  if (isLinkLocal6(gateway) || onlink) {
    if (given === null) throw new KernelError('EINVAL', 'Egress device not specified');
    return given;
  }
  const own6 = ipv6.fib.lookupTable(table, gateway, given, usableHop);
  const direct = own6?.type === 'unicast' && own6.nexthops.some((nh) => nh.gateway === null);
  const via = direct ? own6 : ipv6.fib.lookup(gateway, given, usableHop);
  const hop =
    via?.type === 'unicast'
      ? via.nexthops.find((nh) => given === null || nh.dev === given)
      : undefined;
  if (hop === undefined || hop.dev === null || hop.gateway !== null)
    throw new KernelError('EHOSTUNREACH');
  return hop.dev;
}

function deviceOfHop(netns: Netns, req: RouteRequest): NetDevice | null {
  return netns.devices.byIndex(req.nexthops[0]?.ifindex ?? 0) ?? null;
}

/** The nexthop that a route names; null for none. @throws {@link KernelError} EINVAL */
function namedNexthop6(netns: Netns, req: RouteRequest): Nexthop | null {
  if (req.nhid === undefined) return null;
  const object = namedNexthop(netns, req.nhid, req.nexthops.length > 0);
  checkFamily6(object);
  return object;
}

/** The device of a gateway. @param ifindex 0 for any @throws {@link KernelError} EINVAL, EHOSTUNREACH, ENODEV */
export function gatewayDevice6(
  netns: Netns,
  gateway: Ipv6Addr,
  ifindex: number,
  onlink: boolean,
): NetDevice {
  const given = ifindex === 0 ? null : deviceOf(netns, ifindex);
  const table = (given === null ? 0 : l3Table(given)) || RT6_TABLE_MAIN;
  const dev = gatewayDevice(netns, table, gateway, given, onlink);
  if (!dev.isUp) throw new KernelError('ENETDOWN', 'Nexthop device is not up');
  return dev;
}

function makeRoute(netns: Netns, req: RouteRequest): Fib6Route {
  const dst = req.dst as Ipv6Addr;
  if (req.dstLen > 128) throw new KernelError('EINVAL', 'Invalid prefix length');
  const type = req.type ?? 'unicast';
  const isReject = REJECTS.includes(type);
  const prefsrc = (req.prefsrc as Ipv6Addr | undefined) ?? null;
  if (prefsrc !== null && !netns.ipv6.isLocal(prefsrc, deviceOfHop(netns, req)))
    throw new KernelError('EINVAL', 'Invalid source address');
  const table =
    req.table || (type === 'local' || type === 'anycast' ? RT6_TABLE_LOCAL : RT6_TABLE_MAIN);
  const object = namedNexthop6(netns, req);
  const ownHops = () => (isReject ? [reject] : req.nexthops.map((nh) => makeHop(netns, table, nh)));
  const reject: Fib6Nexthop = { dev: netns.loopback, gateway: null, weight: 1, onlink: false };
  return new Fib6Route({
    type: object?.blackhole === true && !isReject ? 'blackhole' : type,
    dst: maskPrefix6(dst, req.dstLen),
    dstLen: req.dstLen,
    table,
    protocol: req.protocol ?? RTPROT_BOOT,
    priority: req.priority || IP6_RT_PRIO_USER,
    prefsrc,
    nexthops: object === null ? ownHops() : hopsOf6(netns, object),
    object,
    metrics: req.metrics ?? {},
  });
}

function samePlace(a: Fib6Route, b: Fib6Route): boolean {
  return a.dstLen === b.dstLen && a.priority === b.priority && sameIpv6(a.dst, b.dst);
}

/** Whether a route may share its prefix and metric with others: it has a gateway. `rt6_qualify_for_ecmp()` */
function mayShare(r: Fib6Route): boolean {
  if ((r.object ?? null) !== null) return false;
  return r.nexthops.some((nh) => nh.gateway !== null);
}

/**
 * Adds, replaces or extends a route. `fib6_add_rt2node()`
 * @throws {@link KernelError} EEXIST, ENOENT, EINVAL, ENODEV, EHOSTUNREACH, ENETDOWN
 */
export function routeAdd6(netns: Netns, req: RouteRequest, flags: NewFlags): void {
  const route = makeRoute(netns, req);
  const table = netns.ipv6.fib.table(route.table);
  const peers = table.routes.filter((r) => samePlace(r, route));
  if (flags.replace === true) {
    const old = peers.find((r) => mayShare(r) === mayShare(route));
    if (old === undefined && flags.create !== true)
      throw new KernelError('ENOENT', 'Can not replace route - no match found');
    if (old !== undefined) table.remove(old);
    table.insert(route);
    netns.rtnl.tell('route6', false, route);
    return;
  }
  if (peers.length > 0 && flags.excl === true) throw new KernelError('EEXIST');
  if (peers.length === 0 && flags.create !== true) throw new KernelError('ENOENT');
  const sibling = mayShare(route) ? peers.find(mayShare) : undefined;
  if (sibling === undefined) netns.ipv6.fib.add(route);
  else join(sibling, route);
  netns.rtnl.tell('route6', false, sibling ?? route);
}

/** Adds next hops to a route of the same prefix and metric. */
function join(to: Fib6Route, from: Fib6Route): void {
  const has = (nh: Fib6Nexthop): boolean =>
    to.nexthops.some(
      (x) =>
        x.dev === nh.dev &&
        (x.gateway === nh.gateway ||
          (x.gateway !== null && nh.gateway !== null && sameIpv6(x.gateway, nh.gateway))),
    );
  if (from.nexthops.every(has)) throw new KernelError('EEXIST');
  to.nexthops = [...to.nexthops, ...from.nexthops.filter((nh) => !has(nh))];
}

/** Takes a route away. @throws {@link KernelError} ESRCH if there is none such */
export function routeDel6(netns: Netns, req: RouteRequest): void {
  const dst = maskPrefix6(req.dst as Ipv6Addr, req.dstLen);
  if (req.cloned === true) {
    if (!netns.ipv6.forgetMtu(dst)) throw new KernelError('ESRCH');
    return;
  }
  const table = netns.ipv6.fib.table(
    req.table || (req.type === 'local' ? RT6_TABLE_LOCAL : RT6_TABLE_MAIN),
  );
  const found = table.routes.find(
    (r) => r.dstLen === req.dstLen && sameIpv6(r.dst, dst) && matches(r, req),
  );
  if (found === undefined) throw new KernelError('ESRCH');
  const hop = req.nexthops.length === 1 ? (req.nexthops[0] as Partial<NexthopInfo>) : undefined;
  if (hop?.via !== undefined && found.nexthops.length > 1) {
    found.nexthops = found.nexthops.filter((nh) => !hopMatches(nh, hop));
  } else table.remove(found);
  netns.rtnl.tell('route6', true, found);
}

function matches(r: Fib6Route, req: RouteRequest): boolean {
  if (req.priority !== undefined && req.priority !== 0 && req.priority !== r.priority) return false;
  if (req.protocol !== undefined && req.protocol !== 0 && req.protocol !== r.protocol) return false;
  if (req.type !== undefined && req.type !== 'unicast' && req.type !== r.type) return false;
  if (req.nhid !== undefined && req.nhid !== r.object?.id) return false;
  return req.nexthops.every((hop) => r.nexthops.some((nh) => hopMatches(nh, hop)));
}

function hopMatches(nh: Fib6Nexthop, want: Partial<NexthopInfo>): boolean {
  if (want.ifindex !== undefined && want.ifindex !== 0 && nh.dev?.ifindex !== want.ifindex)
    return false;
  return (
    want.via === undefined || (nh.gateway !== null && sameIpv6(nh.gateway, want.via as Ipv6Addr))
  );
}

/** The way to one destination: `ip route get`. @throws {@link KernelError} what a packet would meet */
export function routeGet6(netns: Netns, req: RouteGetRequest): RouteInfo {
  const { ipv6 } = netns;
  const dst = req.dst as Ipv6Addr;
  const oif = req.oif === undefined || req.oif === 0 ? null : deviceOf(netns, req.oif);
  const iif = req.iif === undefined || req.iif === 0 ? null : deviceOf(netns, req.iif);
  const flow = new Flowi6().to(dst, (req.src as Ipv6Addr | undefined) ?? null);
  flow.iif = iif?.ifindex ?? 1;
  flow.mark = req.mark ?? 0;
  flow.tos = (req.tos ?? 0) & 0xfc;
  flow.uid = req.uid ?? 0;
  flow.protocol = req.ipproto ?? 0;
  flow.sport = req.sport ?? 0;
  flow.dport = req.dport ?? 0;
  const via = oif ?? (isLinkLocal6(dst) ? iif : null);
  const route = ipv6.fib.lookup(dst, via, usableHop, flow);
  if (route === undefined || REJECTS.includes(route.type))
    throw new KernelError(routeErrno6(route));
  if (req.fibMatch === true) return routeInfo(netns, route);
  const src = (req.src as Ipv6Addr | undefined) ?? null;
  const out = oif !== null && oif.l3Master === oif ? null : oif;
  const hop = pickHop(
    route,
    out,
    multipathHash6(ipv6.multipath, src ?? dst, dst, flow),
  ) as Fib6Nexthop;
  const isLocal = route.type === 'local';
  const source = isLocal ? dst : (route.prefsrc ?? ipv6.selectSource(dst, hop.dev));
  const shown = isLocal ? { ...hop, dev: hop.dev?.l3Master ?? netns.loopback } : hop;
  const learnt = ipv6.learntMtu(dst);
  return {
    ...routeInfo(netns, route),
    dst,
    dstLen: 128,
    nexthops: [hopInfo(route, shown)],
    prefsrc: iif === null ? (source ?? undefined) : undefined,
    metrics: learnt === undefined ? route.metrics : { ...route.metrics, mtu: learnt.mtu },
    expires: learnt && Math.floor((learnt.expires - netns.sim.now) / SEC),
  };
}

/** What was learnt of IPv6 destinations, as the routes that packets to them take. `rt6_nh_dump_exceptions()` */
export function routeCache6(netns: Netns): RouteInfo[] {
  return netns.ipv6.learntDestinations().map((dst) => ({
    ...routeGet6(netns, { family: 'inet6', dst }),
    prefsrc: undefined,
    cacheFlags: RTM_F_CLONED,
  }));
}
