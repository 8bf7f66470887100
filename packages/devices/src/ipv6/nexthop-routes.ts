/** Routes of IPv6 that name a nexthop. Linux net/ipv6/route.c, net/ipv4/nexthop.c. */
import type { Ipv6Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { RT_SCOPE_LINK, RTNH_F_ONLINK } from '../fib/index.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { Netns } from '../netns/netns.ts';
import type { Nexthop } from '../nexthop/nexthop.ts';
import type { Fib6Route } from './fib6-route.ts';
import { hopsOf6 } from './nexthop-hops.ts';
import { gatewayDevice6 } from './rtnetlink-route.ts';

/** Whether a gateway can be reached by a device. @returns its scope. @throws {@link KernelError} `fib6_nh_init()` */
export function checkNexthop6(
  netns: Netns,
  dev: NetDevice,
  via: Ipv6Addr | undefined,
  flags: number,
): number {
  if (dev.in6Dev === null) throw new KernelError('EACCES', 'IPv6 is disabled on nexthop device');
  if (via !== undefined) gatewayDevice6(netns, via, dev.ifindex, (flags & RTNH_F_ONLINK) !== 0);
  return RT_SCOPE_LINK;
}

const isOf = (object: Nexthop) => (r: Fib6Route) => r.object === object;

/** Whether routes of IPv6 name a nexthop. */
export function hasRoutes6(netns: Netns, object: Nexthop): boolean {
  return netns.ipv6.fib.all().some(isOf(object));
}

/** A nexthop leads elsewhere now: so do its routes. */
export function syncRoutes6(netns: Netns, object: Nexthop): void {
  for (const table of netns.ipv6.fib.tables()) {
    for (const route of table.routes.filter(isOf(object)))
      table.setNexthops(route, hopsOf6(netns, object), object.blackhole);
  }
}

/** A nexthop goes: so do its routes. */
export function removeRoutesOf6(netns: Netns, object: Nexthop): void {
  netns.ipv6.fib.removeWhere(isOf(object));
}
