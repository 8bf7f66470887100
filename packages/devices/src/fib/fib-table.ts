import type { Errno } from '@labwire/core/error';
import { insertAt, removeAt } from '@labwire/core/list';
import type { NetDevice } from '../link/net-device.ts';
import type { NewFlags } from '../rtnetlink/requests.ts';
import {
  FIB_PROPS,
  type FibNexthop,
  type FibRoute,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  sameRoute,
} from './fib-route.ts';
import { LEGACY_TOS_MASK } from './fib-rule.ts';
import { FIB_LOOKUP_IGNORE_LINKSTATE, type FibResult, type Flow4 } from './flow.ts';
import { LpmTrie } from './lpm-trie.ts';

/** Prefixes up to which a table is scanned; more go to a trie. */
const SCANNED = 16;
const scratch = new Int32Array(33);

/** Where the routes of a prefix belong among those of others: longest prefixes first. */
function compareLeaves(a: FibRoute, b: FibRoute): number {
  return b.plen - a.plen || (a.dst >>> 0) - (b.dst >>> 0);
}

/** The routes of one prefix, of which `first` is the best. */
function routesOf(first: FibRoute | undefined): FibRoute[] {
  const routes: FibRoute[] = [];
  for (let r = first ?? null; r !== null; r = r.next) routes.push(r);
  return routes;
}

/** Whether neither of two routes of a prefix comes before the other. */
function isEqual(a: FibRoute | undefined, b: FibRoute): boolean {
  return a !== undefined && a.tos === b.tos && a.priority === b.priority;
}

/** Links the routes of one prefix in their order. */
function link(routes: readonly FibRoute[]): void {
  for (const [i, route] of routes.entries()) route.next = routes[i + 1] ?? null;
}

/** One routing table. Linux net/ipv4/fib_trie.c. */
export class FibTable {
  readonly id: number;
  /**
   * The best route of each prefix, which leads to the others of that prefix: by TOS, then by metric, then as they came.
   * Longest prefixes first. Linux `struct key_vector` leaf
   */
  #leaves: FibRoute[] = [];
  #trie: LpmTrie | null = null;
  /** The leaves by their value in the trie; null while there is none. */
  #slots: FibRoute[] | null = null;
  /** The routes by way of each device; null while there is no trie. `fib_info_devhash` */
  #byDev: Map<NetDevice, Set<FibRoute>> | null = null;

  constructor(id: number) {
    this.id = id;
  }

  /** How many prefixes it has. */
  get size(): number {
    return this.#leaves.length;
  }

  #find(dst: number, plen: number): FibRoute | undefined {
    if (this.#slots === null) {
      return this.#leaves.find((l) => l.plen === plen && l.dst === dst);
    }
    const slot = this.#slotOf(dst, plen);
    return slot < 0 ? undefined : this.#slots[slot];
  }

  /** Where the leaf of a prefix is in {@link #slots}, -1 if there is none. */
  #slotOf(dst: number, plen: number): number {
    if (this.#trie === null || this.#slots === null) return -1;
    const n = this.#trie.matches(dst, scratch);
    for (let i = 0; i < n; i++) {
      const slot = scratch[i] as number;
      if ((this.#slots[slot] as FibRoute).plen === plen) return slot;
    }
    return -1;
  }

  /**
   * Adds a route as the flags of the request say.
   * @returns EEXIST or ENOENT if that cannot be; `replaced` is the route whose place it took. `fib_table_insert()`
   */
  insert(route: FibRoute, flags: NewFlags): { error?: Errno; replaced?: FibRoute } {
    const leaf = this.#find(route.dst, route.plen);
    const routes = routesOf(leaf);
    let at = routes.findIndex(
      (r) => r.tos < route.tos || (r.tos === route.tos && r.priority >= route.priority),
    );
    if (at < 0) at = routes.length;
    if (isEqual(routes[at], route)) {
      if (flags.excl === true) return { error: 'EEXIST' };
      let end = at;
      while (isEqual(routes[end], route)) end++;
      const same = routes.slice(at, end).findIndex((r) => sameRoute(r, route));
      if (flags.replace === true) return this.#replace(leaf, routes, at, same, route);
      if (same >= 0) return { error: 'EEXIST' };
      if (flags.append === true) at = end;
    }
    if (flags.create !== true) return { error: 'ENOENT' };
    routes.splice(at, 0, route);
    this.#setRoutes(leaf, routes);
    this.#note(route);
    return {};
  }

  #replace(
    leaf: FibRoute | undefined,
    routes: FibRoute[],
    at: number,
    same: number,
    route: FibRoute,
  ): { error?: Errno; replaced?: FibRoute } {
    if (same > 0) return { error: 'EEXIST' };
    if (same === 0) return {};
    const [replaced] = routes.splice(at, 1, route) as [FibRoute];
    this.#setRoutes(leaf, routes);
    this.#forget(replaced);
    this.#note(route);
    return { replaced };
  }

  /** Gives a prefix, whose best route was `leaf`, these routes. */
  #setRoutes(leaf: FibRoute | undefined, routes: readonly FibRoute[]): void {
    link(routes);
    const [first] = routes;
    if (leaf === first) return;
    if (leaf === undefined) this.#addLeaf(first as FibRoute);
    else if (first === undefined) this.#removeLeaf(leaf);
    else {
      const slot = this.#slotOf(leaf.dst, leaf.plen);
      if (this.#slots !== null) this.#slots[slot] = first;
      this.#leaves[this.#placeOf(leaf)] = first;
    }
  }

  /** The place of the leaf of a route's prefix, or where it would have to be. */
  #placeOf(route: FibRoute): number {
    let lo = 0;
    let hi = this.#leaves.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (compareLeaves(this.#leaves[mid] as FibRoute, route) < 0) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }

  #addLeaf(leaf: FibRoute): void {
    this.#leaves = insertAt(this.#leaves, this.#placeOf(leaf), leaf);
    if (this.#trie !== null) this.#index(leaf);
    else if (this.#leaves.length > SCANNED) this.#buildTrie();
  }

  #removeLeaf(leaf: FibRoute): void {
    this.#leaves = removeAt(this.#leaves, this.#placeOf(leaf));
    if (this.#slots === null) return;
    if (this.#slots.length > 2 * this.#leaves.length || this.#leaves.length <= SCANNED) {
      this.#buildTrie();
    } else this.#trie?.set(leaf.dst, leaf.plen, -1);
  }

  #index(leaf: FibRoute): void {
    if (this.#trie === null || this.#slots === null) return;
    this.#trie.set(leaf.dst, leaf.plen, this.#slots.length);
    this.#slots.push(leaf);
  }

  #buildTrie(): void {
    this.#trie = null;
    this.#slots = null;
    this.#byDev = null;
    if (this.#leaves.length <= SCANNED) return;
    this.#trie = new LpmTrie();
    this.#slots = [];
    this.#byDev = new Map();
    for (const leaf of this.#leaves) {
      this.#index(leaf);
      for (const route of routesOf(leaf)) this.#note(route);
    }
  }

  #note(route: FibRoute): void {
    for (const { dev } of route.nexthops) {
      if (this.#byDev === null || dev === null) continue;
      const routes = this.#byDev.get(dev);
      if (routes === undefined) this.#byDev.set(dev, new Set([route]));
      else routes.add(route);
    }
  }

  #forget(route: FibRoute): void {
    for (const { dev } of route.nexthops) {
      const routes = dev === null ? undefined : this.#byDev?.get(dev);
      routes?.delete(route);
      if (dev !== null && routes?.size === 0) this.#byDev?.delete(dev);
    }
  }

  /** Takes a route out. */
  remove(route: FibRoute): void {
    const leaf = this.#find(route.dst, route.plen);
    const routes = routesOf(leaf);
    const at = routes.indexOf(route);
    if (leaf === undefined || at < 0) return;
    routes.splice(at, 1);
    route.next = null;
    this.#setRoutes(leaf, routes);
    this.#forget(route);
  }

  /** Gives a route, whose nexthop leads elsewhere now, its next hops. */
  setNexthops(route: FibRoute, nexthops: FibNexthop[], blackhole: boolean): void {
    this.#forget(route);
    route.nexthops = nexthops;
    route.type = blackhole && route.askedType === 'unicast' ? 'blackhole' : route.askedType;
    this.#note(route);
  }

  /** The routes of one prefix, best first. */
  routesOf(dst: number, plen: number): readonly FibRoute[] {
    return routesOf(this.#find(dst, plen));
  }

  /** The routes by way of a device, in no order that means anything. */
  routesVia(dev: NetDevice): FibRoute[] {
    if (this.#byDev !== null) return [...(this.#byDev.get(dev) ?? [])];
    const routes: FibRoute[] = [];
    for (const leaf of this.#leaves) {
      for (let r: FibRoute | null = leaf; r !== null; r = r.next) {
        if (r.nexthops.some((nh) => nh.dev === dev)) routes.push(r);
      }
    }
    return routes;
  }

  /** All routes as the kernel dumps them: by address, longest prefix first. `fib_table_dump()` */
  list(): FibRoute[] {
    return [...this.#leaves]
      .sort((a, b) => (a.dst >>> 0) - (b.dst >>> 0) || b.plen - a.plen)
      .flatMap(routesOf);
  }

  /**
   * The best usable route for a flow.
   * @returns undefined with `res` filled in; EAGAIN if no route matches; else why the flow is refused.
   *   `fib_table_lookup()`
   */
  lookup(flow: Flow4, res: FibResult, flags: number): Errno | undefined {
    return this.#trie === null ? this.#scan(flow, res, flags) : this.#descend(flow, res, flags);
  }

  #scan(flow: Flow4, res: FibResult, flags: number): Errno | undefined {
    const leaves = this.#leaves;
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i] as FibRoute;
      if (((flow.daddr ^ leaf.dst) & leaf.mask) !== 0) continue;
      if (this.#match(leaf, flow, res, flags)) return FIB_PROPS[res.type].error;
    }
    return 'EAGAIN';
  }

  #descend(flow: Flow4, res: FibResult, flags: number): Errno | undefined {
    const slots = this.#slots as FibRoute[];
    const n = (this.#trie as LpmTrie).matches(flow.daddr, scratch);
    for (let i = n - 1; i >= 0; i--) {
      const leaf = slots[scratch[i] as number] as FibRoute;
      if (this.#match(leaf, flow, res, flags)) return FIB_PROPS[res.type].error;
    }
    return 'EAGAIN';
  }

  #match(leaf: FibRoute, flow: Flow4, res: FibResult, flags: number): boolean {
    for (let route: FibRoute | null = leaf; route !== null; route = route.next) {
      if (route.tos !== 0 && route.tos !== (flow.tos & LEGACY_TOS_MASK)) continue;
      if (route.scope < flow.scope) continue;
      if (FIB_PROPS[route.type].error === undefined) {
        if ((route.flags & RTNH_F_DEAD) !== 0) continue;
        const nh = goodNexthop(route, flow, flags);
        if (nh === null) continue;
        res.nh = nh;
      } else res.nh = null;
      res.type = route.type;
      res.scope = route.scope;
      res.prefixLen = leaf.plen;
      res.table = this.id;
      res.route = route;
      return true;
    }
    return false;
  }
}

/** The first next hop that a flow can use. `fib_lookup_good_nhc()` */
function goodNexthop(route: FibRoute, flow: Flow4, flags: number): FibNexthop | null {
  for (let i = 0; i < route.nexthops.length; i++) {
    const nh = route.nexthops[i] as FibNexthop;
    if ((nh.flags & RTNH_F_DEAD) !== 0) continue;
    if ((nh.flags & RTNH_F_LINKDOWN) !== 0 && (flags & FIB_LOOKUP_IGNORE_LINKSTATE) === 0) {
      if (nh.dev?.inDev?.ignoreRoutesWithLinkdown === true) continue;
    }
    if (flow.oif !== 0 && nh.dev?.ifindex !== flow.oif) continue;
    return nh;
  }
  return null;
}
