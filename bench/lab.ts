import type { Ipv4Addr } from '@labwire/core/addr';
import { Simulator } from '@labwire/core/sim';
import { IFF_UP } from '@labwire/devices/link';
import { Kernel, type Netns } from '@labwire/devices/netns';
import { addrAdd, linkAdd, linkSet, routeAdd } from '@labwire/devices/rtnetlink';

/** Machines joined by cables, set up by netlink requests as `ip` sends them. */
export class Lab {
  readonly sim: Simulator = new Simulator({ eventsPerSecond: Infinity, pendingEvents: Infinity });
  #machines = 0;

  /** A machine, by its first namespace. */
  machine(): Netns {
    return new Kernel(this.sim, `m${this.#machines++}`).initNetns;
  }

  /** A veth pair between two namespaces, both ends up. @returns their indexes */
  cable(a: Netns, b: Netns, name: string): readonly [number, number] {
    const peer = `${name}p`;
    const end = linkAdd(a, { kind: 'veth', name, peer: { name: peer, netns: b } });
    const far = b.devices.byName(peer)?.ifindex as number;
    this.up(b, far);
    this.up(a, end);
    return [end, far];
  }

  /** Sets a device up. */
  up(netns: Netns, ifindex: number): void {
    linkSet(netns, ifindex, { setFlags: IFF_UP });
  }

  /** Gives a device an address. */
  address(netns: Netns, ifindex: number, local: number, prefixLen: number): void {
    addrAdd(
      netns,
      { family: 'inet', ifindex, local: local as Ipv4Addr, prefixLen },
      { create: true, excl: true },
    );
  }

  /** Adds a route by a gateway. */
  route(netns: Netns, dst: number, dstLen: number, via: number, ifindex: number): void {
    const nexthops = [{ via: via as Ipv4Addr, ifindex }];
    routeAdd(
      netns,
      { family: 'inet', dst: dst as Ipv4Addr, dstLen, nexthops },
      { create: true, excl: true },
    );
  }

  /** Makes a namespace a router. */
  forward(netns: Netns): void {
    netns.sysctl.write('net/ipv4/ip_forward', '1');
  }
}

/** Octets as an address. */
export function ip(a: number, b: number, c: number, d: number): number {
  return (a << 24) | (b << 16) | (c << 8) | d;
}
