import type { Ipv6Addr } from '@labwire/core/addr';
import type { Nanos } from '@labwire/core/sim';
import type { NetDevice } from '../link/net-device.ts';
import type { Nexthop } from '../nexthop/nexthop.ts';
import type { RouteType } from '../rtnetlink/types.ts';

/** One next hop of an IPv6 route. Linux `struct fib6_nh`. */
export interface Fib6Nexthop {
  /** null only for types without a device. */
  readonly dev: NetDevice | null;
  readonly gateway: Ipv6Addr | null;
  readonly weight: number;
  /** RTNH_F_ONLINK was asked for. */
  readonly onlink: boolean;
}

/** What many routes have in common: never changed. */
interface Fib6Kind {
  readonly dstLen: number;
  readonly table: number;
  readonly protocol: number;
  readonly priority: number;
  readonly prefsrc: Ipv6Addr | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly object: Nexthop | null;
}

/** What a route is made of. */
export interface NewFib6Route extends Omit<Fib6Kind, 'object'> {
  readonly type: RouteType;
  readonly dst: Ipv6Addr;
  readonly nexthops: readonly Fib6Nexthop[];
  /** The nexthop that it names by its id; absent or null for none. */
  readonly object?: Nexthop | null;
}

/** The kinds that were made last: few are in use, however many namespaces and routes there are. */
const kinds: Fib6Kind[] = [];
const KINDS = 16;
let nextKind = 0;

function kindOf(of: NewFib6Route): Fib6Kind {
  const { dstLen, table, protocol, priority, prefsrc, metrics, object = null } = of;
  const known = kinds.find(
    (k) =>
      k.dstLen === dstLen &&
      k.table === table &&
      k.protocol === protocol &&
      k.priority === priority &&
      k.prefsrc === prefsrc &&
      k.metrics === metrics &&
      k.object === object,
  );
  if (known !== undefined) return known;
  const kind = { dstLen, table, protocol, priority, prefsrc, metrics, object };
  if (object !== null) return kind; // which is not held here beyond its time
  kinds[nextKind] = kind;
  nextKind = (nextKind + 1) % KINDS;
  return kind;
}

/** In place of a time: never. A small integer, which takes no place of its own. */
const NEVER = -1;

/** One IPv6 route. Linux `struct fib6_info`. */
export class Fib6Route {
  /** What it does with packets: by way of a nexthop that drops them, `blackhole`. */
  type: RouteType;
  readonly dst: Ipv6Addr;
  /** Shared with other routes: replaced, never changed in place. */
  nexthops: readonly Fib6Nexthop[];
  readonly #kind: Fib6Kind;
  #expires: Nanos = NEVER;

  constructor(of: NewFib6Route) {
    this.type = of.type;
    this.dst = of.dst;
    this.nexthops = of.nexthops;
    this.#kind = kindOf(of);
  }

  get dstLen(): number {
    return this.#kind.dstLen;
  }
  get table(): number {
    return this.#kind.table;
  }
  /** RTPROT_* */
  get protocol(): number {
    return this.#kind.protocol;
  }
  /** Smaller wins. */
  get priority(): number {
    return this.#kind.priority;
  }
  get prefsrc(): Ipv6Addr | null {
    return this.#kind.prefsrc;
  }
  get metrics(): Readonly<Record<string, number>> {
    return this.#kind.metrics;
  }
  /** The nexthop that it names by its id; null for none. */
  get object(): Nexthop | null {
    return this.#kind.object;
  }

  /** When it goes, Nanos since the start; Infinity for never. */
  get expires(): Nanos {
    return this.#expires === NEVER ? Infinity : this.#expires;
  }
  set expires(at: Nanos) {
    this.#expires = at === Infinity ? NEVER : at;
  }
}
