import type { FibNexthop, FibResult, Flow4 } from '../../fib/index.ts';
import { RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../../fib/index.ts';
import type { Ipv4 } from '../ipv4.ts';

/** Seeds the hash of flows; any number does. */
const SEED = 0x2545f491;

function mix(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x85ebca6b);
  return h ^ (h >>> 13);
}

/** A hash that all packets of a flow share: 31 bits. `fib_multipath_hash()` */
function flowHash(ip: Ipv4, flow: Flow4): number {
  let hash = mix(mix(SEED, flow.saddr), flow.daddr);
  if (ip.conf.fib_multipath_hash_policy === 1) {
    hash = mix(mix(hash, flow.protocol), (flow.sport << 16) | flow.dport);
  }
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & 0x7fff_ffff;
}

function usable(nh: FibNexthop): boolean {
  if ((nh.flags & RTNH_F_DEAD) !== 0) return false;
  if ((nh.flags & RTNH_F_LINKDOWN) === 0) return true;
  return nh.dev?.inDev?.ignoreRoutesWithLinkdown !== true;
}

/** Chooses among the next hops of a multipath route, by weight and always the same for one flow. `fib_select_path()` */
export function selectMultipath(ip: Ipv4, flow: Flow4, res: FibResult): void {
  const nexthops = res.route?.nexthops;
  if (nexthops === undefined || nexthops.length < 2 || flow.oif !== 0) return;
  let total = 0;
  for (let i = 0; i < nexthops.length; i++) {
    const nh = nexthops[i] as FibNexthop;
    if (usable(nh)) total += nh.weight;
  }
  if (total === 0) return;
  let left = Math.floor((flowHash(ip, flow) / 0x8000_0000) * total);
  for (let i = 0; i < nexthops.length; i++) {
    const nh = nexthops[i] as FibNexthop;
    if (!usable(nh)) continue;
    left -= nh.weight;
    if (left < 0) {
      res.nh = nh;
      return;
    }
  }
}
