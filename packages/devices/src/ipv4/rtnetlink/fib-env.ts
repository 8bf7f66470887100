import type { Ipv6Addr } from '@labwire/core/addr';
import { type Fib, type FibEnv, RT_TABLE_LOCAL } from '../../fib/index.ts';
import { gatewayDevice6 } from '../../ipv6/rtnetlink-route.ts';
import type { NetDevice } from '../../link/net-device.ts';
import type { Netns } from '../../netns/netns.ts';
import type { RouteType } from '../../rtnetlink/types.ts';
import { hopsOf4, namedNexthop } from './nexthop-hops.ts';

/** A namespace, as far as making a route needs to know it: one object and no closure for each route that is made. */
class NetnsFibEnv implements FibEnv {
  readonly #netns: Netns;

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  get fib(): Fib {
    return this.#netns.ipv4.fib;
  }

  get loopbackIfindex(): number {
    return this.#netns.loopback.ifindex;
  }

  devByIndex(ifindex: number): NetDevice | undefined {
    return this.#netns.devices.byIndex(ifindex);
  }

  addrType(addr: number, table: number = RT_TABLE_LOCAL): RouteType {
    return this.#netns.ipv4.addrTypeIn(addr, table);
  }

  named(id: number, hasWay: boolean): ReturnType<FibEnv['named']> {
    const object = namedNexthop(this.#netns, id, hasWay);
    return { object, nexthops: hopsOf4(this.#netns, object) };
  }

  gateway6(via: Ipv6Addr, ifindex: number, onlink: boolean): NetDevice {
    return gatewayDevice6(this.#netns, via, ifindex, onlink);
  }
}

/** What making a route needs to know of a namespace. */
export function fibEnv(netns: Netns): FibEnv {
  return new NetnsFibEnv(netns);
}
