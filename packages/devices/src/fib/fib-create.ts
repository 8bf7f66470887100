/** Routes as a user asks for them. Read beside Linux net/ipv4/fib_semantics.c, whose words the errors are. */
import { type Ipv4Addr, type Ipv6Addr, ipv4Mask, sameIpv6 } from '@labwire/core/addr';
import { type Errno, KernelError } from '@labwire/core/error';
import { IFF_UP, type NetDevice } from '../link/net-device.ts';
import type { Nexthop } from '../nexthop/nexthop.ts';
import type { RouteRequest } from '../rtnetlink/requests.ts';
import type { NexthopInfo, RouteType } from '../rtnetlink/types.ts';
import type { Fib } from './fib.ts';
import {
  FIB_PROPS,
  FibNexthop,
  FibRoute,
  NO_METRICS,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
  RTPROT_BOOT,
} from './fib-route.ts';
import type { FibTable } from './fib-table.ts';
import { FIB_LOOKUP_IGNORE_LINKSTATE, FibResult, Flow4 } from './flow.ts';

const flow = new Flow4();
const res = new FibResult();

/** What making a route needs to know of its namespace. */
export interface FibEnv {
  readonly fib: Fib;
  readonly loopbackIfindex: number;
  devByIndex(ifindex: number): NetDevice | undefined;
  /** What an address is to us, by a table that has local routes; absent: the local one. `inet_addr_type_table()` */
  addrType(addr: number, table?: number): RouteType;
  /** The device of a gateway of IPv6. @throws {@link KernelError} EINVAL, EHOSTUNREACH */
  gateway6(via: Ipv6Addr, ifindex: number, onlink: boolean): NetDevice;
  /** The nexthop of an id, and what it leads to. @throws {@link KernelError} EINVAL */
  named(id: number, hasWay: boolean): { readonly object: Nexthop; readonly nexthops: FibNexthop[] };
}

/** A request with everything filled in that iproute2 or the kernel fill in. */
interface Config {
  readonly type: RouteType;
  readonly scope: number;
  readonly table: number;
  readonly req: RouteRequest;
}

function refuse(errno: Errno, text: string): never {
  throw new KernelError(errno, text);
}

/** @throws KernelError EINVAL. `fib_valid_key_len()` */
export function checkPrefix(dst: number, plen: number): void {
  if (plen > 32) refuse('EINVAL', 'Invalid prefix length');
  if ((dst & ~ipv4Mask(plen)) !== 0) refuse('EINVAL', 'Invalid prefix for given prefix length');
}

/**
 * Makes a route of a request, after checking that its next hops can be reached.
 * @throws {@link KernelError} EINVAL, ENODEV, ENETDOWN, ENETUNREACH, … `fib_create_info()`
 */
export function createRoute(env: FibEnv, req: RouteRequest): FibRoute {
  const type = req.type ?? 'unicast';
  if (((req.tos ?? 0) & 3) !== 0) {
    refuse('EINVAL', 'Invalid dsfield (tos): ECN bits must be 0');
  }
  checkPrefix(req.dst as number, req.dstLen);
  const cfg: Config = {
    type,
    scope: req.scope ?? defaultScope(type, req),
    table: req.table ?? defaultTable(type),
    req,
  };
  if (FIB_PROPS[type].scope > cfg.scope) refuse('EINVAL', 'Invalid scope');
  const named = req.nhid === undefined ? undefined : namedWay(env, cfg, req.nhid);
  const nexthops = named?.nexthops ?? makeNexthops(env, cfg);
  const prefsrc = (req.prefsrc ?? 0) as Ipv4Addr;
  if (prefsrc !== 0 && !validPrefsrc(env, cfg, prefsrc)) {
    refuse('EINVAL', 'Invalid prefsrc address');
  }
  return new FibRoute({
    type,
    dst: req.dst as Ipv4Addr,
    plen: req.dstLen,
    tos: req.tos ?? 0,
    priority: req.priority ?? 0,
    table: cfg.table,
    protocol: req.protocol ?? RTPROT_BOOT,
    scope: cfg.scope,
    prefsrc,
    nexthops,
    metrics: req.metrics ?? NO_METRICS,
    object: named?.object ?? null,
  });
}

/** The scope that `ip` gives a route. iproute2 ip/iproute.c, iproute_modify() */
function defaultScope(type: RouteType, req: RouteRequest): number {
  if (type === 'local') return RT_SCOPE_HOST;
  if (type === 'broadcast' || type === 'multicast' || type === 'anycast') return RT_SCOPE_LINK;
  if (type !== 'unicast') return RT_SCOPE_UNIVERSE;
  const direct = req.nexthops.length === 1 && req.nexthops[0]?.via === undefined;
  return direct ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

/** The table of a route for which none is named. */
export function defaultTable(type: RouteType | undefined): number {
  const local = type === 'local' || type === 'broadcast' || type === 'anycast';
  return local ? RT_TABLE_LOCAL : RT_TABLE_MAIN;
}

/** What a route that names a nexthop leads to. `fib_check_nexthop()` */
function namedWay(env: FibEnv, cfg: Config, id: number): ReturnType<FibEnv['named']> {
  const named = env.named(id, cfg.req.nexthops.length > 0);
  if (cfg.scope < RT_SCOPE_HOST) return named;
  if (named.object.way.group !== null)
    refuse('EINVAL', 'Route with host scope can not have multiple nexthops');
  if (named.object.way.gateway !== undefined)
    refuse('EINVAL', 'Route with host scope can not have a gateway');
  return named;
}

/** A next hop by itself, as a nexthop object has it. @throws {@link KernelError} `fib_check_nh()` */
export function makeNexthop(env: FibEnv, table: number, nh: Partial<NexthopInfo>): FibNexthop {
  const req = { family: 'inet', dst: 0 as Ipv4Addr, dstLen: 0, nexthops: [nh] } as const;
  return checkNexthop(env, { type: 'unicast', scope: RT_SCOPE_UNIVERSE, table, req }, nh);
}

function makeNexthops(env: FibEnv, cfg: Config): FibNexthop[] {
  const { type, scope, req } = cfg;
  if (FIB_PROPS[type].error !== undefined) {
    if (req.nexthops.length > 0) {
      refuse('EINVAL', 'Gateway, device and multipath can not be specified for this route type');
    }
    return [new FibNexthop(null, 0 as Ipv4Addr, 1, 0)];
  }
  if (scope > RT_SCOPE_HOST) refuse('EINVAL', 'Invalid scope');
  const asked = req.nexthops.length === 0 ? [{}] : req.nexthops;
  if (scope === RT_SCOPE_HOST) return [hostNexthop(env, asked)];
  return asked.map((nh) => checkNexthop(env, cfg, nh));
}

/** A next hop of a route to ourselves. */
function hostNexthop(env: FibEnv, asked: readonly Partial<NexthopInfo>[]): FibNexthop {
  if (asked.length > 1) refuse('EINVAL', 'Route with host scope can not have multiple nexthops');
  const [nh = {}] = asked;
  if (nh.via !== undefined) refuse('EINVAL', 'Route with host scope can not have a gateway');
  const dev = env.devByIndex(nh.ifindex ?? 0);
  if (dev === undefined) throw new KernelError('ENODEV');
  const hop = new FibNexthop(dev, 0 as Ipv4Addr, 1, (nh.flags ?? 0) | linkFlags(dev));
  hop.scope = RT_SCOPE_NOWHERE;
  return hop;
}

const linkFlags = (dev: NetDevice): number => (dev.carrier ? 0 : RTNH_F_LINKDOWN);

/** `fib_check_nh()` */
function checkNexthop(env: FibEnv, cfg: Config, nh: Partial<NexthopInfo>): FibNexthop {
  const flags = nh.flags ?? 0;
  if ((flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) !== 0) {
    const what = cfg.req.nexthops.length > 1 ? 'flags for nexthop' : 'rtm_flags';
    refuse('EINVAL', `Invalid ${what} - can not contain DEAD or LINKDOWN`);
  }
  if (nh.via !== undefined && typeof nh.via !== 'number') return viaIpv6(env, nh, nh.via, flags);
  const gateway = (nh.via ?? 0) as Ipv4Addr;
  const hop = (dev: NetDevice, scope: number): FibNexthop => {
    const made = new FibNexthop(dev, gateway, nh.weight ?? 1, flags | linkFlags(dev));
    made.scope = scope;
    return made;
  };
  if (gateway === 0) return hop(directDevice(env, nh), RT_SCOPE_HOST);
  if ((flags & RTNH_F_ONLINK) !== 0) return hop(onlinkDevice(env, cfg, nh), RT_SCOPE_LINK);
  const dev = gatewayDevice(env, cfg, nh);
  return hop(dev, res.scope);
}

/** A gateway of IPv6. `fib_check_nh_v6_gw()` */
function viaIpv6(env: FibEnv, nh: Partial<NexthopInfo>, via: Ipv6Addr, flags: number): FibNexthop {
  const dev = env.gateway6(via, nh.ifindex ?? 0, (flags & RTNH_F_ONLINK) !== 0);
  const made = new FibNexthop(dev, 0 as Ipv4Addr, nh.weight ?? 1, flags | linkFlags(dev));
  made.gateway6 = via;
  made.scope = RT_SCOPE_LINK;
  return made;
}

/** `fib_check_nh_nongw()` */
function directDevice(env: FibEnv, nh: Partial<NexthopInfo>): NetDevice {
  if (((nh.flags ?? 0) & RTNH_F_ONLINK) !== 0) {
    refuse('EINVAL', 'Invalid flags for nexthop - PERVASIVE and ONLINK can not be set');
  }
  const dev = env.devByIndex(nh.ifindex ?? 0);
  if (dev === undefined || dev.inDev === null) throw new KernelError('ENODEV');
  if ((dev.flags & IFF_UP) === 0) refuse('ENETDOWN', 'Device for nexthop is not up');
  return dev;
}

function onlinkDevice(env: FibEnv, cfg: Config, nh: Partial<NexthopInfo>): NetDevice {
  if (cfg.scope >= RT_SCOPE_LINK) refuse('EINVAL', 'Nexthop has invalid scope');
  const dev = env.devByIndex(nh.ifindex ?? 0);
  if (dev === undefined) refuse('ENODEV', 'Nexthop device required for onlink');
  if ((dev.flags & IFF_UP) === 0) refuse('ENETDOWN', 'Nexthop device is not up');
  if (env.addrType(nh.via as number) !== 'unicast') {
    refuse('EINVAL', 'Nexthop has invalid gateway');
  }
  return dev;
}

/** The device by which a gateway is reached; its route is in `res`. `fib_check_nh_v4_gw()` */
function gatewayDevice(env: FibEnv, cfg: Config, nh: Partial<NexthopInfo>): NetDevice {
  flow.to(nh.via as number);
  flow.oif = nh.ifindex ?? 0;
  flow.iif = env.loopbackIfindex;
  flow.scope = Math.max(cfg.scope + 1, RT_SCOPE_LINK);
  const own: FibTable | undefined =
    cfg.table === RT_TABLE_MAIN ? undefined : env.fib.table(cfg.table);
  const inOwn = own?.lookup(flow, res, FIB_LOOKUP_IGNORE_LINKSTATE) ?? undefined;
  if (own === undefined || inOwn !== undefined) {
    const err = env.fib.lookup(flow, res, FIB_LOOKUP_IGNORE_LINKSTATE);
    if (err !== undefined) refuse(err, 'Nexthop has invalid gateway');
  }
  if (res.type !== 'unicast' && res.type !== 'local') {
    refuse('EINVAL', 'Nexthop has invalid gateway');
  }
  const dev = res.dev;
  if (dev === null) refuse('EINVAL', 'No egress device for nexthop gateway');
  if ((dev.flags & IFF_UP) === 0) throw new KernelError('ENETDOWN');
  return dev;
}

/** `fib_valid_prefsrc()` */
function validPrefsrc(env: FibEnv, cfg: Config, prefsrc: Ipv4Addr): boolean {
  if (cfg.type === 'local' && prefsrc === cfg.req.dst) return true;
  const table = cfg.table === RT_TABLE_MAIN ? RT_TABLE_LOCAL : cfg.table;
  return env.addrType(prefsrc, table) === 'local' || env.addrType(prefsrc) === 'local';
}

/** Whether a route is what a deletion asks for: what it does not name matches anything. `fib_table_delete()`, `fib_nh_match()` */
export function matchesDeletion(route: FibRoute, req: RouteRequest): boolean {
  if (route.tos !== (req.tos ?? 0)) return false;
  if (req.type !== undefined && req.type !== route.askedType) return false;
  if (req.scope !== undefined && req.scope !== route.scope) return false;
  if (req.prefsrc !== undefined && req.prefsrc !== route.prefsrc) return false;
  if (req.protocol !== undefined && req.protocol !== route.protocol) return false;
  if (req.priority !== undefined && req.priority !== 0 && req.priority !== route.priority) {
    return false;
  }
  if (req.nhid !== undefined && req.nhid !== route.object?.id) return false;
  const hasWay = req.nexthops.some((nh) => nh.via !== undefined) || req.nexthops.length > 1;
  if (route.object !== null && hasWay) return false;
  return nexthopsMatch(route, req.nexthops) && metricsMatch(route, req.metrics ?? NO_METRICS);
}

function nexthopsMatch(route: FibRoute, asked: readonly Partial<NexthopInfo>[]): boolean {
  // `nexthop` before one means that there is no other
  const all = asked.length > 1 || asked[0]?.weight !== undefined;
  if (all && asked.length !== route.nexthops.length) return false;
  return asked.every((nh, i) => {
    const own = route.nexthops[i];
    if (own === undefined) return false;
    if (nh.ifindex !== undefined && nh.ifindex !== 0 && nh.ifindex !== own.dev?.ifindex) {
      return false;
    }
    if (typeof nh.via === 'object') return own.gateway6 !== null && sameIpv6(nh.via, own.gateway6);
    return nh.via === undefined || (nh.via === own.gateway && own.gateway6 === null);
  });
}

function metricsMatch(route: FibRoute, asked: Readonly<Record<string, number>>): boolean {
  return Object.entries(asked).every(([name, v]) => route.metrics[name] === v);
}
