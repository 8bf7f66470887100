export { Cache, type NewEntry } from './cache.ts';
export { type CacheEntry, cacheEntry, cnameTarget, type EntryRef, refTo } from './cache-entry.ts';
export {
  F_CNAME,
  F_CONFIG,
  F_DHCP,
  F_FORWARD,
  F_HOSTS,
  F_IMMORTAL,
  F_IPV4,
  F_IPV6,
  F_NEG,
  F_NO_SOA,
  F_NXDOMAIN,
  F_OURS,
  F_REVERSE,
  F_RR,
} from './cache-flags.ts';
export { DUMP_HEAD, dumpLine } from './dump.ts';
