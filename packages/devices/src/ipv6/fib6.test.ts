import type { Ipv6Addr } from '@labwire/core/addr';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fib6Table } from './fib6.ts';
import { Fib6Route } from './fib6-route.ts';
import { maskPrefix6, samePrefix6 } from './prefix6.ts';

/** Addresses that share many bits, so that prefixes of all lengths meet. */
const address: fc.Arbitrary<Ipv6Addr> = fc
  .tuple(fc.constantFrom(0x20010db8, -0x1800000), fc.nat(3), fc.nat(1), fc.nat(7))
  .map(([w0, w1, w2, w3]) => ({ w0, w1, w2, w3 }));

const route: fc.Arbitrary<Fib6Route> = fc
  .tuple(address, fc.constantFrom(0, 8, 30, 32, 62, 64, 96, 127, 128), fc.nat(2), fc.nat(2))
  .map(
    ([addr, dstLen, priority, hop]) =>
      new Fib6Route({
        type: 'unicast' as const,
        dst: maskPrefix6(addr, dstLen),
        dstLen,
        table: 254,
        protocol: 3,
        priority,
        prefsrc: null,
        nexthops: [{ dev: null, gateway: null, weight: hop, onlink: false }],
        metrics: {},
      }),
  );

/** What a lookup is: of the usable routes the longest, of those the smallest metric, of those the first. */
function longest(routes: readonly Fib6Route[], dst: Ipv6Addr, weight: number) {
  return routes
    .filter((r) => samePrefix6(r.dst, dst, r.dstLen) && r.nexthops[0]?.weight !== weight)
    .sort((a, b) => b.dstLen - a.dstLen || a.priority - b.priority)[0];
}

it('finds the longest usable prefix in tables of any size, whatever came and went', () => {
  const routes = fc.array(route, { minLength: 1, maxLength: 120, size: 'max' });
  fc.assert(
    fc.property(
      routes,
      fc.array(fc.nat()),
      fc.array(address),
      fc.nat(3),
      (all, gone, dsts, bad) => {
        const table = new Fib6Table(254, { genid: 0 });
        const usable = (nh: { weight: number }) => nh.weight !== bad;
        for (const r of all) table.insert(r);
        const first = dsts[0];
        if (first !== undefined) table.lookup(first, null, usable);
        for (const n of gone) {
          const r = all[n % all.length];
          if (r !== undefined) table.remove(r);
        }
        for (const dst of dsts)
          expect(table.lookup(dst, null, usable)).toBe(longest(table.routes, dst, bad));
      },
    ),
  );
});
