import type { FieldValue } from '@labwire/devices/dns';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../../libc-net/index.ts';
import type { Config } from '../../config/index.ts';
import { type CacheEntry, cacheEntry, type EntryRef } from './cache-entry.ts';
import {
  F_CNAME,
  F_DHCP,
  F_FORWARD,
  F_IMMORTAL,
  F_IPV4,
  F_IPV6,
  F_NXDOMAIN,
  F_OURS,
  F_REVERSE,
  F_RR,
} from './cache-flags.ts';
import { LruList } from './lru-list.ts';

/** What an answer says, to be kept. */
export interface NewEntry {
  readonly name: string;
  readonly flags: number;
  /** Seconds. */
  readonly ttl: number;
  readonly addr?: InetAddr;
  readonly target?: EntryRef;
  readonly type?: number;
  readonly data?: readonly FieldValue[];
  readonly soa?: string | undefined;
}

/**
 * What is known of names: from files, leases and options, and from answers, of which the least recently used make
 * room for new ones. An answer is put in whole or not at all: {@link begin}, {@link insert}, {@link commit}.
 * dnsmasq src/cache.c
 */
export class Cache {
  readonly #config: Config;
  /** Entries by lower-case name, in the order of dnsmasq's hash chains, which makes the order of answers. */
  readonly #byName = new Map<string, CacheEntry[]>();
  /** Entries that lead from an address to a name. */
  readonly #byAddr = new Map<string, CacheEntry[]>();
  readonly #lru = new LruList();
  #pending: CacheEntry[] = [];
  #failed = false;
  /** Entries put in, and those of them that had to go before their time, since the last reload. */
  inserted = 0;
  evictedLive = 0;

  constructor(config: Config) {
    this.#config = config;
  }

  /** All entries. */
  *entries(): Generator<CacheEntry> {
    for (const chain of this.#byName.values()) yield* chain;
  }

  /** Forgets all but leases. */
  clear(): void {
    for (const entry of [...this.entries()])
      if ((entry.flags & F_OURS) !== F_DHCP) this.#free(entry);
    this.inserted = 0;
    this.evictedLive = 0;
  }

  /** The entries of a name, in their order. */
  chain(name: string): readonly CacheEntry[] {
    return [...(this.#byName.get(name.toLowerCase()) ?? [])];
  }

  /** Takes an entry away. */
  remove(entry: CacheEntry): void {
    this.#free(entry);
  }

  /** Adds an entry of ours. cache_hash() */
  addOurs(entry: CacheEntry): void {
    this.#link(entry);
  }

  #link(entry: CacheEntry): void {
    const key = entry.name.toLowerCase();
    let chain = this.#byName.get(key);
    if (chain === undefined) {
      chain = [];
      this.#byName.set(key, chain);
    }
    chain.splice(placeIn(chain, entry.flags), 0, entry);
    if ((entry.flags & F_REVERSE) === 0 || entry.addr === undefined) return;
    const addr = formatInet(entry.addr);
    const known = this.#byAddr.get(addr);
    if (known === undefined) this.#byAddr.set(addr, [entry]);
    else known.push(entry);
  }

  #free(entry: CacheEntry): void {
    const key = entry.name.toLowerCase();
    take(this.#byName, key, entry);
    if ((entry.flags & F_REVERSE) !== 0 && entry.addr !== undefined)
      take(this.#byAddr, formatInet(entry.addr), entry);
    if ((entry.flags & F_OURS) === 0) this.#lru.remove(entry);
    if (entry.ref !== undefined) entry.ref.entry = undefined;
  }

  /** Whether an entry no longer holds: its time is over, or a CNAME has lost what it leads to. */
  #isStale(entry: CacheEntry, now: number): boolean {
    const { flags, dies, target } = entry;
    if ((flags & F_CNAME) !== 0 && typeof target === 'object' && target.entry === undefined)
      return true;
    const grace = this.#config.maxExpired;
    if (grace === -1 || (grace > 0 && now - dies < grace)) return false;
    return (flags & F_IMMORTAL) === 0 && now >= dies;
  }

  /** Starts to take an answer in; one that was not committed is forgotten. */
  begin(): void {
    this.#pending = [];
    this.#failed = false;
  }

  /** Takes one record of an answer in. @returns undefined if it, and with it the answer, cannot be kept */
  insert(fresh: NewEntry, now: number): CacheEntry | undefined {
    const { maxCacheTtl, minCacheTtl, maxExpired } = this.#config;
    let { ttl } = fresh;
    if (maxCacheTtl !== 0) ttl = Math.min(ttl, maxCacheTtl);
    if (minCacheTtl !== 0) ttl = Math.max(ttl, minCacheTtl);
    if (this.#failed || (maxExpired === 0 && ttl === 0)) {
      this.#failed = true;
      return undefined;
    }
    const made = this.#removeOld(fresh, now);
    if ('entry' in made) return made.entry;
    if (!this.#makeRoom(now)) {
      this.#failed = true;
      return undefined;
    }
    const entry = cacheEntry({ ...fresh, dies: now + ttl });
    if (made.ref !== undefined) {
      entry.ref = made.ref;
      made.ref.entry = entry;
    }
    this.#pending.unshift(entry);
    return entry;
  }

  /** Removes what a new entry replaces. @returns the reference that it takes over; or the entry of ours that is in its way */
  #removeOld(
    fresh: NewEntry,
    now: number,
  ): { readonly ref: EntryRef | undefined } | { readonly entry: CacheEntry | undefined } {
    if ((fresh.flags & F_FORWARD) === 0) {
      this.#removeExpired(now);
      this.#removeReverse(fresh);
      return { ref: undefined };
    }
    let ref: EntryRef | undefined;
    for (const old of [...(this.#byName.get(fresh.name.toLowerCase()) ?? [])]) {
      if ((old.flags & F_FORWARD) !== 0 && replaces(fresh, old)) {
        if ((old.flags & F_OURS) !== 0) {
          this.#failed ||= !sameAddress(fresh, old);
          return { entry: this.#failed ? undefined : old };
        }
        ref = old.ref ?? ref;
        this.#free(old);
      } else if (this.#isStale(old, now)) this.#free(old);
    }
    return { ref };
  }

  #removeReverse({ addr, flags }: NewEntry): void {
    if (addr === undefined) return;
    for (const old of [...(this.#byAddr.get(formatInet(addr)) ?? [])])
      if ((old.flags & F_OURS) === 0 && (old.flags & flags & (F_IPV4 | F_IPV6)) !== 0)
        this.#free(old);
  }

  /** Takes everything away that has expired. */
  #removeExpired(now: number): void {
    for (const entry of [...this.entries()])
      if ((entry.flags & F_IMMORTAL) === 0 && this.#isStale(entry, now)) this.#free(entry);
  }

  #makeRoom(now: number): boolean {
    const { cacheSize } = this.#config;
    if (this.#lru.size + this.#pending.length < cacheSize) return true;
    this.#removeExpired(now);
    while (this.#lru.size + this.#pending.length >= cacheSize) {
      const { oldest } = this.#lru;
      if (oldest === undefined) return false;
      if (now < oldest.dies) this.evictedLive++;
      const alike = (this.#byName.get(oldest.name.toLowerCase()) ?? []).filter(
        (e) => e !== oldest && (e.flags & F_OURS) === 0 && replaces(oldest, e),
      );
      for (const entry of [oldest, ...alike]) this.#free(entry);
    }
    return true;
  }

  /** Puts the answer in; CNAMEs that have found no target are left out. */
  commit(): void {
    const pending = this.#pending;
    this.#pending = [];
    if (this.#failed) return;
    for (const entry of pending) {
      const { flags, target } = entry;
      if ((flags & F_CNAME) !== 0 && (target as EntryRef).entry === undefined) {
        if (entry.ref !== undefined) entry.ref.entry = undefined;
        continue;
      }
      this.#link(entry);
      this.#lru.add(entry);
      this.inserted++;
    }
  }

  /** Whether there is anything at all under a name. */
  hasName(name: string, now: number): boolean {
    return (this.#byName.get(name.toLowerCase()) ?? []).some(
      (e) => (e.flags & F_FORWARD) !== 0 && (e.flags & F_NXDOMAIN) === 0 && !this.#isStale(e, now),
    );
  }

  /**
   * Entries of a name that have one of the flags of `wanted`, in the order of dnsmasq's answers: those of ours, then
   * the others with the last found first; each search moves the first to the end.
   */
  findByName(name: string, now: number, wanted: number, rotate = true): CacheEntry[] {
    const key = name.toLowerCase();
    const chain = this.#byName.get(key);
    if (chain === undefined) return [];
    for (const entry of [...chain]) if (this.#isStale(entry, now)) this.#free(entry);
    const fits = (e: CacheEntry) =>
      (e.flags & F_FORWARD) !== 0 && (e.flags & wanted) !== 0 && e.name.toLowerCase() === key;
    const found = chain.filter(fits);
    for (const entry of found) {
      if ((entry.flags & F_OURS) !== 0) continue;
      this.#lru.remove(entry);
      this.#lru.add(entry);
    }
    if (rotate && !this.#config.has('no-round-robin')) rotateIn(chain, found);
    const ours = found.filter((e) => (e.flags & F_OURS) !== 0);
    return [...ours, ...this.#lru.firstWhile(fits)];
  }

  /** Entries that lead from an address to a name, or say that there is none. */
  findByAddr(addr: InetAddr, now: number): CacheEntry[] {
    const key = formatInet(addr);
    for (const entry of [...(this.#byAddr.get(key) ?? [])])
      if (this.#isStale(entry, now)) this.#free(entry);
    const found = this.#byAddr.get(key) ?? [];
    const others = found.filter((e) => (e.flags & F_OURS) === 0);
    for (const entry of others) {
      this.#lru.remove(entry);
      this.#lru.add(entry);
    }
    return [...found.filter((e) => (e.flags & F_OURS) !== 0), ...others.reverse()];
  }
}

function take(map: Map<string, CacheEntry[]>, key: string, entry: CacheEntry): void {
  const chain = map.get(key);
  const at = chain?.indexOf(entry) ?? -1;
  if (chain === undefined || at < 0) return;
  chain.splice(at, 1);
  if (chain.length === 0) map.delete(key);
}

/** Where an entry goes among those of its name: behind those like it; reverse ones first, immortal ones last. */
function placeIn(chain: readonly CacheEntry[], flags: number): number {
  const kind = (e: CacheEntry | undefined) =>
    e === undefined ? -1 : e.flags & (F_IMMORTAL | F_REVERSE);
  const own = flags & (F_IMMORTAL | F_REVERSE);
  let at = 0;
  if ((own & F_REVERSE) === 0) {
    while (at < chain.length && (kind(chain[at]) & F_REVERSE) !== 0) at++;
    if ((own & F_IMMORTAL) !== 0)
      while (at < chain.length && (kind(chain[at]) & F_IMMORTAL) === 0) at++;
  }
  while (kind(chain[at]) === own) at++;
  return at;
}

/** Moves the others before the first, as far as they are of its kind. */
function rotateIn(chain: CacheEntry[], found: readonly CacheEntry[]): void {
  const [first] = found;
  if (first === undefined) return;
  const kind = first.flags & (F_IMMORTAL | F_REVERSE);
  for (const entry of found.slice(1)) {
    if ((entry.flags & (F_IMMORTAL | F_REVERSE)) !== kind) continue;
    chain.splice(chain.indexOf(entry), 1);
    chain.splice(chain.indexOf(first), 0, entry);
  }
}

/** Whether a new entry of a name takes the place of an old one. cache_scan_free() */
function replaces(fresh: Pick<NewEntry, 'flags' | 'type'>, old: CacheEntry): boolean {
  const both = fresh.flags & old.flags;
  if ((both & (F_IPV4 | F_IPV6 | F_NXDOMAIN)) !== 0) return true;
  if (((fresh.flags | old.flags) & F_CNAME) !== 0) return true;
  return (both & F_RR) !== 0 && fresh.type === old.type;
}

function sameAddress(fresh: NewEntry, old: CacheEntry): boolean {
  if ((fresh.flags & old.flags & (F_IPV4 | F_IPV6)) === 0) return false;
  if (fresh.addr === undefined || old.addr === undefined) return false;
  return formatInet(fresh.addr) === formatInet(old.addr);
}
