/** The routes that come and go with addresses and devices. Read beside Linux net/ipv4/fib_frontend.c. */
import { type Ipv4Addr, ipv4Mask, MAC_ZERO } from '@labwire/core/addr';
import {
  FibNexthop,
  FibRoute,
  NO_METRICS,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTPROT_KERNEL,
} from '../../fib/index.ts';
import { l3Table } from '../../link/l3-master.ts';
import { IFF_LOOPBACK, IFF_UP, type NetDevice } from '../../link/net-device.ts';
import type { RouteType } from '../../rtnetlink/types.ts';
import {
  IFA_F_NOPREFIXROUTE,
  IFA_F_SECONDARY,
  type InDevice,
  type InIfaddr,
  inetIfaMatch,
  sameSubnet,
} from '../in-device.ts';
import type { Ipv4 } from '../ipv4.ts';
import { rebalance } from '../route/multipath.ts';
import { syncExceptionMtu } from '../route/nexthop-exception.ts';

const isZeronet = (addr: number): boolean => addr >>> 24 === 0;
const prefixOf = (ifa: InIfaddr): number => ifa.address & ipv4Mask(ifa.prefixLen);
const broadcastOf = (ifa: InIfaddr): number => ifa.address | ~ipv4Mask(ifa.prefixLen);
const isLoopback = (dev: NetDevice): boolean => (dev.flags & IFF_LOOPBACK) !== 0;
const isSecondary = (ifa: InIfaddr): boolean => (ifa.flags & IFA_F_SECONDARY) !== 0;

/** A route that an address brings with it. */
interface Magic {
  readonly type: RouteType;
  readonly dst: number;
  readonly plen: number;
  /** Whose local address is the source. */
  readonly prim: InIfaddr;
  readonly priority: number;
  /** Its next hop, which may be that of other routes of the address. */
  readonly nexthops: readonly FibNexthop[];
}

/** The next hop of what is on a device's link, or is the host itself. */
function hopsOf(dev: NetDevice, scope: number): readonly FibNexthop[] {
  const nh = new FibNexthop(dev, 0 as Ipv4Addr, 1, dev.carrier ? 0 : RTNH_F_LINKDOWN);
  nh.scope = scope;
  return [nh];
}

/** The table of the routes that an address brings: that of its device's layer 3 domain, if it is in one. `fib_magic()` */
function tableOf(type: RouteType, dev: NetDevice): number {
  return l3Table(dev) || (type === 'unicast' ? RT_TABLE_MAIN : RT_TABLE_LOCAL);
}

function magicRoute({ type, dst, plen, prim, priority, nexthops }: Magic): FibRoute {
  const { dev } = prim.idev;
  return new FibRoute({
    type,
    dst: dst as Ipv4Addr,
    plen,
    tos: 0,
    priority,
    table: tableOf(type, dev),
    protocol: RTPROT_KERNEL,
    scope: type === 'local' ? RT_SCOPE_HOST : RT_SCOPE_LINK,
    prefsrc: prim.local,
    nexthops,
    metrics: NO_METRICS,
  });
}

/** `fib_magic(RTM_NEWROUTE)` */
function addMagic(ip: Ipv4, magic: Magic): void {
  const route = magicRoute(magic);
  const { error } = ip.fib.newTable(route.table).insert(route, { create: true, append: true });
  if (error === undefined) ip.netns.rtnl.tell('route4', false, route);
}

/** `fib_magic(RTM_DELROUTE)` */
function deleteMagic(ip: Ipv4, magic: Omit<Magic, 'priority' | 'nexthops'>): void {
  const { type, dst, plen, prim } = magic;
  const table = ip.fib.table(tableOf(type, prim.idev.dev));
  const route = table
    ?.routesOf(dst, plen)
    .find(
      (r) =>
        r.type === type &&
        r.prefsrc === prim.local &&
        r.protocol === RTPROT_KERNEL &&
        r.nexthops[0]?.dev === prim.idev.dev,
    );
  if (route === undefined) return;
  table?.remove(route);
  ip.netns.rtnl.tell('route4', true, route);
}

/** The primary address of an address's subnet. `inet_ifa_byprefix()` */
function primaryOf(idev: InDevice, ifa: InIfaddr): InIfaddr | undefined {
  return idev.ifaList.find((a) => a.prefixLen === ifa.prefixLen && inetIfaMatch(prefixOf(ifa), a));
}

/** Adds the routes of an address. `fib_add_ifaddr()` */
export function fibAddIfaddr(ip: Ipv4, ifa: InIfaddr): void {
  const { idev } = ifa;
  const prim = isSecondary(ifa) ? primaryOf(idev, ifa) : ifa;
  if (prim === undefined) return;
  const { dev } = idev;
  const own = hopsOf(dev, RT_SCOPE_NOWHERE);
  addMagic(ip, { type: 'local', dst: ifa.local, plen: 32, prim, priority: 0, nexthops: own });
  if ((dev.flags & IFF_UP) === 0) return;
  const onLink = hopsOf(dev, RT_SCOPE_HOST); // all that its link does to one, it does to the other
  if (ifa.broadcast !== 0 && ifa.broadcast !== -1) addBroadcast(ip, prim, ifa.broadcast, onLink);
  const prefix = prefixOf(ifa);
  if (isZeronet(prefix) || isSecondary(ifa)) return;
  if (prefix === ifa.local && ifa.prefixLen === 32) return;
  if ((ifa.flags & IFA_F_NOPREFIXROUTE) === 0) {
    const priority = ifa.metric;
    const [type, nexthops] = isLoopback(dev)
      ? (['local', hopsOf(dev, RT_SCOPE_NOWHERE)] as const)
      : (['unicast', onLink] as const);
    addMagic(ip, { type, dst: prefix, plen: ifa.prefixLen, prim, priority, nexthops });
  }
  if (ifa.prefixLen < 31) addBroadcast(ip, prim, broadcastOf(ifa), onLink);
}

function addBroadcast(
  ip: Ipv4,
  prim: InIfaddr,
  addr: number,
  nexthops: readonly FibNexthop[],
): void {
  addMagic(ip, { type: 'broadcast', dst: addr, plen: 32, prim, priority: 0, nexthops });
  // the address is nobody's any more
  const neigh = ip.neigh.lookup(addr as Ipv4Addr, prim.idev.dev);
  if (neigh !== null && neigh.lladdr !== MAC_ZERO) ip.neigh.remove(neigh);
}

/** Which of an address's routes other addresses still need. */
class StillNeeded {
  local = false;
  broadcast = false;
  netBroadcast = false;
}

/**
 * Takes away the routes of an address that no other address needs.
 * @param iprim the primary address that goes, if `ifa` is one of its secondaries that will be promoted; then
 *   routes go with their old source, to be added again with a new one. `fib_del_ifaddr()`
 */
export function fibDelIfaddr(ip: Ipv4, ifa: InIfaddr, iprim: InIfaddr | null): void {
  const { idev } = ifa;
  let prim: InIfaddr = ifa;
  let hadSubnet = false;
  if (isSecondary(ifa)) {
    const found = iprim ?? primaryOf(idev, ifa);
    if (found === undefined) return;
    prim = found;
  } else if (!isZeronet(prefixOf(ifa)) && (prefixOf(ifa) !== ifa.local || ifa.prefixLen < 32)) {
    hadSubnet = true;
    if ((ifa.flags & IFA_F_NOPREFIXROUTE) === 0) {
      const type = isLoopback(idev.dev) ? 'local' : 'unicast';
      deleteMagic(ip, { type, dst: prefixOf(ifa), plen: ifa.prefixLen, prim });
    }
  }
  const needed = stillNeeded(idev, ifa, prim, iprim);
  if (ifa.broadcast !== 0 && !needed.broadcast) {
    deleteMagic(ip, { type: 'broadcast', dst: ifa.broadcast, plen: 32, prim });
  }
  if (hadSubnet && ifa.prefixLen < 31 && !needed.netBroadcast) {
    deleteMagic(ip, { type: 'broadcast', dst: broadcastOf(ifa), plen: 32, prim });
  }
  if (!needed.local) {
    deleteMagic(ip, { type: 'local', dst: ifa.local, plen: 32, prim });
    const gone = !idev.ifaList.includes(ifa);
    if (gone && ip.addrType(ifa.local, idev.dev) !== 'local')
      syncDownAddr(ip, ifa.local, tableOf('unicast', idev.dev));
  }
  ip.fib.flushCache();
}

function stillNeeded(
  idev: InDevice,
  ifa: InIfaddr,
  prim: InIfaddr,
  iprim: InIfaddr | null,
): StillNeeded {
  const needed = new StillNeeded();
  for (const other of idev.ifaList) {
    if (other === ifa || (iprim !== null && sameSubnet(other, iprim))) continue;
    const otherPrim = isSecondary(other) ? primaryOf(idev, other) : other;
    if (otherPrim === undefined || otherPrim.local !== prim.local) continue;
    if (ifa.local === other.local) needed.local = true;
    const brds = [other.broadcast];
    if (otherPrim === other && other.prefixLen < 31) brds.push(broadcastOf(other) as Ipv4Addr);
    if (brds.includes(ifa.broadcast)) needed.broadcast = true;
    if (brds.includes(broadcastOf(ifa) as Ipv4Addr)) needed.netBroadcast = true;
  }
  return needed;
}

/** Routes that prefer a source which is no more are no more. `fib_sync_down_addr()` */
function syncDownAddr(ip: Ipv4, local: Ipv4Addr, table: number): void {
  ip.fib.removeWhere((r) => r.prefsrc === local && r.table === table);
}

/** All routes by way of a device. */
function routesVia(ip: Ipv4, dev: NetDevice): FibRoute[] {
  return ip.fib.tables().flatMap((t) => t.routesVia(dev));
}

/**
 * A device's next hops are dead, and routes with no other go. `fib_sync_down_dev()`, `fib_flush()`
 * @param force also those that belong to the host: the device is leaving, or has lost its last address
 */
export function fibDisableIp(ip: Ipv4, dev: NetDevice, force: boolean): void {
  for (const route of routesVia(ip, dev)) {
    for (const nh of route.nexthops) {
      if (nh.dev === dev && (force || nh.scope !== RT_SCOPE_NOWHERE)) {
        nh.flags |= RTNH_F_DEAD | RTNH_F_LINKDOWN;
      }
    }
    const dead = route.nexthops.every((nh) => (nh.flags & RTNH_F_DEAD) !== 0);
    if (dead) route.flags |= RTNH_F_DEAD;
    rebalance(route.nexthops);
  }
  ip.fib.removeWhere((r) => (r.flags & RTNH_F_DEAD) !== 0);
  ip.fib.flushCache();
  ip.neigh.deviceDown(dev);
  ip.arp.deviceDown(dev);
}

/** A device's next hops have lost their link. `fib_sync_down_dev(NETDEV_CHANGE)` */
export function fibLinkDown(ip: Ipv4, dev: NetDevice): void {
  for (const route of routesVia(ip, dev)) {
    for (const nh of route.nexthops) {
      if (nh.dev === dev && nh.scope !== RT_SCOPE_NOWHERE) nh.flags |= RTNH_F_LINKDOWN;
    }
    rebalance(route.nexthops);
  }
  ip.fib.flushCache();
}

/** A device's next hops live again. `fib_sync_up()` */
export function fibSyncUp(ip: Ipv4, dev: NetDevice, cleared: number): void {
  if ((dev.flags & IFF_UP) === 0) return;
  const flags = dev.carrier ? cleared | RTNH_F_LINKDOWN : cleared;
  for (const route of routesVia(ip, dev)) {
    for (const nh of route.nexthops) if (nh.dev === dev) nh.flags &= ~flags;
    route.flags &= ~flags;
    rebalance(route.nexthops);
  }
  ip.fib.flushCache();
}

/** A device's MTU has changed. `fib_sync_mtu()` */
export function fibSyncMtu(ip: Ipv4, idev: InDevice): void {
  const { dev, mtu } = idev;
  idev.mtu = dev.mtu;
  for (const route of routesVia(ip, dev)) {
    for (const nh of route.nexthops) if (nh.dev === dev) syncExceptionMtu(nh, mtu, dev.mtu);
  }
  ip.fib.flushCache();
}
