import { IPV6_ANY, type Ipv6Addr } from '@labwire/core/addr';
import { type Nanos, Timer, type TimerOwner } from '@labwire/core/sim';
import type { Bridge } from '../bridge.ts';
import type { McastFamily } from './port-multicast.ts';

/** Who else asks about groups of one family, and since when answers can be relied on. Linux `struct bridge_mcast_other_query`. */
export class OtherQuerier implements TimerOwner {
  readonly family: McastFamily;
  readonly #bridge: Bridge;
  #timer: Timer | null = null;
  /** Groups are not relied on before: hosts need time to answer the first query. */
  delayUntil: Nanos = -1;
  // The querier with the lowest address, 0 or :: for the bridge itself without one.
  #addr4 = 0;
  #addr6: Ipv6Addr = IPV6_ANY;

  constructor(bridge: Bridge, family: McastFamily) {
    this.#bridge = bridge;
    this.family = family;
  }

  /** Whether somebody else asks. */
  get pending(): boolean {
    return this.#timer?.armed === true;
  }

  /** Whether there is a querier, so that groups without members are known to have none. `__br_multicast_querier_exists()` */
  exists(ownEnabled: boolean, now: Nanos): boolean {
    return now > this.delayUntil && (ownEnabled || this.#timer?.armed === true);
  }

  /** The bridge begins to ask: answers are relied on once hosts had time. */
  beginDelay(): void {
    const { clock, mcast } = this.#bridge;
    if (!this.pending) this.delayUntil = clock.now + mcast.queryResponseInterval;
  }

  /** Takes the bridge itself as the querier. `br_multicast_select_own_querier()` */
  selectOwn(addr4: number, addr6: Ipv6Addr): void {
    this.#addr4 = addr4 >>> 0;
    this.#addr6 = addr6;
  }

  /** Whether one that asks with an IPv4 address is the querier from now on. `br_multicast_select_querier()` */
  heard4(addr: number, ownRuns: boolean, maxDelay: Nanos): boolean {
    const source = addr >>> 0;
    const isNew = (!ownRuns && !this.pending) || this.#addr4 === 0 || source <= this.#addr4;
    if (!isNew) return false;
    this.#addr4 = source;
    this.#heard(maxDelay);
    return true;
  }

  /** {@link heard4} of IPv6. */
  heard6(addr: Ipv6Addr, ownRuns: boolean, maxDelay: Nanos): boolean {
    const isNew = (!ownRuns && !this.pending) || compareIpv6(addr, this.#addr6) <= 0;
    if (!isNew) return false;
    this.#addr6 = addr;
    this.#heard(maxDelay);
    return true;
  }

  /** `br_multicast_update_query_timer()` */
  #heard(maxDelay: Nanos): void {
    const { clock, mcast } = this.#bridge;
    if (!this.pending) this.delayUntil = clock.now + maxDelay;
    this.#timer ??= new Timer(clock, this, 0);
    this.#timer.arm(mcast.querierInterval);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** It has gone silent: the bridge asks in its place, if it may. `br_multicast_querier_expired()` */
  onTimer(): void {
    this.#bridge.mcast.startQuerier(this.family);
  }
}

/** Which of two addresses is the lower: the sign of the result. `ipv6_addr_cmp()` */
function compareIpv6(a: Ipv6Addr, b: Ipv6Addr): number {
  return (
    (a.w0 >>> 0) - (b.w0 >>> 0) ||
    (a.w1 >>> 0) - (b.w1 >>> 0) ||
    (a.w2 >>> 0) - (b.w2 >>> 0) ||
    (a.w3 >>> 0) - (b.w3 >>> 0)
  );
}
