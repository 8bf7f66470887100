/**
 * Addresses of IPv6 devices: link-local ones made when a device becomes ready, duplicate address detection,
 * addresses and routes from router advertisements, and their going.
 *
 * Read first: RFC 4862 (SLAAC), RFC 7527 (enhanced DAD), RFC 7559 (router solicitations).
 *
 * A device is ready once it is up and has a carrier; only then does it get its link-local address and do its
 * tentative addresses start DAD. DAD of an address waits a random part of `router_solicitation_delay`, sends
 * `dad_transmits` solicitations one retransmission time apart, and one such time later the address is usable:
 * its local route appears, and the first link-local address starts router solicitations. A solicitation or
 * advertisement of the same address by somebody else leaves it tentative, with DADFAILED.
 *
 * Linux net/ipv6/addrconf.c.
 */
import {
  IPV6_ALL_ROUTERS,
  IPV6_LOOPBACK,
  type Ipv6Addr,
  ipv6,
  isMulticast6,
  MAC_ZERO,
  solicitedNode,
} from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { MS, type Nanos } from '@labwire/core/sim';
import { l3Table } from '../link/l3-master.ts';
import { IFF_LOOPBACK, IFF_NOARP, type NetDevice } from '../link/net-device.ts';
import { Lifetimes } from '../rtnetlink/lifetimes.ts';
import { IP6_RT_PRIO_ADDRCONF, RT6_TABLE_LOCAL, RT6_TABLE_MAIN } from './fib6.ts';
import { Fib6Route } from './fib6-route.ts';
import {
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_PERMANENT,
  IFA_F_TENTATIVE,
  IFAPROT_KERNEL_LL,
  IFAPROT_KERNEL_LO,
  Inet6Addr,
  type Inet6AddrOwner,
} from './inet6-addr.ts';
import type { Inet6Dev } from './inet6-dev.ts';
import type { Ipv6 } from './ipv6.ts';
import { ARPHRD_TUNNEL, linkLocalFor } from './link-local.ts';
import { maskPrefix6, samePrefix6 } from './prefix6.ts';

const RTPROT_KERNEL = 2;
const RT_SCOPE_UNIVERSE = 0;
const RT_SCOPE_LINK = 253;
const RT_SCOPE_SITE = 200;
const RT_SCOPE_HOST = 254;
/** Time between two probes. RETRANS_TIMER, RFC 4861 section 10 */
const RETRANS_TIMER: Nanos = 1000 * MS;
/** The groups of all routers: of the link, the device, the site. `dev_forward_change()` */
const ROUTERS: readonly Ipv6Addr[] = [
  IPV6_ALL_ROUTERS,
  ipv6(0xff010000, 0, 0, 2),
  ipv6(0xff050000, 0, 0, 2),
];
const FE80 = ipv6(0xfe800000, 0, 0, 0);
const FF00 = ipv6(0xff000000, 0, 0, 0);

/** What an address is made of. */
export interface NewInet6Addr {
  readonly addr: Ipv6Addr;
  readonly prefixLen: number;
  readonly peer?: Ipv6Addr;
  readonly flags: number;
  readonly proto: number;
  readonly metric?: number;
  /** Default: for ever. */
  readonly lifetimes?: Lifetimes;
}

/** Makes and takes away the addresses of one namespace's devices. */
export class Addrconf implements Inet6AddrOwner {
  readonly #ip6: Ipv6;

  constructor(ip6: Ipv6) {
    this.#ip6 = ip6;
  }

  /** The device has become ready. `addrconf_dev_config()` */
  deviceReady(idev: Inet6Dev): void {
    idev.ready = true;
    const { dev } = idev;
    if ((dev.flags & IFF_LOOPBACK) !== 0) {
      this.#addOnce(idev, {
        addr: IPV6_LOOPBACK,
        prefixLen: 128,
        flags: IFA_F_PERMANENT,
        proto: IFAPROT_KERNEL_LO,
      });
      return;
    }
    const isDomain = dev.l3Master === dev;
    if (!isDomain) this.#addMulticastRoute(idev);
    if (!isDomain && idev.conf.addr_gen_mode === 0 && dev.addr !== MAC_ZERO) {
      const flags = IFA_F_PERMANENT | IFA_F_TENTATIVE;
      this.#addOnce(idev, {
        addr: linkLocalFor(dev),
        prefixLen: 64,
        flags,
        proto: IFAPROT_KERNEL_LL,
      });
    }
    for (const a of idev.addrs) if (!a.usable && !a.probing) this.#startDad(a);
  }

  /** The device has gone down: `addrconf_ifdown()`. */
  deviceDown(idev: Inet6Dev): void {
    idev.ready = false;
    idev.raReceived = false;
    for (const a of [...idev.addrs]) this.remove(a, false);
    this.#ip6.fib.removeWhere((r) => r.nexthops.some((nh) => nh.dev === idev.dev));
  }

  #addOnce(idev: Inet6Dev, what: NewInet6Addr): void {
    if (idev.find(what.addr) === undefined) this.add(idev, what);
  }

  /** ff00::/8 in the local table. `addrconf_add_mroute()` */
  #addMulticastRoute(idev: Inet6Dev): void {
    const { dev } = idev;
    const table = localTable(dev);
    const route = kernelRoute('multicast', FF00, 8, table, IP6_RT_PRIO_ADDRCONF, idev);
    if (
      !this.#ip6.fib
        .table(table)
        .routesVia(dev)
        .some((r) => r.type === 'multicast' && r.nexthops[0]?.dev === dev)
    ) {
      this.#ip6.fib.add(route);
    }
  }

  /**
   * Gives a device an address, with its prefix route, and starts DAD where it is due. `inet6_addr_add()`
   * @throws {@link KernelError} EEXIST, EACCES
   */
  add(idev: Inet6Dev, what: NewInet6Addr): Inet6Addr {
    if (idev.conf.disable_ipv6 !== 0)
      throw new KernelError('EACCES', 'ipv6: IPv6 is disabled on this device');
    if (idev.find(what.addr) !== undefined)
      throw new KernelError('EEXIST', 'ipv6: address already assigned');
    const scope = scopeOf(what.addr);
    const skipDad = this.#skipsDad(idev, what.flags);
    const flags = skipDad ? what.flags & ~IFA_F_TENTATIVE : what.flags | IFA_F_TENTATIVE;
    const a = new Inet6Addr(this.#ip6.netns.sim, this, idev, { ...what, scope, flags });
    a.metric = what.metric ?? 0;
    a.lifetimes = what.lifetimes ?? Lifetimes.forever;
    idev.insert(a);
    if ((idev.dev.flags & (IFF_LOOPBACK | IFF_NOARP)) === 0)
      this.#ip6.mcast.join(idev, solicitedNode(a.addr));
    if ((flags & IFA_F_NOPREFIXROUTE) === 0 && (idev.dev.flags & IFF_LOOPBACK) === 0)
      this.#addPrefixRoute(a);
    if (skipDad && idev.ready && (idev.dev.flags & IFF_LOOPBACK) === 0) this.#dadCompleted(a);
    else if (skipDad) this.#becomeUsable(a);
    else if (idev.ready) this.#startDad(a);
    this.armLifetime(a);
    return a;
  }

  #skipsDad(idev: Inet6Dev, flags: number): boolean {
    return (
      (idev.dev.flags & (IFF_LOOPBACK | IFF_NOARP)) !== 0 ||
      (flags & IFA_F_NODAD) !== 0 ||
      idev.conf.dad_transmits < 1 ||
      idev.conf.accept_dad < 1
    );
  }

  #addPrefixRoute(a: Inet6Addr): void {
    const { dev } = a.idev;
    const of = a.peer ?? a.addr;
    const isFe80 = a.prefixLen === 64 && samePrefix6(of, FE80, 64); // every device has that one
    const dst = isFe80 ? FE80 : maskPrefix6(of, a.prefixLen);
    const priority = a.metric || IP6_RT_PRIO_ADDRCONF;
    const table = l3Table(dev) || RT6_TABLE_MAIN;
    const route = kernelRoute('unicast', dst, a.prefixLen, table, priority, a.idev);
    route.expires = a.lifetimes.expiresAt;
    if (
      !this.#ip6.fib
        .table(table)
        .routesVia(dev)
        .some((r) => isPrefixRoute(r, a))
    )
      this.#ip6.fib.add(route);
    this.#ip6.expireLater(route);
  }

  #becomeUsable(a: Inet6Addr): void {
    a.flags &= ~IFA_F_TENTATIVE;
    const lo = a.idev.dev;
    const table = localTable(lo);
    const routes = this.#ip6.fib.table(table).routesVia(lo);
    const route = kernelRoute('local', a.addr, 128, table, 0, a.idev);
    if (
      !routes.some(
        (r) => r.type === 'local' && r.nexthops[0]?.dev === lo && samePrefix6(r.dst, a.addr, 128),
      )
    ) {
      this.#ip6.fib.add(route);
    }
    if (a.idev.conf.forwarding !== 0) this.#addAnycast(a);
    this.#ip6.netns.rtnl.tell('addr6', false, a);
    this.#ip6.netns.noteChange();
  }

  /** Takes an address away, with the routes that were there for it. `ipv6_del_addr()` */
  remove(a: Inet6Addr, report = true): void {
    const { idev } = a;
    a.stop();
    idev.remove(a);
    this.#ip6.netns.rtnl.tell('addr6', true, a);
    this.#ip6.netns.addressGone(idev.dev.ifindex, a.addr);
    this.#ip6.netns.noteChange();
    if ((idev.dev.flags & IFF_LOOPBACK) === 0)
      this.#ip6.mcast.leave(idev, solicitedNode(a.addr), report);
    const fib = this.#ip6.fib;
    fib.removeWhere(
      (r) =>
        r.type === 'local' &&
        r.dstLen === 128 &&
        r.nexthops[0]?.dev === idev.dev &&
        samePrefix6(r.dst, a.addr, 128),
    );
    if (
      !idev.addrs.some(
        (b) => b.prefixLen === a.prefixLen && samePrefix6(b.addr, a.addr, a.prefixLen),
      )
    ) {
      fib.removeWhere((r) => isPrefixRoute(r, a));
    }
  }

  #startDad(a: Inet6Addr): void {
    if ((a.flags & IFA_F_DADFAILED) !== 0) return;
    const random = this.#ip6.netns.kernel.random;
    const { conf } = a.idev;
    a.dadProbes = conf.dad_transmits;
    a.dadNonce = random.u32();
    a.probeIn(random.below(Math.max(1, conf.router_solicitation_delay * 1000)) * MS);
  }

  dadTimer(a: Inet6Addr): void {
    if (a.usable || !a.idev.ready) return;
    if (a.dadProbes === 0) {
      this.#dadCompleted(a);
      return;
    }
    a.dadProbes--;
    a.probeIn(RETRANS_TIMER);
    this.#ip6.ndisc.sendDadProbe(a);
  }

  #dadCompleted(a: Inet6Addr): void {
    const { idev } = a;
    const isFirstLinkLocal = a.scope === RT_SCOPE_LINK && idev.linkLocal() === undefined;
    this.#becomeUsable(a);
    if (!isFirstLinkLocal) return;
    this.#ip6.mcast.reportAll(idev);
    // a tunnel of IPv4 alone has no routers behind it
    if (idev.dev.arphrd === ARPHRD_TUNNEL) return;
    if (idev.conf.accept_ra !== 0 && idev.conf.forwarding === 0)
      this.#ip6.ndisc.startSolicitingRouters(idev);
  }

  /** Somebody else has the address. `addrconf_dad_failure()` */
  dadFailed(a: Inet6Addr): void {
    a.stopProbing();
    a.flags |= IFA_F_DADFAILED;
    this.#ip6.netns.kernel.log(
      `IPv6: ${a.idev.dev.name}: IPv6 duplicate address ${this.#ip6.format(a.addr)} detected!`,
    );
  }

  /** The device has become a router's or a host's: `dev_forward_change()`. */
  forwardingChanged(idev: Inet6Dev): void {
    const { fib, mcast, ndisc } = this.#ip6;
    const isRouter = idev.conf.forwarding !== 0;
    if (isRouter) {
      if (idev.hasMulticast) for (const group of ROUTERS) mcast.join(idev, group);
      ndisc.stopSolicitingRouters(idev);
      for (const a of idev.addrs) if (a.usable) this.#addAnycast(a);
    } else {
      if (idev.hasMulticast) for (const group of ROUTERS) mcast.leave(idev, group);
      fib.removeWhere((r) => {
        const is = r.type === 'anycast' && r.nexthops[0]?.dev === idev.dev;
        if (is) mcast.leave(idev, solicitedNode(r.dst));
        return is;
      });
    }
  }

  /** The subnet-router anycast address. RFC 4291 section 2.6.1; `addrconf_join_anycast()` */
  #addAnycast(a: Inet6Addr): void {
    if (a.prefixLen >= 127 || (a.idev.dev.flags & IFF_LOOPBACK) !== 0) return;
    const route = kernelRoute(
      'anycast',
      maskPrefix6(a.addr, a.prefixLen),
      128,
      localTable(a.idev.dev),
      0,
      a.idev,
    );
    const { routes } = this.#ip6.fib.table(route.table);
    if (
      !routes.some(
        (r) =>
          r.type === 'anycast' &&
          r.nexthops[0]?.dev === a.idev.dev &&
          samePrefix6(r.dst, route.dst, 128),
      )
    ) {
      this.#ip6.fib.add(route);
      this.#ip6.mcast.join(a.idev, solicitedNode(route.dst));
    }
  }

  /** Sets the timer to the next end of a lifetime. */
  armLifetime(a: Inet6Addr): void {
    const { now } = this.#ip6.netns.sim;
    const deprecated = (a.flags & IFA_F_DEPRECATED) !== 0;
    const { expiresAt, deprecatedAt } = a.lifetimes;
    const next = deprecated ? expiresAt : Math.min(expiresAt, deprecatedAt);
    a.endIn(Math.max(1, next - now));
  }

  lifetimeTimer(a: Inet6Addr): void {
    const { now } = this.#ip6.netns.sim;
    if (a.lifetimes.validLeft(now) === 0) {
      this.remove(a);
      return;
    }
    if (a.lifetimes.preferredLeft(now) === 0) a.flags |= IFA_F_DEPRECATED;
    this.armLifetime(a);
  }
}

/** The table of a device's own addresses: that of its layer 3 domain, if it is in one. */
function localTable(dev: NetDevice): number {
  return l3Table(dev) || RT6_TABLE_LOCAL;
}

function isPrefixRoute(r: Fib6Route, a: Inet6Addr): boolean {
  return (
    r.protocol === RTPROT_KERNEL &&
    r.type === 'unicast' &&
    r.dstLen === a.prefixLen &&
    r.nexthops[0]?.dev === a.idev.dev &&
    r.nexthops[0].gateway === null &&
    samePrefix6(r.dst, a.peer ?? a.addr, a.prefixLen)
  );
}

/** Shared by the routes that have none: most. */
const NO_METRICS: Readonly<Record<string, number>> = Object.freeze({});

/** A route that the kernel makes by itself. */
export function kernelRoute(
  type: 'unicast' | 'local' | 'anycast' | 'multicast',
  dst: Ipv6Addr,
  dstLen: number,
  table: number,
  priority: number,
  idev: Inet6Dev,
): Fib6Route {
  return new Fib6Route({
    type,
    dst,
    dstLen,
    table,
    protocol: RTPROT_KERNEL,
    priority,
    prefsrc: null,
    nexthops: idev.onLink,
    metrics: NO_METRICS,
  });
}

/** RT_SCOPE_* by the scope field of a group, of those that are not global. `ipv6_addr_scope2type()` */
const GROUP_SCOPES: Readonly<Record<number, number>> = {
  1: RT_SCOPE_HOST,
  2: RT_SCOPE_LINK,
  5: RT_SCOPE_SITE,
};

/** The RT_SCOPE_* of an address. */
export function scopeOf(a: Ipv6Addr): number {
  if (isMulticast6(a)) return GROUP_SCOPES[(a.w0 >>> 16) & 0xf] ?? RT_SCOPE_UNIVERSE;
  if (samePrefix6(a, FE80, 10)) return RT_SCOPE_LINK;
  return samePrefix6(a, IPV6_LOOPBACK, 128) ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
}
