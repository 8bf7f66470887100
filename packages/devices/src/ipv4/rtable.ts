import type { Ipv6Addr } from '@labwire/core/addr';
import type { Errno } from '@labwire/core/error';
import type { Nanos } from '@labwire/core/sim';
import type { FibNexthop, FibRoute } from '../fib/index.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { Neigh } from '../neigh/index.ts';
import type { RouteType } from '../rtnetlink/types.ts';

/** Flags of a route entry. Linux include/uapi/linux/in_route.h, RTCF_*. */
export const RTCF_NOTIFY = 0x0001_0000;
export const RTCF_REDIRECTED = 0x0004_0000;
export const RTCF_DOREDIRECT = 0x0100_0000;
export const RTCF_BROADCAST = 0x1000_0000;
export const RTCF_MULTICAST = 0x2000_0000;
export const RTCF_LOCAL: number = 0x8000_0000 | 0;

/** What is done with a packet that came in. `dst->input` */
export const INPUT_LOCAL = 1;
export const INPUT_FORWARD = 2;
export const INPUT_ERROR = 3;

/** Largest packet. IP_MAX_MTU */
const IP_MAX_MTU = 65_535;

/** What routing decided for packets: the `dst` of an skb. Linux `struct rtable`. */
export class Rtable {
  /** Where packets go out; for those to ourselves, `lo`. */
  readonly dev: NetDevice;
  readonly type: RouteType;
  /** INPUT_* */
  readonly input: number;
  /** RTCF_* */
  flags: number;
  /** Why packets are refused, of an INPUT_ERROR. */
  readonly error: Errno | undefined;
  /** 0 if the destination is on the link. */
  gateway = 0;
  /** A gateway of IPv6 in its place; null for none. */
  gateway6: Ipv6Addr | null = null;
  readonly nh: FibNexthop | null;
  readonly route: FibRoute | null;
  /** The routing table, 0 if none was asked. */
  readonly table: number;
  /** Made for packets that came in, through whichever device; not for our own. `rt_is_input` */
  readonly isInput: boolean;
  /** The state of the tables that it was made of. */
  readonly genid: number;
  /** The path MTU that was learnt, 0 for none, until {@link expires}. */
  pmtu = 0;
  mtuLocked = false;
  expires: Nanos = 0;
  /** The neighbour that the last packet went to; null until there was one. */
  neigh: Neigh | null = null;

  constructor(of: {
    dev: NetDevice;
    type: RouteType;
    input: number;
    flags: number;
    error?: Errno | undefined;
    nh: FibNexthop | null;
    route: FibRoute | null;
    table: number;
    isInput: boolean;
    genid: number;
  }) {
    this.dev = of.dev;
    this.type = of.type;
    this.input = of.input;
    this.flags = of.flags;
    this.error = of.error;
    this.nh = of.nh;
    this.route = of.route;
    this.table = of.table;
    this.isInput = of.isInput;
    this.genid = of.genid;
    if (of.nh === null || of.type !== 'unicast') return;
    this.gateway = of.nh.gateway;
    this.gateway6 = of.nh.gateway6;
  }

  /**
   * Bytes of the largest packet that may be sent along it. Takes the clock, not the time, which would be boxed.
   * @param forwarding for others: what was learnt of the path does not count. `ip_dst_mtu_maybe_forward()`
   */
  mtu(clock: { readonly now: Nanos }, forwarding: boolean): number {
    if (this.pmtu !== 0 && clock.now < this.expires && (!forwarding || this.mtuLocked))
      return this.pmtu;
    const metric = this.route === null ? 0 : (this.route.metrics.mtu ?? 0);
    return Math.min(metric === 0 ? this.dev.mtu : metric, IP_MAX_MTU);
  }
}
