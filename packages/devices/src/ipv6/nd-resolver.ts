import {
  type Ipv6Addr,
  isMulticast6,
  MAC_ZERO,
  type MacAddr,
  sameIpv6,
  solicitedNode,
} from '@labwire/core/addr';
import type { DropReason, SkBuff } from '@labwire/core/skb';
import { ICMPV6_ADDR_UNREACH, ICMPV6_DEST_UNREACH } from '@labwire/core/wire';
import { IFF_LOOPBACK, IFF_NOARP, type NetDevice } from '../link/net-device.ts';
import { type Neigh, NeighParams, type NeighResolver } from '../neigh/index.ts';
import type { InetAddr } from '../rtnetlink/types.ts';
import type { Ipv6 } from './ipv6.ts';

/** The Ethernet address of an IPv6 multicast group. RFC 2464 section 7 */
export function multicastMac6(group: Ipv6Addr): MacAddr {
  return (0x3333_0000_0000 + (group.w3 >>> 0)) as MacAddr;
}

/** Resolves IPv6 neighbours by neighbour discovery. Linux net/ipv6/ndisc.c, nd_tbl. */
export class NdResolver implements NeighResolver {
  readonly family = 'inet6';
  readonly #ip6: Ipv6;
  /** Of each device; null while none is needed. */
  #params: Map<NetDevice, NeighParams> | null = null;

  #defaults: NeighParams | null = null;

  constructor(ip6: Ipv6) {
    this.#ip6 = ip6;
  }

  /** What new devices begin with: net.ipv6.neigh.default */
  get defaults(): NeighParams {
    this.#defaults ??= new NeighParams(this.#ip6.netns.kernel.random, 0);
    return this.#defaults;
  }

  hash(addr: InetAddr): number {
    const a = addr as Ipv6Addr;
    return a.w0 ^ a.w1 ^ a.w2 ^ a.w3;
  }

  same(a: InetAddr, b: InetAddr): boolean {
    return sameIpv6(a as Ipv6Addr, b as Ipv6Addr);
  }

  params(dev: NetDevice): NeighParams {
    this.#params ??= new Map();
    let p = this.#params.get(dev);
    if (p === undefined) {
      p = this.defaults.copy();
      this.#params.set(dev, p);
    }
    return p;
  }

  /** Forgets a device that is gone. */
  forget(dev: NetDevice): void {
    this.#params?.delete(dev);
  }

  /** Who answers for an address hears what is asked of it. `pndisc_constructor()`, `pndisc_destructor()` */
  proxied(dst: InetAddr, dev: NetDevice, by: 1 | -1): void {
    const idev = dev.in6Dev;
    if (idev === null) return;
    const group = solicitedNode(dst as Ipv6Addr);
    if (by === 1) this.#ip6.mcast.join(idev, group);
    else this.#ip6.mcast.leave(idev, group);
  }

  /** `ndisc_constructor()` */
  construct(neigh: Neigh): void {
    const dst = neigh.dst as Ipv6Addr;
    if (isMulticast6(dst)) {
      neigh.nud = 'noarp';
      neigh.setLladdr(multicastMac6(dst));
    } else if ((neigh.dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) {
      neigh.nud = 'noarp';
      neigh.setLladdr(neigh.dev.addr === MAC_ZERO ? MAC_ZERO : neigh.dev.addr);
    }
  }

  /** Asks the neighbour itself while its address is known, else everybody of its solicited-node group. `ndisc_solicit()` */
  solicit(neigh: Neigh, skb: SkBuff | null): void {
    const unicast = neigh.probes < neigh.params.ucastProbes && neigh.lladdr !== MAC_ZERO;
    this.#ip6.ndisc.solicit(neigh, skb, unicast);
  }

  /** `ndisc_error_report()` */
  errorReport(_neigh: Neigh, skb: SkBuff): void {
    this.#ip6.icmp.sendError(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
    this.drop(skb, 'neigh_failed');
  }

  drop(skb: SkBuff, reason: DropReason): void {
    this.#ip6.netns.drop(skb, reason);
  }
}
