import type { Ipv6Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { RTNH_F_ONLINK } from '../fib/index.ts';
import type { Netns } from '../netns/netns.ts';
import type { Nexthop } from '../nexthop/nexthop.ts';
import type { Fib6Nexthop } from './fib6-route.ts';

/** What a nexthop leads to, as a route has it. */
export function hopsOf6(netns: Netns, object: Nexthop): Fib6Nexthop[] {
  if (object.blackhole) return [{ dev: netns.loopback, gateway: null, weight: 1, onlink: false }];
  return object.members.map(({ nh, weight }) => ({
    dev: nh.way.dev,
    gateway: (nh.way.gateway as Ipv6Addr | undefined) ?? null,
    weight,
    onlink: (nh.way.flags & RTNH_F_ONLINK) !== 0,
  }));
}

/** Refuses a nexthop of IPv4. @throws {@link KernelError} EINVAL. `fib6_check_nexthop()` */
export function checkFamily6(object: Nexthop): void {
  if (object.members.some(({ nh }) => nh.way.family === 'inet'))
    throw new KernelError('EINVAL', 'IPv6 routes can not use an IPv4 nexthop');
}
