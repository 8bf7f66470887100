import { type Nanos, SEC, type Simulator, Tracepoint } from '@labwire/core/sim';
import type { DropReason, SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../link/net-device.ts';
import type { Family, InetAddr } from '../rtnetlink/types.ts';
import { Neigh } from './neigh.ts';
import type { Nud } from './neigh-machine.ts';
import type { NeighParams } from './neigh-params.ts';

/** What a family brings: how its addresses compare, and how a neighbour is asked for. Linux `struct neigh_table`, `struct neigh_ops`. */
export interface NeighResolver {
  readonly family: Family;
  /** An integer that equal addresses share. */
  hash(addr: InetAddr): number;
  same(a: InetAddr, b: InetAddr): boolean;
  /** The parameters of a device. */
  params(dev: NetDevice): NeighParams;
  /** Gives a new entry its state: `noarp` with an address where none needs to be asked for. `arp_constructor()` */
  construct(neigh: Neigh): void;
  /** Asks for it. `skb` is what waits, null if nothing does. `arp_solicit()` */
  solicit(neigh: Neigh, skb: SkBuff | null): void;
  /** It does not answer: tells the sender of `skb`. Takes ownership. `arp_error_report()` */
  errorReport(neigh: Neigh, skb: SkBuff): void;
  /** Drops, counted and traced. */
  drop(skb: SkBuff, reason: DropReason): void;
  /** An address begins (1) or ceases (-1) to be answered for somebody else. `pndisc_constructor()`, `pndisc_destructor()` */
  proxied(dst: InetAddr, dev: NetDevice, by: 1 | -1): void;
}

/** Entries above which the oldest unused are collected. `gc_thresh1` … `gc_thresh3` */
export interface NeighLimits {
  readonly gcThresh1: number;
  readonly gcThresh2: number;
  readonly gcThresh3: number;
  /** Nanos between two collections. */
  readonly gcInterval: Nanos;
}

const LIMITS: NeighLimits = Object.freeze({
  gcThresh1: 128,
  gcThresh2: 512,
  gcThresh3: 1024,
  gcInterval: 30 * SEC,
});

/** One address that is answered for others. Linux `struct pneigh_entry` */
export interface NeighProxy {
  readonly dst: InetAddr;
  readonly dev: NetDevice;
  router: boolean;
}

/** Shared by the tables of namespaces that answer for nobody: most. */
const NO_PROXIES: readonly NeighProxy[] = Object.freeze([]);

/** What /proc/net/stat/arp_cache counts. */
export class NeighCounters {
  allocs = 0;
  destroys = 0;
  resFailed = 0;
  forcedGcRuns = 0;
  unresolvedDiscards = 0;
  tableFulls = 0;
}

/** The neighbours of one family in one namespace. */
export class NeighTable {
  readonly sim: Simulator;
  readonly resolver: NeighResolver;
  /** Shared with other tables: replaced, never changed in place. */
  limits: NeighLimits = LIMITS;
  /** Addresses that are answered for others, in the order they were added: replaced, never changed in place. */
  proxies: readonly NeighProxy[] = NO_PROXIES;
  /** The entries by their hash; null while there was none. */
  #chains: Map<number, Neigh> | null = null;
  #counters: NeighCounters | null = null;
  #onChange: Tracepoint<[neigh: Neigh, was: Nud]> | null = null;
  #onRemove: Tracepoint<[neigh: Neigh]> | null = null;
  #size = 0;
  #lastFlush: Nanos = 0;

  constructor(sim: Simulator, resolver: NeighResolver) {
    this.sim = sim;
    this.resolver = resolver;
  }

  /** How many entries there are. */
  get size(): number {
    return this.#size;
  }

  get counters(): NeighCounters {
    this.#counters ??= new NeighCounters();
    return this.#counters;
  }

  /** An entry has changed its state or address; `was` is the state before. */
  get onChange(): Tracepoint<[neigh: Neigh, was: Nud]> {
    this.#onChange ??= new Tracepoint();
    return this.#onChange;
  }

  /** An entry has been taken out. */
  get onRemove(): Tracepoint<[neigh: Neigh]> {
    this.#onRemove ??= new Tracepoint();
    return this.#onRemove;
  }

  /** The entry of an address on a device, null if there is none. `neigh_lookup()` */
  lookup(dst: InetAddr, dev: NetDevice): Neigh | null {
    if (this.#chains === null) return null;
    let n = this.#chains.get(this.resolver.hash(dst)) ?? null;
    while (n !== null && (n.dev !== dev || !this.resolver.same(n.dst, dst))) n = n.next;
    return n;
  }

  /** The entry of an address on a device; made if there is none; null if the table is full. `__neigh_create()` */
  lookupOrCreate(dst: InetAddr, dev: NetDevice): Neigh | null {
    return this.lookup(dst, dev) ?? this.#create(dst, dev);
  }

  #create(dst: InetAddr, dev: NetDevice): Neigh | null {
    if (!this.#makeRoom()) return null;
    const params = this.resolver.params(dev);
    params.age(this.sim.now);
    const n = new Neigh(this, dev, dst, params);
    this.resolver.construct(n);
    const hash = this.resolver.hash(dst);
    this.#chains ??= new Map();
    n.next = this.#chains.get(hash) ?? null;
    this.#chains.set(hash, n);
    this.#size++;
    this.counters.allocs++;
    return n;
  }

  #makeRoom(): boolean {
    const { gcThresh1, gcThresh2, gcThresh3 } = this.limits;
    if (this.#size < gcThresh1) return true;
    const { now } = this.sim;
    const stale = now - this.#lastFlush > 5 * SEC;
    if (this.#size >= gcThresh3 || (this.#size >= gcThresh2 && stale)) this.#collect(5 * SEC);
    else if (now - this.#lastFlush > this.limits.gcInterval) this.#collect(60 * SEC);
    if (this.#size < gcThresh3) return true;
    this.counters.tableFulls++;
    return false;
  }

  /** Takes out what is failed, or was neither used nor changed for `age`. `neigh_forced_gc()` */
  #collect(age: Nanos): void {
    const { now } = this.sim;
    this.#lastFlush = now;
    this.counters.forcedGcRuns++;
    this.removeWhere(
      (n) =>
        n.nud !== 'permanent' &&
        n.firstQueued === null &&
        (n.nud === 'failed' || n.nud === 'noarp' || now - Math.max(n.used, n.updated) > age),
    );
  }

  /** All entries, oldest chains first. */
  list(): Neigh[] {
    const all: Neigh[] = [];
    for (const head of this.#chains?.values() ?? []) {
      for (let n: Neigh | null = head; n !== null; n = n.next) all.push(n);
    }
    return all;
  }

  /** Takes an entry out. */
  remove(neigh: Neigh): void {
    const chains = this.#chains;
    if (chains === null) return;
    const hash = this.resolver.hash(neigh.dst);
    let head = chains.get(hash) ?? null;
    if (head === neigh) head = neigh.next;
    else {
      let n = head;
      while (n !== null && n.next !== neigh) n = n.next;
      if (n === null) return;
      n.next = neigh.next;
    }
    if (head === null) chains.delete(hash);
    else chains.set(hash, head);
    this.#size--;
    this.counters.destroys++;
    neigh.kill();
    if (this.#onRemove?.active === true) this.#onRemove.emit(neigh);
  }

  /** Takes out the entries for which `pick` holds. */
  removeWhere(pick: (neigh: Neigh) => boolean): void {
    if (this.#size === 0) return;
    for (const n of this.list()) if (pick(n)) this.remove(n);
  }

  /** The device has gone down or changed its address. `neigh_ifdown()` */
  deviceDown(dev: NetDevice): void {
    this.removeWhere((n) => n.dev === dev);
    this.#forgetProxies((p) => p.dev === dev);
  }

  /** What stood for the device's neighbours holds no longer; who is answered for stays. `neigh_changeaddr()` */
  changeAddr(dev: NetDevice): void {
    this.removeWhere((n) => n.dev === dev);
  }

  /** The device has lost its carrier: what was configured stays. `neigh_carrier_down()` */
  carrierDown(dev: NetDevice): void {
    this.removeWhere((n) => n.dev === dev && n.nud !== 'permanent');
  }

  /** Whether an address is answered for somebody else. `pneigh_lookup()` */
  isProxied(dst: InetAddr, dev: NetDevice): boolean {
    return this.proxyOf(dst, dev) !== undefined;
  }

  /** Answers for an address on a device, which a router's may be or not. `pneigh_create()` */
  addProxy(dst: InetAddr, dev: NetDevice, router: boolean): void {
    const known = this.proxyOf(dst, dev);
    if (known !== undefined) known.router = router;
    else {
      this.proxies = [...this.proxies, { dst, dev, router }];
      this.resolver.proxied(dst, dev, 1);
    }
  }

  /** Answers no more. @returns whether it did. `pneigh_delete()` */
  removeProxy(dst: InetAddr, dev: NetDevice): boolean {
    const known = this.#forgetProxies((p) => p.dev === dev && this.resolver.same(p.dst, dst));
    if (known) this.resolver.proxied(dst, dev, -1);
    return known;
  }

  #forgetProxies(pick: (proxy: NeighProxy) => boolean): boolean {
    if (!this.proxies.some(pick)) return false;
    this.proxies = this.proxies.filter((p) => !pick(p));
    return true;
  }

  /** The entry of an address that is answered for somebody else on a device. */
  proxyOf(dst: InetAddr, dev: NetDevice): NeighProxy | undefined {
    return this.proxies.find((p) => p.dev === dev && this.resolver.same(p.dst, dst));
  }

  /** @internal */
  changed(neigh: Neigh, was: Nud): void {
    if (this.#onChange?.active === true) this.#onChange.emit(neigh, was);
  }

  /** @internal */
  drop(skb: SkBuff, reason: DropReason): void {
    this.resolver.drop(skb, reason);
  }
}
