import type { Nanos } from '@labwire/core/sim';
import { SEC } from '@labwire/core/sim';
import type { FibNexthop } from '../../fib/index.ts';
import type { Ipv4 } from '../ipv4.ts';
import { RTCF_REDIRECTED, type Rtable } from '../rtable.ts';

/** Destinations of which one next hop may know more than its route says. FNHE_HASH_SIZE × FNHE_RECLAIM_DEPTH */
const MAX_EXCEPTIONS = 2048 * 5;
/** How long a redirect is believed. `ip_rt_gc_timeout` */
const REDIRECT_TIMEOUT: Nanos = 300 * SEC;

/** What was learnt of one destination: a smaller path MTU, a better gateway. Linux `struct fib_nh_exception`. */
export class NexthopException {
  /** 0 for that of the route. */
  gateway = 0;
  /** 0 for none. */
  pmtu = 0;
  mtuLocked = false;
  expires: Nanos = 0;
  genid = 0;
  rthInput: Rtable | null = null;
  rthOutput: Rtable | null = null;

  /** Makes a route entry of it. `fill_route_from_fnhe()` */
  apply(rt: Rtable): void {
    rt.pmtu = this.pmtu;
    rt.mtuLocked = this.mtuLocked;
    rt.expires = this.expires;
    if (this.gateway !== 0) {
      rt.gateway = this.gateway;
      rt.flags |= RTCF_REDIRECTED;
    }
  }
}

type Exceptions = Map<number, NexthopException>;

/** What is known of a destination and has not expired; null for nothing. `find_exception()` */
export function bindException(ip: Ipv4, nh: FibNexthop, daddr: number): NexthopException | null {
  const all = nh.exceptions as Exceptions | null;
  if (all === null) return null;
  const found = all.get(daddr);
  if (found === undefined) return null;
  if (ip.netns.sim.now < found.expires && found.genid === ip.exceptionGenid) return found;
  all.delete(daddr);
  return null;
}

/** The destinations of which something is known. */
export function exceptionsOf(ip: Ipv4, nh: FibNexthop): number[] {
  const all = nh.exceptions as Exceptions | null;
  return all === null ? [] : [...all.keys()].filter((d) => bindException(ip, nh, d) !== null);
}

/** Notes what was learnt of a destination. `update_or_create_fnhe()` */
export function updateException(
  ip: Ipv4,
  nh: FibNexthop,
  daddr: number,
  what: { gateway?: number; pmtu?: number; locked?: boolean; expires?: Nanos },
): void {
  nh.exceptions ??= new Map<number, NexthopException>();
  const all = nh.exceptions as Exceptions;
  let fnhe = bindException(ip, nh, daddr);
  if (fnhe === null) {
    const oldest = all.size >= MAX_EXCEPTIONS ? all.keys().next().value : undefined;
    if (oldest !== undefined) all.delete(oldest);
    fnhe = new NexthopException();
    fnhe.genid = ip.exceptionGenid;
    all.set(daddr, fnhe);
  }
  if (what.gateway !== undefined) fnhe.gateway = what.gateway;
  if (what.pmtu !== undefined) {
    fnhe.pmtu = what.pmtu;
    fnhe.mtuLocked = what.locked ?? false;
  }
  fnhe.expires = what.expires ?? ip.netns.sim.now + REDIRECT_TIMEOUT;
  fnhe.rthInput = null;
  fnhe.rthOutput = null;
  ip.fib.flushCache();
}

/** A device's MTU has changed: so have path MTUs that were as large, or are larger now. `fib_nhc_update_mtu()` */
export function syncExceptionMtu(nh: FibNexthop, from: number, to: number): void {
  const all = nh.exceptions as Exceptions | null;
  if (all === null) return;
  for (const fnhe of all.values()) {
    if (fnhe.pmtu === 0) continue;
    if (fnhe.mtuLocked) {
      if (to > fnhe.pmtu) continue;
      fnhe.mtuLocked = false;
      fnhe.pmtu = to;
    } else if (to < fnhe.pmtu || from === fnhe.pmtu) fnhe.pmtu = to;
  }
}
