import { type FibEnv, RT_TABLE_LOCAL } from '../../fib/index.ts';
import { gatewayDevice6 } from '../../ipv6/rtnetlink-route.ts';
import type { Netns } from '../../netns/netns.ts';
import { hopsOf4, namedNexthop } from './nexthop-hops.ts';

/** What making a route needs to know of a namespace. */
export function fibEnv(netns: Netns): FibEnv {
  return {
    fib: netns.ipv4.fib,
    loopbackIfindex: netns.loopback.ifindex,
    devByIndex: (ifindex) => netns.devices.byIndex(ifindex),
    addrType: (addr, table = RT_TABLE_LOCAL) => netns.ipv4.addrTypeIn(addr, table),
    named: (id, hasWay) => {
      const object = namedNexthop(netns, id, hasWay);
      return { object, nexthops: hopsOf4(netns, object) };
    },
    gateway6: (via, ifindex, onlink) => gatewayDevice6(netns, via, ifindex, onlink),
  };
}
