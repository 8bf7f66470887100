import { type Ipv4Addr, type Ipv6Addr, ipv4Mask, sameIpv6 } from '@labwire/core/addr';
import type { Errno } from '@labwire/core/error';
import type { NetDevice } from '../link/net-device.ts';
import type { Nexthop } from '../nexthop/nexthop.ts';
import type { RouteType } from '../rtnetlink/types.ts';

/** Tables that every namespace has. Linux include/uapi/linux/rtnetlink.h, RT_TABLE_*. */
export const RT_TABLE_DEFAULT = 253;
export const RT_TABLE_MAIN = 254;
export const RT_TABLE_LOCAL = 255;

/** How far a destination is: the larger, the nearer. RT_SCOPE_* */
export const RT_SCOPE_UNIVERSE = 0;
export const RT_SCOPE_SITE = 200;
export const RT_SCOPE_LINK = 253;
export const RT_SCOPE_HOST = 254;
export const RT_SCOPE_NOWHERE = 255;

/** Who made a route. RTPROT_* */
export const RTPROT_KERNEL = 2;
export const RTPROT_BOOT = 3;

/** Flags of a next hop. RTNH_F_* */
export const RTNH_F_DEAD = 1;
export const RTNH_F_PERVASIVE = 2;
export const RTNH_F_ONLINK = 4;
export const RTNH_F_LINKDOWN = 16;

/** What a route type does to a lookup, and the widest scope that it may have. Linux net/ipv4/fib_semantics.c, fib_props[]. */
export const FIB_PROPS: Readonly<
  Record<RouteType, { readonly error: Errno | undefined; readonly scope: number }>
> = {
  unicast: { error: undefined, scope: RT_SCOPE_UNIVERSE },
  local: { error: undefined, scope: RT_SCOPE_HOST },
  broadcast: { error: undefined, scope: RT_SCOPE_LINK },
  anycast: { error: undefined, scope: RT_SCOPE_LINK },
  multicast: { error: undefined, scope: RT_SCOPE_UNIVERSE },
  blackhole: { error: 'EINVAL', scope: RT_SCOPE_UNIVERSE },
  unreachable: { error: 'EHOSTUNREACH', scope: RT_SCOPE_UNIVERSE },
  prohibit: { error: 'EACCES', scope: RT_SCOPE_UNIVERSE },
  throw: { error: 'EAGAIN', scope: RT_SCOPE_UNIVERSE },
};

/** One way to a destination. Linux `struct fib_nh`. */
export class FibNexthop {
  /** null for a type without one: blackhole and the like. */
  dev: NetDevice | null;
  /** 0 if the destination is on the link. */
  gateway: Ipv4Addr;
  /** 1 to 256. */
  readonly weight: number;
  /** A gateway of IPv6 in place of {@link gateway}; null for none. RFC 5549 */
  gateway6: Ipv6Addr | null = null;
  /** RTNH_F_* */
  flags: number;
  /** RT_SCOPE_* of the gateway. */
  scope = 0;
  /** The largest hash of a flow that it takes, of those that the one before does not; -1 for none. `fib_nh_upper_bound` */
  upperBound = -1;
  /** The route entries made of it, for packets of ours and for others'; owned by `ipv4`. */
  rthOutput: unknown = null;
  rthInput: unknown = null;
  /** What was learnt of single destinations (path MTU, redirect); owned by `ipv4`. */
  exceptions: unknown = null;

  constructor(dev: NetDevice | null, gateway: Ipv4Addr, weight: number, flags: number) {
    this.dev = dev;
    this.gateway = gateway;
    this.weight = weight;
    this.flags = flags;
  }
}

/** Shared by the routes that have none: most. */
export const NO_METRICS: Readonly<Record<string, number>> = Object.freeze({});

/** What a route is made of. */
export interface NewFibRoute {
  readonly type: RouteType;
  readonly dst: Ipv4Addr;
  readonly plen: number;
  readonly tos: number;
  readonly priority: number;
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  /** 0 for none. */
  readonly prefsrc: Ipv4Addr;
  readonly nexthops: readonly FibNexthop[];
  readonly metrics: Readonly<Record<string, number>>;
  /** The nexthop that it names by its id; absent or null for none. */
  readonly object?: Nexthop | null;
}

/** What many routes have in common: never changed. */
interface FibKind {
  readonly type: RouteType;
  readonly tos: number;
  readonly priority: number;
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly object: Nexthop | null;
}

/** The kinds that were made last: few are in use, however many namespaces and routes there are. */
const kinds: FibKind[] = [];
const KINDS = 16;
let nextKind = 0;

function kindOf(of: NewFibRoute): FibKind {
  const { type, tos, priority, table, protocol, scope, metrics, object = null } = of;
  const known = kinds.find(
    (k) =>
      k.type === type &&
      k.tos === tos &&
      k.priority === priority &&
      k.table === table &&
      k.protocol === protocol &&
      k.scope === scope &&
      k.metrics === metrics &&
      k.object === object,
  );
  if (known !== undefined) return known;
  const kind = { type, tos, priority, table, protocol, scope, metrics, object };
  if (object !== null) return kind; // which is not held here beyond its time
  kinds[nextKind] = kind;
  nextKind = (nextKind + 1) % KINDS;
  return kind;
}

/** One route. Linux `struct fib_alias` with its `struct fib_info`. */
export class FibRoute {
  /** What it does with packets: by way of a nexthop that drops them, `blackhole`. */
  type: RouteType;
  readonly dst: Ipv4Addr;
  readonly plen: number;
  readonly prefsrc: Ipv4Addr;
  /** Changed by its table alone. */
  nexthops: readonly FibNexthop[];
  /** RTNH_F_DEAD, RTNH_F_LINKDOWN once all its next hops are. */
  flags = 0;
  /** The next best of its prefix; owned by its table. */
  next: FibRoute | null = null;
  readonly #kind: FibKind;

  constructor(of: NewFibRoute) {
    this.type = of.object?.blackhole === true && of.type === 'unicast' ? 'blackhole' : of.type;
    this.dst = of.dst;
    this.plen = of.plen;
    this.prefsrc = of.prefsrc;
    this.nexthops = of.nexthops;
    this.#kind = kindOf(of);
  }

  /** What was asked for. */
  get askedType(): RouteType {
    return this.#kind.type;
  }
  get mask(): number {
    return ipv4Mask(this.plen);
  }
  get tos(): number {
    return this.#kind.tos;
  }
  get priority(): number {
    return this.#kind.priority;
  }
  get table(): number {
    return this.#kind.table;
  }
  get protocol(): number {
    return this.#kind.protocol;
  }
  get scope(): number {
    return this.#kind.scope;
  }
  get metrics(): Readonly<Record<string, number>> {
    return this.#kind.metrics;
  }
  /** The nexthop that it names by its id; null for none. `fib_info.nh` */
  get object(): Nexthop | null {
    return this.#kind.object;
  }
}

/** Whether two routes say the same of the same prefix. `fib_find_info()` */
export function sameRoute(a: FibRoute, b: FibRoute): boolean {
  return (
    a.askedType === b.askedType &&
    a.protocol === b.protocol &&
    a.scope === b.scope &&
    a.prefsrc === b.prefsrc &&
    a.priority === b.priority &&
    a.object === b.object &&
    a.nexthops.length === b.nexthops.length &&
    a.nexthops.every((nh, i) => sameNexthop(nh, b.nexthops[i] as FibNexthop)) &&
    sameMetrics(a.metrics, b.metrics)
  );
}

function sameNexthop(a: FibNexthop, b: FibNexthop): boolean {
  const COMPARED = RTNH_F_ONLINK | RTNH_F_PERVASIVE;
  return (
    a.dev === b.dev &&
    a.gateway === b.gateway &&
    sameGateway6(a.gateway6, b.gateway6) &&
    a.weight === b.weight &&
    a.scope === b.scope &&
    (a.flags & COMPARED) === (b.flags & COMPARED)
  );
}

function sameGateway6(a: Ipv6Addr | null, b: Ipv6Addr | null): boolean {
  return a === b || (a !== null && b !== null && sameIpv6(a, b));
}

function sameMetrics(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((k) => a[k] === b[k]);
}
