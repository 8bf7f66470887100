import type { Errno } from '@labwire/core/error';
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
import { FIB_LOOKUP_IGNORE_LINKSTATE, type FibResult, type Flow4 } from './flow.ts';
import { LpmTrie } from './lpm-trie.ts';

/** Prefixes up to which a table is scanned; more go to a trie. */
const SCANNED = 16;
const scratch = new Int32Array(33);

/** The routes of one prefix, best first: by TOS, then by metric, then as they came. Linux `struct key_vector` leaf. */
class FibLeaf {
  readonly dst: number;
  readonly plen: number;
  readonly mask: number;
  readonly routes: FibRoute[];

  constructor(route: FibRoute) {
    this.routes = [route]; // exactly one: most leaves never have another
    this.dst = route.dst;
    this.plen = route.plen;
    this.mask = route.mask;
  }
}

function compareLeaves(a: FibLeaf, b: FibLeaf): number {
  return b.plen - a.plen || (a.dst >>> 0) - (b.dst >>> 0);
}

/** One routing table. Linux net/ipv4/fib_trie.c. */
export class FibTable {
  readonly id: number;
  /** Longest prefixes first. */
  #leaves: FibLeaf[] = [];
  #trie: LpmTrie | null = null;
  /** The leaves by their value in the trie. */
  #slots: FibLeaf[] = [];
  /** The routes by way of each device; null while there is no trie. `fib_info_devhash` */
  #byDev: Map<NetDevice, Set<FibRoute>> | null = null;

  constructor(id: number) {
    this.id = id;
  }

  /** How many prefixes it has. */
  get size(): number {
    return this.#leaves.length;
  }

  #find(dst: number, plen: number): FibLeaf | undefined {
    if (this.#trie === null) {
      return this.#leaves.find((l) => l.plen === plen && l.dst === dst);
    }
    const n = this.#trie.matches(dst, scratch);
    for (let i = 0; i < n; i++) {
      const leaf = this.#slots[scratch[i] as number] as FibLeaf;
      if (leaf.plen === plen) return leaf;
    }
    return undefined;
  }

  /**
   * Adds a route as the flags of the request say.
   * @returns EEXIST or ENOENT if that cannot be; `replaced` is the route whose place it took. `fib_table_insert()`
   */
  insert(route: FibRoute, flags: NewFlags): { error?: Errno; replaced?: FibRoute } {
    const leaf = this.#find(route.dst, route.plen);
    const routes = leaf?.routes ?? [];
    let at = routes.findIndex(
      (r) => r.tos < route.tos || (r.tos === route.tos && r.priority >= route.priority),
    );
    if (at < 0) at = routes.length;
    const equals = (r: FibRoute | undefined) =>
      r !== undefined && r.tos === route.tos && r.priority === route.priority;
    if (equals(routes[at])) {
      if (flags.excl === true) return { error: 'EEXIST' };
      let end = at;
      while (equals(routes[end])) end++;
      const same = routes.slice(at, end).findIndex((r) => sameRoute(r, route));
      if (flags.replace === true) return this.#replace(routes, at, same, route);
      if (same >= 0) return { error: 'EEXIST' };
      if (flags.append === true) at = end;
    }
    if (flags.create !== true) return { error: 'ENOENT' };
    if (leaf === undefined) this.#addLeaf(route);
    else {
      leaf.routes.splice(at, 0, route);
      this.#note(route);
    }
    return {};
  }

  #replace(
    routes: FibRoute[],
    at: number,
    same: number,
    route: FibRoute,
  ): { error?: Errno; replaced?: FibRoute } {
    if (same > 0) return { error: 'EEXIST' };
    if (same === 0) return {};
    const [replaced] = routes.splice(at, 1, route) as [FibRoute];
    this.#forget(replaced);
    this.#note(route);
    return { replaced };
  }

  #addLeaf(route: FibRoute): void {
    const leaf = new FibLeaf(route);
    let lo = 0;
    let hi = this.#leaves.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (compareLeaves(this.#leaves[mid] as FibLeaf, leaf) < 0) lo = mid + 1;
      else hi = mid;
    }
    this.#leaves.splice(lo, 0, leaf);
    if (this.#trie !== null) {
      this.#index(leaf);
      this.#note(route);
    } else if (this.#leaves.length > SCANNED) this.#buildTrie();
  }

  #index(leaf: FibLeaf): void {
    this.#trie?.set(leaf.dst, leaf.plen, this.#slots.length);
    this.#slots.push(leaf);
  }

  #buildTrie(): void {
    this.#trie = null;
    this.#slots = [];
    this.#byDev = null;
    if (this.#leaves.length <= SCANNED) return;
    this.#trie = new LpmTrie();
    this.#byDev = new Map();
    for (const leaf of this.#leaves) {
      this.#index(leaf);
      for (const route of leaf.routes) this.#note(route);
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
    const at = leaf?.routes.indexOf(route) ?? -1;
    if (leaf === undefined || at < 0) return;
    leaf.routes.splice(at, 1);
    this.#forget(route);
    if (leaf.routes.length > 0) return;
    this.#leaves.splice(this.#leaves.indexOf(leaf), 1);
    if (this.#slots.length > 2 * this.#leaves.length || this.#leaves.length <= SCANNED) {
      this.#buildTrie();
    } else this.#trie?.set(leaf.dst, leaf.plen, -1);
  }

  /** The routes of one prefix, best first. */
  routesOf(dst: number, plen: number): readonly FibRoute[] {
    return this.#find(dst, plen)?.routes ?? [];
  }

  /** The routes by way of a device, in no order that means anything. */
  routesVia(dev: NetDevice): FibRoute[] {
    if (this.#byDev !== null) return [...(this.#byDev.get(dev) ?? [])];
    return this.#leaves
      .flatMap((leaf) => leaf.routes)
      .filter((route) => route.nexthops.some((nh) => nh.dev === dev));
  }

  /** All routes as the kernel dumps them: by address, longest prefix first. `fib_table_dump()` */
  list(): FibRoute[] {
    return [...this.#leaves]
      .sort((a, b) => (a.dst >>> 0) - (b.dst >>> 0) || b.plen - a.plen)
      .flatMap((l) => l.routes);
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
      const leaf = leaves[i] as FibLeaf;
      if (((flow.daddr ^ leaf.dst) & leaf.mask) !== 0) continue;
      if (this.#match(leaf, flow, res, flags)) return FIB_PROPS[res.type].error;
    }
    return 'EAGAIN';
  }

  #descend(flow: Flow4, res: FibResult, flags: number): Errno | undefined {
    const n = (this.#trie as LpmTrie).matches(flow.daddr, scratch);
    for (let i = n - 1; i >= 0; i--) {
      const leaf = this.#slots[scratch[i] as number] as FibLeaf;
      if (this.#match(leaf, flow, res, flags)) return FIB_PROPS[res.type].error;
    }
    return 'EAGAIN';
  }

  #match(leaf: FibLeaf, flow: Flow4, res: FibResult, flags: number): boolean {
    for (let i = 0; i < leaf.routes.length; i++) {
      const route = leaf.routes[i] as FibRoute;
      if (route.tos !== 0 && route.tos !== flow.tos) continue;
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
