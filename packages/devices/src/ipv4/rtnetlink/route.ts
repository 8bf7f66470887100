/** IPv4 routes as netlink asks for them. Linux net/ipv4/fib_frontend.c, inet_rtm_newroute() and its like; net/ipv4/route.c, inet_rtm_getroute(). */
import type { Ipv4Addr } from '@labwire/core/addr';
import { put8, put16, put32 } from '@labwire/core/bytes';
import { type Errno, KernelError } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import { allocSkb, freeSkb, type SkBuff } from '@labwire/core/skb';
import { ETH_P_IP, IPPROTO_UDP, IPV4_MIN_HLEN, Ipv4Off } from '@labwire/core/wire';
import {
  checkPrefix,
  createRoute,
  defaultTable,
  FIB_PROPS,
  type FibNexthop,
  FibResult,
  type FibRoute,
  type FibTable,
  Flow4,
  matchesDeletion,
  RT_TABLE_MAIN,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
} from '../../fib/index.ts';
import type { Netns } from '../../netns/netns.ts';
import type { NewFlags, RouteGetRequest, RouteRequest } from '../../rtnetlink/requests.ts';
import { type RouteInfo, RTM_F_CLONED } from '../../rtnetlink/types.ts';
import { rebalance } from '../route/multipath.ts';
import { exceptionsOf } from '../route/nexthop-exception.ts';
import { RTCF_DOREDIRECT, type Rtable } from '../rtable.ts';
import { fibEnv } from './fib-env.ts';

/** Bytes of the ports of a transport header. */
const PORTS = 4;

/** A link that is down counts as dead where such routes are ignored. `fib_nexthop_info()` */
function shownFlags({ dev, flags }: FibNexthop): number {
  const ignored = dev?.inDev?.ignoreRoutesWithLinkdown === true;
  return (flags & RTNH_F_LINKDOWN) !== 0 && ignored ? flags | RTNH_F_DEAD : flags;
}

/** What RTM_GETROUTE answers about a route. */
export function routeInfo(netns: Netns, r: FibRoute): RouteInfo {
  const { object } = r;
  const untold = object !== null && netns.nexthops.compatMode === 0;
  const rejects = untold || (FIB_PROPS[r.type].error !== undefined && object === null);
  return {
    family: 'inet',
    type: r.type,
    dst: r.dst,
    dstLen: r.plen,
    table: r.table,
    protocol: r.protocol,
    scope: r.scope,
    tos: r.tos,
    priority: r.priority,
    prefsrc: r.prefsrc === 0 ? undefined : r.prefsrc,
    nexthops: rejects
      ? []
      : r.nexthops.map((nh) => ({
          ifindex: nh.dev?.ifindex ?? 0,
          via: nh.gateway6 ?? (nh.gateway === 0 ? undefined : nh.gateway),
          weight: nh.weight,
          flags: shownFlags(nh),
        })),
    metrics: r.metrics,
    cacheFlags: 0,
    expires: undefined,
    ...(object === null ? {} : { nhid: object.id }),
  };
}

/** The order in which the kernel walks its tables: by the low byte of their ids, the newest first among equals. */
function inDumpOrder(tables: readonly FibTable[]): FibTable[] {
  return [...tables].reverse().sort((a, b) => (a.id & 0xff) - (b.id & 0xff));
}

/** The IPv4 routes of one table, or of all. `inet_dump_fib()` */
export function routeDump4(netns: Netns, table?: number): RouteInfo[] {
  const { fib } = netns.ipv4;
  const tables = inDumpOrder(fib.tables()).filter((t) => table === undefined || t.id === table);
  return tables.flatMap((t) => t.list().map((r) => routeInfo(netns, r)));
}

/** What was learnt of IPv4 destinations, as the routes that packets to them take. `fib_dump_info_fnhe()` */
export function routeCache4(netns: Netns): RouteInfo[] {
  const { ipv4 } = netns;
  const hops = ipv4.fib.tables().flatMap((t) => t.list().flatMap((r) => r.nexthops));
  return hops
    .flatMap((nh) => exceptionsOf(ipv4, nh))
    .map((dst) => ({
      ...routeGet4(netns, { family: 'inet', dst: dst as Ipv4Addr }),
      prefsrc: undefined,
      uid: undefined,
    }));
}

/** Adds or replaces a route. @throws {@link KernelError} EEXIST, ENOENT, EINVAL, ENODEV, ENETDOWN, ENETUNREACH */
export function routeAdd4(netns: Netns, req: RouteRequest, flags: NewFlags): void {
  const { fib } = netns.ipv4;
  const table = fib.newTable(req.table ?? defaultTable(req.type)); // there even if the route is refused
  const route = createRoute(fibEnv(netns), req);
  rebalance(route.nexthops);
  const { error } = table.insert(route, flags);
  if (error !== undefined) throw new KernelError(error);
  if (req.type === 'local') fib.hasCustomLocalRoutes = true;
  fib.flushCache();
  netns.rtnl.tell('route4', false, route);
}

/** Takes a route away. @throws {@link KernelError} ESRCH, EINVAL. `fib_table_delete()` */
export function routeDel4(netns: Netns, req: RouteRequest): void {
  checkPrefix(req.dst as number, req.dstLen);
  const { fib } = netns.ipv4;
  const table = fib.table(req.table ?? defaultTable(req.type));
  const found = table
    ?.routesOf(req.dst as number, req.dstLen)
    .find((route) => matchesDeletion(route, req));
  if (table === undefined) throw new KernelError('ESRCH', 'FIB table does not exist');
  if (found === undefined) throw new KernelError('ESRCH');
  table.remove(found);
  fib.flushCache();
  netns.rtnl.tell('route4', true, found);
}

function flowOf(req: RouteGetRequest): Flow4 {
  const flow = new Flow4();
  flow.daddr = req.dst as number;
  flow.saddr = (req.src ?? 0) as number;
  flow.oif = req.oif ?? 0;
  flow.tos = (req.tos ?? 0) & 0xfc;
  flow.mark = req.mark ?? 0;
  flow.uid = req.uid ?? 0;
  flow.protocol = req.ipproto ?? 0;
  flow.sport = req.sport ?? 0;
  flow.dport = req.dport ?? 0;
  return flow;
}

/** Where a packet would go. @throws {@link KernelError} ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, ENODEV */
export function routeGet4(netns: Netns, req: RouteGetRequest): RouteInfo {
  if (req.fibMatch === true) return matchingRoute(netns, req);
  if (req.iif !== undefined && req.iif !== 0) return routeGetInput(netns, req, req.iif);
  const flow = flowOf(req);
  const err = netns.ipv4.routeOutput(flow);
  if (err !== undefined) throw new KernelError(err);
  return answer(netns, netns.ipv4.rt as Rtable, req, flow);
}

/** The packet that a question is about. `inet_rtm_getroute_build_skb()` */
function askedPacket(skb: SkBuff, flow: Flow4): void {
  const { buf, nh } = skb;
  buf.fill(0, nh, nh + IPV4_MIN_HLEN + PORTS);
  put8(buf, nh, 0x45);
  put8(buf, nh + Ipv4Off.protocol, flow.protocol === 0 ? IPPROTO_UDP : flow.protocol);
  put32(buf, nh + Ipv4Off.saddr, flow.saddr);
  put32(buf, nh + Ipv4Off.daddr, flow.daddr);
  put16(buf, nh + IPV4_MIN_HLEN, flow.sport);
  put16(buf, nh + IPV4_MIN_HLEN + 2, flow.dport);
}

function routeGetInput(netns: Netns, req: RouteGetRequest, iif: number): RouteInfo {
  const dev = netns.devices.byIndex(iif);
  if (dev === undefined) throw new KernelError('ENODEV');
  const ip = netns.ipv4;
  const skb = allocSkb(64);
  skb.dev = dev;
  skb.protocol = ETH_P_IP;
  skb.mark = req.mark ?? 0;
  const flow = flowOf(req);
  skb.nh = skb.put(IPV4_MIN_HLEN + PORTS);
  askedPacket(skb, flow);
  const reason = ip.routeInput(skb, flow.daddr, flow.saddr, flow.tos);
  const rt = skb.dst as Rtable | null;
  const redirect = ip.doRedirect;
  freeSkb(skb);
  if (reason !== undefined || rt === null) {
    throw new KernelError('EINVAL');
  }
  if (rt.error !== undefined) throw new KernelError(rt.error);
  const info = answer(netns, rt, req, flow);
  return redirect ? { ...info, cacheFlags: info.cacheFlags | RTCF_DOREDIRECT } : info;
}

/** `rt_fill_info()` */
function answer(netns: Netns, rt: Rtable, req: RouteGetRequest, flow: Flow4): RouteInfo {
  const { now } = netns.sim;
  const learnt = rt.pmtu !== 0 && now < rt.expires;
  const ours = !rt.isInput && flow.saddr !== (req.src ?? 0);
  const metrics = { ...rt.route?.metrics, ...(learnt ? { mtu: rt.pmtu } : {}) };
  return {
    family: 'inet',
    type: rt.type,
    dst: flow.daddr as Ipv4Addr,
    dstLen: 32,
    // while no rule was ever changed, the local table is part of the main one
    table: netns.ipv4.fib.hasCustomRules ? rt.table : RT_TABLE_MAIN,
    protocol: 0,
    scope: 0,
    tos: req.tos ?? 0,
    priority: 0,
    prefsrc: ours ? (flow.saddr as Ipv4Addr) : undefined,
    nexthops: [
      {
        ifindex: rt.dev.ifindex,
        via: rt.gateway6 ?? (rt.gateway === 0 ? undefined : (rt.gateway as Ipv4Addr)),
        weight: 1,
        flags: 0,
      },
    ],
    metrics,
    cacheFlags: (rt.flags & ~0xffff) | RTM_F_CLONED,
    expires: rt.expires > now ? Math.floor((rt.expires - now) / SEC) : undefined,
  };
}

/** The route itself, not what comes of it. RTM_F_FIB_MATCH */
function matchingRoute(netns: Netns, req: RouteGetRequest): RouteInfo {
  const flow = flowOf(req);
  const res = new FibResult();
  flow.iif = req.iif ?? netns.loopback.ifindex;
  const err: Errno | undefined = netns.ipv4.fib.lookup(flow, res, 0);
  if (err !== undefined || res.route === null) throw new KernelError(err ?? 'EHOSTUNREACH');
  return routeInfo(netns, res.route);
}
