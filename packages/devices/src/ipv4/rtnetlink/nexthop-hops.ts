import { IPV4_ANY, type Ipv4Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { FibNexthop, RTNH_F_LINKDOWN } from '../../fib/index.ts';
import type { Netns } from '../../netns/netns.ts';
import type { Nexthop } from '../../nexthop/nexthop.ts';

/** What a nexthop leads to, as a route has it: of its own, since routes differ in what they say of packets. */
export function hopsOf4(netns: Netns, object: Nexthop): FibNexthop[] {
  if (object.blackhole) return [new FibNexthop(netns.loopback, IPV4_ANY, 1, 0)];
  return object.members.map(({ nh, weight }) => {
    const { dev, gateway, flags, scope } = nh.way;
    const linkdown = dev === null || dev.carrier ? 0 : RTNH_F_LINKDOWN;
    const via = typeof gateway === 'number' ? gateway : (0 as Ipv4Addr);
    const hop = new FibNexthop(dev, via, weight, flags | linkdown);
    hop.scope = scope;
    if (typeof gateway === 'object') hop.gateway6 = gateway;
    return hop;
  });
}

/** The nexthop that a route names. @throws {@link KernelError} EINVAL. `fib_check_nexthop()` */
export function namedNexthop(netns: Netns, id: number, hasWay: boolean): Nexthop {
  if (hasWay)
    throw new KernelError('EINVAL', 'Nexthop specification and nexthop id are mutually exclusive');
  const object = netns.nexthops.find(id);
  if (object === undefined) throw new KernelError('EINVAL', 'Nexthop id does not exist');
  if (object.way.fdb) throw new KernelError('EINVAL', 'Route cannot point to a fdb nexthop');
  return object;
}
