import type { SkBuff } from '@labwire/core/skb';
import {
  type FibNexthop,
  type FibResult,
  type Flow4,
  RT_SCOPE_LINK,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
} from '../../fib/index.ts';
import type { NetDevice } from '../../link/net-device.ts';
import { isValid, type Neigh } from '../../neigh/index.ts';
import type { Ipv4 } from '../ipv4.ts';
import { multipathHash } from './multipath-hash.ts';

/** Hashes that there are. */
const HASHES = 0x8000_0000;

function isSpared(nh: FibNexthop): boolean {
  if ((nh.flags & RTNH_F_DEAD) !== 0) return true;
  return (nh.flags & RTNH_F_LINKDOWN) !== 0 && nh.dev?.inDev?.ignoreRoutesWithLinkdown === true;
}

/** Shares the hashes out among the next hops of a route, by weight. `fib_rebalance()` */
export function rebalance(nexthops: readonly FibNexthop[]): void {
  if (nexthops.length < 2) return;
  let total = 0;
  for (const nh of nexthops) if (!isSpared(nh)) total += nh.weight;
  let sum = 0;
  for (const nh of nexthops) {
    if (!isSpared(nh)) sum += nh.weight;
    nh.upperBound = isSpared(nh) ? -1 : Math.round((sum * HASHES) / total) - 1;
  }
}

/** Whether a gateway is not known to be out of reach. `fib_good_nh()` */
function isGood(ip: Ipv4, nh: FibNexthop): boolean {
  if (nh.scope !== RT_SCOPE_LINK) return true;
  const dev = nh.dev as NetDevice;
  const neigh: Neigh | null =
    nh.gateway6 === null
      ? ip.neigh.lookup(nh.gateway, dev)
      : ip.netns.ipv6.neigh.lookup(nh.gateway6, dev);
  return neigh === null || isValid(neigh.nud);
}

/**
 * Chooses among the next hops of a multipath route, by weight and always the same for one flow. Those of a nexthop group are passed
 * over while their gateway is out of reach, others if fib_multipath_use_neigh says so. `fib_select_multipath()`, `nexthop_select_path()`
 */
export function selectMultipath(ip: Ipv4, flow: Flow4, res: FibResult, skb: SkBuff | null): void {
  const route = res.route;
  if (route === null || route.nexthops.length < 2 || flow.oif !== 0) return;
  const { nexthops } = route;
  const asks = route.object !== null || ip.conf.fib_multipath_use_neigh !== 0;
  const hash = multipathHash(ip, flow, skb);
  let first = true;
  for (let i = 0; i < nexthops.length; i++) {
    const nh = nexthops[i] as FibNexthop;
    if (asks) {
      if (!isGood(ip, nh)) continue;
      if (first) res.nh = nh;
      first = false;
    }
    if (hash > nh.upperBound) continue;
    res.nh = nh;
    return;
  }
}
