import type { Ipv4Addr } from '@labwire/core/addr';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Config } from '../../config/index.ts';
import { Cache, F_FORWARD, F_IPV4 } from './index.ts';

const START = 1_000_000;

function cacheOf(settings: Partial<Config>): Cache {
  return new Cache(Object.assign(new Config(), settings));
}

function put(cache: Cache, name: string, ttl: number, now: number): void {
  cache.begin();
  cache.insert({ name, flags: F_FORWARD | F_IPV4, ttl, addr: 1 as Ipv4Addr }, now);
  cache.commit();
}

it('knows an answer until the second in which its time is over, and not after', () => {
  const ttl = fc.integer({ min: 1, max: 100_000 });
  fc.assert(
    fc.property(ttl, fc.integer({ min: 0, max: 200_000 }), (seconds, later) => {
      const cache = cacheOf({});
      put(cache, 'a.example', seconds, START);
      const found = cache.findByName('A.EXAMPLE', START + later, F_IPV4);
      expect(found.map((e) => e.dies - START - later)).toEqual(
        later < seconds ? [seconds - later] : [],
      );
    }),
  );
});

it('lets nobody be kept longer than --max-cache-ttl or shorter than --min-cache-ttl', () => {
  const second = fc.integer({ min: 1, max: 5000 });
  fc.assert(
    fc.property(second, second, second, (ttl, a, b) => {
      const [minCacheTtl, maxCacheTtl] = [Math.min(a, b), Math.max(a, b)] as const;
      const cache = cacheOf({ minCacheTtl, maxCacheTtl });
      put(cache, 'a.example', ttl, START);
      const [entry] = cache.findByName('a.example', START, F_IPV4);
      expect(entry?.dies).toBe(START + Math.max(minCacheTtl, Math.min(ttl, maxCacheTtl)));
    }),
  );
});

it('never has more answers than --cache-size, and lets those go that were longest not asked for', () => {
  const name = fc.integer({ min: 0, max: 30 }).map((i) => `n${i}.example`);
  const step = fc.record({ name, asks: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.array(step), (cacheSize, steps) => {
      const cache = cacheOf({ cacheSize });
      let recent: string[] = [];
      for (const { name: n, asks } of steps) {
        const known = recent.includes(n);
        if (asks) expect(cache.findByName(n, START, F_IPV4)).toHaveLength(known ? 1 : 0);
        else put(cache, n, 60, START);
        if (asks && !known) continue;
        recent = [...recent.filter((r) => r !== n), n].slice(-cacheSize);
        expect([...cache.entries()].map((e) => e.name).sort()).toEqual([...recent].sort());
      }
    }),
  );
});
