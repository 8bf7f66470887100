/** Routes of IPv4 that name a nexthop. Linux net/ipv4/fib_semantics.c, nexthop.c. */
import { type FibRoute, type FibTable, makeNexthop, RT_TABLE_MAIN } from '../../fib/index.ts';
import { l3Table } from '../../link/l3-master.ts';
import type { NetDevice } from '../../link/net-device.ts';
import type { Netns } from '../../netns/netns.ts';
import type { Nexthop } from '../../nexthop/nexthop.ts';
import type { InetAddr } from '../../rtnetlink/types.ts';
import { rebalance } from '../route/multipath.ts';
import { fibEnv } from './fib-env.ts';
import { hopsOf4 } from './nexthop-hops.ts';

/** Whether a gateway can be reached by a device. @returns its scope. @throws {@link KernelError} `fib_check_nh()` */
export function checkNexthop4(
  netns: Netns,
  dev: NetDevice,
  via: InetAddr | undefined,
  flags: number,
): number {
  const table = l3Table(dev) || RT_TABLE_MAIN;
  const nh = { ifindex: dev.ifindex, flags, ...(via === undefined ? {} : { via }) };
  return makeNexthop(fibEnv(netns), table, nh).scope;
}

const isOf = (object: Nexthop) => (r: FibRoute) => r.object === object;

function setHops(netns: Netns, table: FibTable, route: FibRoute, object: Nexthop): void {
  const hops = hopsOf4(netns, object);
  rebalance(hops);
  table.setNexthops(route, hops, object.blackhole);
}

/** A nexthop leads elsewhere now: so do its routes. */
export function syncRoutes4(netns: Netns, object: Nexthop): void {
  const { fib } = netns.ipv4;
  for (const table of fib.tables()) {
    for (const route of table.list().filter(isOf(object))) setHops(netns, table, route, object);
  }
  fib.flushCache();
}

/** A nexthop goes: so do its routes. `__remove_nexthop_fib()` */
export function removeRoutesOf4(netns: Netns, object: Nexthop): void {
  netns.ipv4.fib.removeWhere(isOf(object));
}
