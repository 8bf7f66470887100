import type { Ipv6Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { insertAt, removeAt } from '@labwire/core/list';
import { type Nanos, type Simulator, Timer, type TimerOwner } from '@labwire/core/sim';
import { type DevicesByIndex, l3UpdateFlow } from '../link/l3-master.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { Fib6Nexthop, Fib6Route } from './fib6-route.ts';
import { defaultRules6, type Fib6Rule, Flowi6, lookupRules6 } from './fib6-rule.ts';
import { samePrefix6 } from './prefix6.ts';

/** Table ids. Linux include/uapi/linux/rtnetlink.h, RT_TABLE_*. */
export const RT6_TABLE_MAIN = 254;
export const RT6_TABLE_LOCAL = 255;
/** Metric of a route that names none. Linux include/uapi/linux/ipv6_route.h, IP6_RT_PRIO_USER. */
export const IP6_RT_PRIO_USER = 1024;
/** Metric of a prefix route. IP6_RT_PRIO_ADDRCONF */
export const IP6_RT_PRIO_ADDRCONF = 256;

function compareWords(a: Ipv6Addr, b: Ipv6Addr): number {
  const d0 = (a.w0 >>> 0) - (b.w0 >>> 0);
  if (d0 !== 0) return d0;
  const d1 = (a.w1 >>> 0) - (b.w1 >>> 0);
  if (d1 !== 0) return d1;
  const d2 = (a.w2 >>> 0) - (b.w2 >>> 0);
  return d2 !== 0 ? d2 : (a.w3 >>> 0) - (b.w3 >>> 0);
}

/** The order of a walk over the kernel's tree: what a prefix contains comes before it, else by address. `fib6_walk()` */
export function compareRoutes6(a: Fib6Route, b: Fib6Route): number {
  const shorter = Math.min(a.dstLen, b.dstLen);
  if (samePrefix6(a.dst, b.dst, shorter)) {
    return a.dstLen !== b.dstLen ? b.dstLen - a.dstLen : a.priority - b.priority;
  }
  return compareWords(a.dst, b.dst);
}

/** Routes up to which a table has no index. */
const SCANNED = 32;

/** One IPv6 routing table, kept in the order in which it is shown. */
export class Fib6Table {
  readonly id: number;
  routes: Fib6Route[] = [];
  /** The routes by the device of their first next hop; null while there are few. */
  #byDev: Map<NetDevice | null, Fib6Route[]> | null = null;
  /** The prefix lengths that there are, longest first; null while there are few routes. */
  #lengths: PrefixLengths | null = null;
  readonly #fib: { genid: number };

  /** @param fib whose generation grows at every change */
  constructor(id: number, fib: { genid: number }) {
    this.id = id;
    this.#fib = fib;
  }

  /** Puts a route behind its equals. */
  insert(route: Fib6Route): void {
    let lo = 0;
    let hi = this.routes.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (compareRoutes6(this.routes[mid] as Fib6Route, route) <= 0) lo = mid + 1;
      else hi = mid;
    }
    this.routes = insertAt(this.routes, lo, route);
    if (this.#byDev !== null) this.#index(this.#byDev, route);
    this.#lengths?.add(route.dstLen);
    this.#fib.genid++;
  }

  /** Gives a route, whose nexthop leads elsewhere now, its next hops. */
  setNexthops(route: Fib6Route, nexthops: readonly Fib6Nexthop[], blackhole: boolean): void {
    if (this.#byDev !== null) this.#unindex(this.#byDev, route);
    route.nexthops = nexthops;
    if (route.type === 'unicast' || route.type === 'blackhole')
      route.type = blackhole ? 'blackhole' : 'unicast';
    if (this.#byDev !== null) this.#index(this.#byDev, route);
    this.#fib.genid++;
  }

  /** Takes a route out; nothing happens if it is not there. */
  remove(route: Fib6Route): void {
    const i = this.routes.indexOf(route);
    if (i < 0) return;
    this.routes = removeAt(this.routes, i);
    if (this.#byDev !== null) this.#unindex(this.#byDev, route);
    this.#lengths?.remove(route.dstLen);
    this.#fib.genid++;
  }

  /** At least the routes whose first next hop is by way of `dev`; null for none. */
  routesVia(dev: NetDevice | null): readonly Fib6Route[] {
    if (this.routes.length <= SCANNED) return this.routes;
    if (this.#byDev === null) {
      this.#byDev = new Map();
      for (const route of this.routes) this.#index(this.#byDev, route);
    }
    return this.#byDev.get(dev) ?? [];
  }

  #index(byDev: Map<NetDevice | null, Fib6Route[]>, route: Fib6Route): void {
    const dev = firstDev(route);
    const routes = byDev.get(dev);
    byDev.set(dev, routes === undefined ? [route] : insertAt(routes, routes.length, route));
  }

  #unindex(byDev: Map<NetDevice | null, Fib6Route[]>, route: Fib6Route): void {
    const dev = firstDev(route);
    const routes = byDev.get(dev) ?? [];
    const at = routes.indexOf(route);
    if (at < 0) return;
    if (routes.length === 1) byDev.delete(dev);
    else byDev.set(dev, removeAt(routes, at));
  }

  /**
   * The best route to `dst`: the longest prefix, then the smallest metric.
   * @param oif the device it must use, null for any
   * @param usable whether a next hop may be used now
   */
  lookup(
    dst: Ipv6Addr,
    oif: NetDevice | null,
    usable: (nh: Fib6Nexthop) => boolean,
  ): Fib6Route | undefined {
    if (this.routes.length > SCANNED) return this.#search(dst, oif, usable);
    let best: Fib6Route | undefined;
    for (let i = 0; i < this.routes.length; i++) {
      const r = this.routes[i] as Fib6Route;
      if (
        best !== undefined &&
        (r.dstLen < best.dstLen || (r.dstLen === best.dstLen && r.priority >= best.priority))
      )
        continue;
      if (samePrefix6(r.dst, dst, r.dstLen) && hasHop(r, oif, usable)) best = r;
    }
    return best;
  }

  /** The same by the order of the table: one binary search for each prefix length that there is. */
  #search(
    dst: Ipv6Addr,
    oif: NetDevice | null,
    usable: (nh: Fib6Nexthop) => boolean,
  ): Fib6Route | undefined {
    this.#lengths ??= new PrefixLengths(this.routes);
    const { routes } = this;
    const { present } = this.#lengths;
    for (let n = 0; n < present.length; n++) {
      const plen = present[n] as number;
      for (let i = this.#firstOf(dst, plen); i < routes.length; i++) {
        const r = routes[i] as Fib6Route;
        if (r.dstLen !== plen || !samePrefix6(r.dst, dst, plen)) break;
        if (hasHop(r, oif, usable)) return r;
      }
    }
    return undefined;
  }

  /** Where the routes to the first `plen` bits of `dst` begin, or would. */
  #firstOf(dst: Ipv6Addr, plen: number): number {
    let lo = 0;
    let hi = this.routes.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (comesBefore(this.routes[mid] as Fib6Route, dst, plen)) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }
}

/** Whether a route stands before those to the first `plen` bits of `dst`. See {@link compareRoutes6} */
function comesBefore(r: Fib6Route, dst: Ipv6Addr, plen: number): boolean {
  if (samePrefix6(r.dst, dst, Math.min(r.dstLen, plen))) return r.dstLen > plen;
  return compareWords(r.dst, dst) < 0;
}

/** How many routes a table has of each prefix length. */
class PrefixLengths {
  /** Longest first. */
  present: readonly number[] = [];
  readonly #counts = new Uint32Array(129);

  constructor(routes: readonly Fib6Route[]) {
    for (const r of routes) this.add(r.dstLen);
  }

  add(plen: number): void {
    const count = (this.#counts[plen] as number) + 1;
    this.#counts[plen] = count;
    if (count === 1) this.present = [...this.present, plen].sort((a, b) => b - a);
  }

  remove(plen: number): void {
    const count = (this.#counts[plen] as number) - 1;
    this.#counts[plen] = count;
    if (count === 0) this.present = this.present.filter((each) => each !== plen);
  }
}

function firstDev(route: Fib6Route): NetDevice | null {
  return route.nexthops[0]?.dev ?? null;
}

function hasHop(
  r: Fib6Route,
  oif: NetDevice | null,
  usable: (nh: Fib6Nexthop) => boolean,
): boolean {
  if (r.nexthops.length === 0) return oif === null;
  for (let i = 0; i < r.nexthops.length; i++) {
    const nh = r.nexthops[i] as Fib6Nexthop;
    if ((oif === null || nh.dev === oif || nh.dev === null) && usable(nh)) return true;
  }
  return false;
}

/** What lookups of all namespaces share; never held over a call. */
const plain = new Flowi6();

/** The IPv6 routing tables and rules of one namespace. */
export class Fib6 {
  /** Grows with every change: what was looked up before may no longer hold. */
  genid = 0;
  /** The namespace's devices once it has layer 3 domains; null before. */
  l3: DevicesByIndex | null = null;
  #local: Fib6Table | null = null;
  #main: Fib6Table | null = null;
  /** The other tables; null while there is none. */
  #others: Map<number, Fib6Table> | null = null;
  /** null while the rules are those of a fresh namespace. */
  #rules: readonly Fib6Rule[] | null = null;

  /** The table of an id; made if there is none yet. */
  table(id: number): Fib6Table {
    if (id === RT6_TABLE_LOCAL) {
      this.#local ??= new Fib6Table(id, this);
      return this.#local;
    }
    if (id === RT6_TABLE_MAIN) {
      this.#main ??= new Fib6Table(id, this);
      return this.#main;
    }
    return this.#others?.get(id) ?? this.#newOther(id);
  }

  #newOther(id: number): Fib6Table {
    const table = new Fib6Table(id, this);
    this.#others ??= new Map();
    this.#others.set(id, table);
    return table;
  }

  /** The tables that exist, main before local, as a dump walks them. */
  tables(): Fib6Table[] {
    const tables: Fib6Table[] = [];
    if (this.#main !== null) tables.push(this.#main);
    if (this.#local !== null) tables.push(this.#local);
    if (this.#others === null) return tables;
    return tables
      .concat(...this.#others.values())
      .sort((a, b) => (a.id & 255) - (b.id & 255) || a.id - b.id);
  }

  /** Whether the rules were ever changed. `net->ipv6.fib6_has_custom_rules` */
  get hasCustomRules(): boolean {
    return this.#rules !== null;
  }

  /** The rules, in the order in which they are tried. */
  rules(): readonly Fib6Rule[] {
    return this.#rules ?? defaultRules6();
  }

  /** Replaces the rules. */
  setRules(rules: readonly Fib6Rule[]): void {
    this.#rules = rules;
    this.genid++;
  }

  /**
   * The route that the rules lead to. `fib6_rule_lookup()`
   * @param oif the device it must use, null for any
   * @param flow what the rules look at beside these; null for a lookup that is about the address alone
   */
  lookup(
    dst: Ipv6Addr,
    oif: NetDevice | null,
    usable: (nh: Fib6Nexthop) => boolean,
    flow: Flowi6 | null = null,
  ): Fib6Route | undefined {
    if (this.#rules === null)
      return this.#local?.lookup(dst, oif, usable) ?? this.#main?.lookup(dst, oif, usable);
    const keys = flow ?? plain.to(dst, null);
    keys.daddr = dst;
    keys.oif = oif?.ifindex ?? 0;
    keys.l3mdev = 0;
    if (this.l3 !== null) l3UpdateFlow(this.l3, keys);
    return lookupRules6(this.#rules, keys, this, keys.oif === 0 ? null : oif, usable);
  }

  /** The best route of one table. */
  lookupTable(
    id: number,
    dst: Ipv6Addr,
    oif: NetDevice | null,
    usable: (nh: Fib6Nexthop) => boolean,
  ): Fib6Route | undefined {
    if (id === RT6_TABLE_LOCAL) return this.#local?.lookup(dst, oif, usable);
    if (id === RT6_TABLE_MAIN) return this.#main?.lookup(dst, oif, usable);
    return this.#others?.get(id)?.lookup(dst, oif, usable);
  }

  /** Every route, table by table. */
  all(): Fib6Route[] {
    return this.tables().flatMap((t) => t.routes);
  }

  /** Adds a route. @throws {@link KernelError} EEXIST if the same one is there */
  add(route: Fib6Route): void {
    const table = this.table(route.table);
    const dev = firstDev(route);
    const same = (r: Fib6Route) => sameRoute6(r, route);
    const rivals = dev === null ? table.routes : table.routesVia(dev);
    if (rivals.some(same) || table.routesVia(null).some(same)) throw new KernelError('EEXIST');
    table.insert(route);
  }

  /** Takes out every route that `match` picks. */
  removeWhere(match: (r: Fib6Route) => boolean): void {
    for (const t of this.tables()) for (const r of t.routes.filter(match)) t.remove(r);
  }
}

/** Same destination, metric and next hop: what the kernel calls a duplicate. `rt6_duplicate_nexthop()` */
function sameRoute6(a: Fib6Route, b: Fib6Route): boolean {
  if (a.dstLen !== b.dstLen || a.priority !== b.priority || compareWords(a.dst, b.dst) !== 0)
    return false;
  const x = a.nexthops[0];
  const y = b.nexthops[0];
  if (x === undefined || y === undefined) return true;
  if (x.dev !== y.dev || (x.gateway === null) !== (y.gateway === null)) return false;
  return x.gateway === null || compareWords(x.gateway, y.gateway as Ipv6Addr) === 0;
}

/** Takes routes away when their time has come. `fib6_run_gc()` */
export class Fib6Expiry implements TimerOwner {
  readonly #sim: Simulator;
  readonly #fib: Fib6;
  readonly #timer: Timer;

  constructor(sim: Simulator, fib: Fib6) {
    this.#sim = sim;
    this.#fib = fib;
    this.#timer = new Timer(sim, this, 0);
  }

  /** Looks again at the latest when `route` ends, which it does. */
  watch(route: Fib6Route): void {
    if (!this.#timer.armed || route.expires < this.#timer.deadline) this.#arm(route.expires);
  }

  #arm(at: Nanos): void {
    this.#timer.arm(Math.max(1, at - this.#sim.now));
  }

  onTimer(): void {
    const { now } = this.#sim;
    this.#fib.removeWhere((r) => r.expires <= now);
    let next = Infinity;
    for (const r of this.#fib.all()) next = Math.min(next, r.expires);
    if (next !== Infinity) this.#arm(next);
  }
}
