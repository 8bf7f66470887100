import type { FieldValue } from '@labwire/devices/dns';
import type { InetAddr } from '@labwire/devices/rtnetlink';

/** Leads to an entry for as long as it, or one that has taken its place, is in the cache. */
export interface EntryRef {
  entry: CacheEntry | undefined;
}

/** One thing that the cache knows. dnsmasq src/dnsmasq.h, struct crec */
export interface CacheEntry {
  readonly name: string;
  /** F_* bits. */
  flags: number;
  /** Seconds since the epoch at which it dies; the time to live of an immortal one. */
  dies: number;
  readonly addr: InetAddr | undefined;
  /** F_CNAME: the name that it leads to, or the entry. */
  target: string | EntryRef | undefined;
  /** F_RR: the type and, unless it is negative, the data. */
  readonly type: number;
  readonly data: readonly FieldValue[] | undefined;
  /** A negative one: the name of the SOA record that came with it. */
  readonly soa: string | undefined;
  /** One of ours: the file it is from, `config`; empty for a lease. */
  readonly source: string;
  /** Made when a CNAME leads here. */
  ref: EntryRef | undefined;
  /** Neighbours in the order of use; only of entries that may be evicted. */
  newer: CacheEntry | undefined;
  older: CacheEntry | undefined;
}

/** What an entry is made of. */
export type EntryInit = Pick<CacheEntry, 'name' | 'flags' | 'dies'> & Partial<CacheEntry>;

/** Makes an entry. */
export function cacheEntry(init: EntryInit): CacheEntry {
  return {
    addr: undefined,
    target: undefined,
    type: 0,
    data: undefined,
    soa: undefined,
    source: '',
    ref: undefined,
    newer: undefined,
    older: undefined,
    ...init,
  };
}

/** The reference to an entry, made when first asked for. */
export function refTo(entry: CacheEntry): EntryRef {
  entry.ref ??= { entry };
  return entry.ref;
}

/** Where a CNAME leads; undefined if what it led to is gone. */
export function cnameTarget({ target }: CacheEntry): string | undefined {
  return typeof target === 'object' ? target.entry?.name : target;
}
