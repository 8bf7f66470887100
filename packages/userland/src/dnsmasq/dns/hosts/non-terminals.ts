import {
  type Cache,
  type CacheEntry,
  cacheEntry,
  F_CNAME,
  F_CONFIG,
  F_DHCP,
  F_FORWARD,
  F_HOSTS,
  F_IMMORTAL,
  F_IPV4,
  F_IPV6,
  F_REVERSE,
  F_RR,
} from '../cache/index.ts';

const DATA = F_IPV4 | F_IPV6 | F_CNAME | F_RR;

/**
 * Notes that the domains above a name of ours exist, though they have no records: a question for one is answered with
 * no data and not with no such name. dnsmasq src/cache.c, make_non_terminals()
 */
export function makeNonTerminals(
  cache: Cache,
  source: Pick<CacheEntry, 'name' | 'flags' | 'dies'>,
): void {
  const origin = (source.flags & F_DHCP) !== 0 ? F_DHCP : F_HOSTS | F_CONFIG;
  const same = (e: CacheEntry) => (e.flags & F_FORWARD) !== 0 && (e.flags & origin) !== 0;
  for (const entry of cache.chain(source.name))
    if (same(entry) && (entry.flags & DATA) === 0) cache.remove(entry);
  const flags = source.flags & ~(DATA | F_REVERSE);
  for (let dot = source.name.indexOf('.'); dot >= 0; dot = source.name.indexOf('.', dot + 1)) {
    const name = source.name.slice(dot + 1);
    const known = cache.chain(name).find(same);
    if (known === undefined) cache.addOurs(cacheEntry({ name, flags, dies: source.dies }));
    else if ((known.flags & F_IMMORTAL) === 0) {
      if ((source.flags & F_IMMORTAL) !== 0) known.flags |= F_IMMORTAL;
      else known.dies = Math.max(known.dies, source.dies);
    }
  }
}
