/** What router advertisements bring: a default route, prefixes, addresses, parameters. Linux net/ipv6/ndisc.c, ndisc_router_discovery(). */
import {
  IPV6_ANY,
  type Ipv6Addr,
  ipv6,
  isLinkLocal6,
  isMulticast6,
  linkLocalOf,
  sameIpv6,
} from '@labwire/core/addr';
import { MS, SEC } from '@labwire/core/sim';
import { IPV6_MIN_MTU, type NdPrefix, type RouterAdvertisement } from '@labwire/core/wire';
import { l3Table } from '../link/l3-master.ts';
import {
  NEIGH_UPDATE_F_ISROUTER,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_F_WEAK_OVERRIDE,
} from '../neigh/index.ts';
import { INFINITY_LIFE_TIME, Lifetimes } from '../rtnetlink/lifetimes.ts';
import { kernelRoute } from './addrconf.ts';
import { IP6_RT_PRIO_ADDRCONF, RT6_TABLE_MAIN } from './fib6.ts';
import { Fib6Route } from './fib6-route.ts';
import {
  IFA_F_DEPRECATED,
  IFA_F_MANAGETEMPADDR,
  IFAPROT_KERNEL_RA,
  type Inet6Addr,
} from './inet6-addr.ts';
import type { Inet6Dev } from './inet6-dev.ts';
import type { Ipv6 } from './ipv6.ts';
import { maskPrefix6, samePrefix6 } from './prefix6.ts';

const RTPROT_RA = 9;
/** A lifetime is not shortened to less than this. RFC 4862 section 5.5.3 (e) */
const MIN_VALID_LIFETIME = 7200;

/** Takes in a valid advertisement from `router`. */
export function receiveRouterAdvertisement(
  ip6: Ipv6,
  idev: Inet6Dev,
  router: Ipv6Addr,
  ra: RouterAdvertisement,
): void {
  const { conf } = idev;
  if (conf.accept_ra === 0 || (conf.forwarding !== 0 && conf.accept_ra < 2)) return;
  idev.raReceived = true;
  if (conf.accept_ra_defrtr !== 0) updateDefaultRoute(ip6, idev, router, ra);
  applyParameters(ip6, idev, ra);
  learnRouter(ip6, idev, router, ra);
  if (conf.accept_ra_pinfo !== 0)
    for (const p of ra.options.prefixes ?? []) takePrefix(ip6, idev, p);
}

function updateDefaultRoute(
  ip6: Ipv6,
  idev: Inet6Dev,
  router: Ipv6Addr,
  ra: RouterAdvertisement,
): void {
  const { dev, conf } = idev;
  const isIt = (r: Fib6Route): boolean =>
    r.protocol === RTPROT_RA &&
    r.dstLen === 0 &&
    r.nexthops.some((nh) => nh.dev === dev && nh.gateway !== null && sameIpv6(nh.gateway, router));
  const table = l3Table(dev) || RT6_TABLE_MAIN;
  const old = ip6.fib.table(table).routes.find(isIt);
  if (ra.routerLifetime === 0) {
    if (old !== undefined) ip6.fib.removeWhere((r) => r === old);
    return;
  }
  const expires = ip6.netns.sim.now + ra.routerLifetime * SEC;
  if (old !== undefined) {
    old.expires = expires;
    return;
  }
  const metrics = ra.curHopLimit !== 0 ? { hoplimit: ra.curHopLimit } : {};
  const nexthops = [{ dev, gateway: router, weight: 1, onlink: false }];
  const route = new Fib6Route({
    type: 'unicast',
    dst: IPV6_ANY,
    dstLen: 0,
    table,
    protocol: RTPROT_RA,
    priority: conf.ra_defrtr_metric,
    prefsrc: null,
    nexthops,
    metrics,
  });
  route.expires = expires;
  ip6.fib.add(route);
  ip6.expireLater(route);
}

function applyParameters(ip6: Ipv6, idev: Inet6Dev, ra: RouterAdvertisement): void {
  const params = ip6.resolver.params(idev.dev);
  if (ra.curHopLimit !== 0) idev.setConf('hop_limit', ra.curHopLimit);
  if (ra.retransTimer !== 0) params.retransTime = ra.retransTimer * MS;
  if (ra.reachableTime !== 0 && ra.reachableTime * MS !== params.baseReachableTime) {
    params.setBaseReachableTime(ra.reachableTime * MS);
  }
  const { mtu } = ra.options;
  if (mtu !== undefined && mtu >= IPV6_MIN_MTU && mtu <= idev.dev.mtu) idev.mtu = mtu;
}

function learnRouter(ip6: Ipv6, idev: Inet6Dev, router: Ipv6Addr, ra: RouterAdvertisement): void {
  const neigh = ip6.neigh.lookupOrCreate(router, idev.dev);
  const flags =
    NEIGH_UPDATE_F_WEAK_OVERRIDE |
    NEIGH_UPDATE_F_OVERRIDE |
    NEIGH_UPDATE_F_OVERRIDE_ISROUTER |
    NEIGH_UPDATE_F_ISROUTER;
  if (ra.options.sourceLladdr !== undefined) neigh?.update(ra.options.sourceLladdr, 'stale', flags);
  else if (neigh !== null) neigh.router = true;
}

/** `addrconf_prefix_rcv()` */
function takePrefix(ip6: Ipv6, idev: Inet6Dev, p: NdPrefix): void {
  if (isMulticast6(p.prefix) || isLinkLocal6(p.prefix) || p.preferredLifetime > p.validLifetime)
    return;
  if (p.onLink) updatePrefixRoute(ip6, idev, p);
  if (p.autonomous && idev.conf.autoconf !== 0 && p.plen === 64 && p.validLifetime !== 0)
    autoconfigure(ip6, idev, p);
}

function updatePrefixRoute(ip6: Ipv6, idev: Inet6Dev, p: NdPrefix): void {
  const expires =
    p.validLifetime === INFINITY_LIFE_TIME ? Infinity : ip6.netns.sim.now + p.validLifetime * SEC;
  const table = l3Table(idev.dev) || RT6_TABLE_MAIN;
  const old = ip6.fib
    .table(table)
    .routes.find(
      (r) =>
        r.protocol === 2 &&
        r.dstLen === p.plen &&
        r.nexthops[0]?.dev === idev.dev &&
        samePrefix6(r.dst, p.prefix, p.plen),
    );
  if (old !== undefined) {
    if (p.validLifetime === 0) ip6.fib.removeWhere((r) => r === old);
    else if (old.expires !== Infinity) old.expires = expires;
    return;
  }
  if (p.validLifetime === 0) return;
  const route = kernelRoute(
    'unicast',
    maskPrefix6(p.prefix, p.plen),
    p.plen,
    table,
    IP6_RT_PRIO_ADDRCONF,
    idev,
  );
  route.expires = expires;
  ip6.fib.add(route);
  ip6.expireLater(route);
}

/** The prefix with the interface identifier that the link-local address has. */
function autoconfigure(ip6: Ipv6, idev: Inet6Dev, p: NdPrefix): void {
  const own = linkLocalOf(idev.dev.addr);
  const addr = ipv6(p.prefix.w0, p.prefix.w1, own.w2, own.w3);
  const known = idev.find(addr);
  if (known !== undefined) {
    renew(ip6, known, p);
    return;
  }
  ip6.addrconf.add(idev, {
    addr,
    prefixLen: p.plen,
    flags: IFA_F_MANAGETEMPADDR,
    proto: IFAPROT_KERNEL_RA,
    lifetimes: Lifetimes.from(ip6.netns.sim.now, p.preferredLifetime, p.validLifetime),
  });
}

function renew(ip6: Ipv6, a: Inet6Addr, p: NdPrefix): void {
  const { now } = ip6.netns.sim;
  const left = a.lifetimes.validLeft(now);
  const believed = p.validLifetime > MIN_VALID_LIFETIME || p.validLifetime > left;
  const valid = believed ? p.validLifetime : Math.min(left, MIN_VALID_LIFETIME);
  a.lifetimes = Lifetimes.from(now, p.preferredLifetime, valid);
  if (p.preferredLifetime > 0) a.flags &= ~IFA_F_DEPRECATED;
  ip6.addrconf.armLifetime(a);
}
