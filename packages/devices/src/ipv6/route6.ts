import { type Ipv6Addr, isLinkLocal6, isMulticast6, sameIpv6 } from '@labwire/core/addr';
import type { NetDevice } from '../link/net-device.ts';
import type { Fib6Nexthop, Fib6Route } from './fib6-route.ts';
import { IFA_F_DEPRECATED, type Inet6Addr } from './inet6-addr.ts';
import { type Inet6Dev, scopeRank } from './inet6-dev.ts';

/** Whether packets can leave by a next hop: its device is up, and has a carrier or is waited for. */
export function usableHop(nh: Fib6Nexthop): boolean {
  return nh.dev === null || nh.dev.isUp;
}

/** The next hop of a flow: the same for the same hash, in proportion to the weights. `fib6_select_path()` */
export function pickHop(
  route: Fib6Route,
  oif: NetDevice | null,
  hash: number,
): Fib6Nexthop | undefined {
  const hops = route.nexthops;
  if (hops.length === 1) return hops[0];
  let total = 0;
  for (let i = 0; i < hops.length; i++) total += weightOf(hops[i] as Fib6Nexthop, oif);
  if (total === 0) return undefined;
  let rest = (hash >>> 0) % total;
  for (let i = 0; i < hops.length; i++) {
    rest -= weightOf(hops[i] as Fib6Nexthop, oif);
    if (rest < 0) return hops[i];
  }
  return undefined;
}

function weightOf(nh: Fib6Nexthop, oif: NetDevice | null): number {
  return usableHop(nh) && (oif === null || nh.dev === oif) ? nh.weight : 0;
}

/** Bits in which two addresses agree from the front. */
function commonPrefix(a: Ipv6Addr, b: Ipv6Addr): number {
  if (a.w0 !== b.w0) return Math.clz32(a.w0 ^ b.w0);
  if (a.w1 !== b.w1) return 32 + Math.clz32(a.w1 ^ b.w1);
  if (a.w2 !== b.w2) return 64 + Math.clz32(a.w2 ^ b.w2);
  return 96 + Math.clz32(a.w3 ^ b.w3);
}

/** RFC 6724 section 5, rules 1, 2, 3, 5 and 8: above 0 if `a` is the better source for `dst`. */
function compareSources(a: Inet6Addr, b: Inet6Addr, dst: Ipv6Addr, dev: NetDevice | null): number {
  const same = Number(sameIpv6(a.addr, dst)) - Number(sameIpv6(b.addr, dst));
  if (same !== 0) return same;
  const want = scopeRank(dst);
  const sa = scopeRank(a.addr);
  const sb = scopeRank(b.addr);
  if (sa !== sb) return sa < sb ? (sa < want ? -1 : 1) : sb < want ? 1 : -1;
  const fresh =
    Number((b.flags & IFA_F_DEPRECATED) !== 0) - Number((a.flags & IFA_F_DEPRECATED) !== 0);
  if (fresh !== 0) return fresh;
  const out = Number(a.idev.dev === dev) - Number(b.idev.dev === dev);
  if (out !== 0) return out;
  return (
    Math.min(commonPrefix(a.addr, dst), a.prefixLen) -
    Math.min(commonPrefix(b.addr, dst), b.prefixLen)
  );
}

/** The address to send from to `dst` through `dev`. `ipv6_dev_get_saddr()` @returns null if there is none */
export function selectSource6(
  idevs: Iterable<Inet6Dev>,
  dst: Ipv6Addr,
  dev: NetDevice | null,
): Ipv6Addr | null {
  const ownOnly = dev !== null && (isLinkLocal6(dst) || isMulticast6(dst));
  const domain = dev?.l3Master ?? null;
  let best: Inet6Addr | undefined;
  for (const idev of idevs) {
    if (idev.dev.l3Master !== domain) continue;
    if (ownOnly && idev.dev !== dev) continue;
    for (const a of idev.addrs) {
      if (a.usable && (best === undefined || compareSources(a, best, dst, dev) > 0)) best = a;
    }
  }
  return best?.addr ?? null;
}
