import type { NetDevice } from '../link/net-device.ts';
import type { RouteType } from '../rtnetlink/types.ts';
import type { FibNexthop, FibRoute } from './fib-route.ts';

/** Looks a route up whatever its devices' carriers. Linux include/net/ip_fib.h, FIB_LOOKUP_IGNORE_LINKSTATE. */
export const FIB_LOOKUP_IGNORE_LINKSTATE = 1;
/** Flow flag: the source need not be an address of ours. FLOWI_FLAG_ANYSRC */
export const FLOWI_FLAG_ANYSRC = 1;
/** Flow flag: the destination is on the link, whatever the routes say (MSG_DONTROUTE). RTO_ONLINK */
export const FLOWI_FLAG_ONLINK = 2;

/** What flows of both families have. Linux `struct flowi_common` */
export abstract class FlowFields {
  /** Index of the device it must go out of, 0 for any. */
  oif = 0;
  /** Index of the device it came in through; that of `lo` for our own. */
  iif = 0;
  /** DSCP bits of the TOS field, or of the traffic class. */
  tos = 0;
  mark = 0;
  protocol = 0;
  sport = 0;
  dport = 0;
  uid = 0;
  /** Index of the device that stands for its layer 3 domain; 0 while none is known. */
  l3mdev = 0;

  /** Makes it a flow of which nothing is known. */
  protected clear(): void {
    this.oif = 0;
    this.iif = 0;
    this.tos = 0;
    this.mark = 0;
    this.protocol = 0;
    this.sport = 0;
    this.dport = 0;
    this.uid = 0;
    this.l3mdev = 0;
  }
}

/** What a route is looked up for; filled in anew for each lookup, so that none is allocated. Linux `struct flowi4`. */
export class Flow4 extends FlowFields {
  daddr = 0;
  saddr = 0;
  /** RT_SCOPE_*: routes of a wider scope are passed over. */
  scope = 0;
  flags = 0;

  /** Makes it a plain flow to an address. @returns itself */
  to(daddr: number): Flow4 {
    this.clear();
    this.daddr = daddr;
    this.saddr = 0;
    this.scope = 0;
    this.flags = 0;
    return this;
  }
}

/** What a lookup found. Linux `struct fib_result`. */
export class FibResult {
  type: RouteType = 'unicast';
  scope = 0;
  prefixLen = 0;
  table = 0;
  route: FibRoute | null = null;
  nh: FibNexthop | null = null;

  /** The device of the next hop that was found. */
  get dev(): NetDevice | null {
    return this.nh === null ? null : this.nh.dev;
  }

  /** Takes over what another lookup found. */
  copyFrom(from: FibResult): void {
    this.type = from.type;
    this.scope = from.scope;
    this.prefixLen = from.prefixLen;
    this.table = from.table;
    this.route = from.route;
    this.nh = from.nh;
  }
}
