import type { Nanos } from '@labwire/core/sim';
import type { OwnQuery } from './own-query.ts';

/** Who is a multicast router. Linux `MDB_RTR_TYPE_*`. */
export const ROUTER_DISABLED = 0;
/** Whoever asks is one for a while. */
export const ROUTER_TEMP_QUERY = 1;
export const ROUTER_PERM = 2;
/** One for a while, until it is refreshed. */
export const ROUTER_TEMP = 3;

/** The two protocols that know groups. */
export type McastFamily = 'inet' | 'inet6';

/** What snooping knows of a port, or of the bridge itself. Linux `struct net_bridge_mcast_port`. */
export class PortMulticast {
  /** ROUTER_* */
  router: number = ROUTER_TEMP_QUERY;
  // Until when it counts as a router of each family.
  routerUntil4: Nanos = -1;
  routerUntil6: Nanos = -1;
  // The queries that the bridge sends there; made when first needed.
  query4: OwnQuery | null = null;
  query6: OwnQuery | null = null;

  /** Whether traffic of all groups goes there. */
  isRouter(isIpv6: boolean, now: Nanos): boolean {
    if (this.router === ROUTER_PERM) return true;
    return (isIpv6 ? this.routerUntil6 : this.routerUntil4) > now;
  }

  /** Time that it still counts as a router, of either family; 0 if for ever. */
  routerTimeLeft(now: Nanos): Nanos {
    return Math.max(0, this.routerUntil4 - now, this.routerUntil6 - now);
  }

  /** Is no router any more. */
  forgetRouter(): void {
    this.routerUntil4 = -1;
    this.routerUntil6 = -1;
  }

  /** Sends no more queries. */
  stopQueries(): void {
    this.query4?.stop();
    this.query6?.stop();
  }
}
