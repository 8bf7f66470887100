import { type Ipv4Addr, ipv4Mask } from '@labwire/core/addr';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fib, FibNexthop, FibResult, FibRoute, FibTable, Flow4 } from './index.ts';

interface Prefix {
  readonly dst: number;
  readonly plen: number;
}

/** A route that names itself by its metric. */
function route({ dst, plen }: Prefix, name: number, more: Partial<FibRoute> = {}): FibRoute {
  return new FibRoute({
    type: 'unicast',
    dst: dst as Ipv4Addr,
    plen,
    tos: 0,
    priority: name,
    table: 254,
    protocol: 3,
    scope: 0,
    prefsrc: 0 as Ipv4Addr,
    nexthops: [new FibNexthop(null, 0 as Ipv4Addr, 1, 0)],
    metrics: {},
    ...more,
  });
}

const CREATE = { create: true };

/** Prefixes that often contain each other: few distinct bits, any length. */
const prefix: fc.Arbitrary<Prefix> = fc
  .record({ bits: fc.integer({ min: 0, max: 255 }), plen: fc.integer({ min: 0, max: 32 }) })
  .map(({ bits, plen }) => ({
    dst: (Math.imul(bits, 0x01010101) | 0) & ipv4Mask(plen),
    plen,
  }));
const address = fc.oneof(
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  fc.integer({ min: 0, max: 255 }).map((b) => Math.imul(b, 0x01010101) | 0),
);

/** The longest prefix that holds an address, by looking at all. */
function naive(prefixes: readonly Prefix[], addr: number): number {
  let best = -1;
  for (const { dst, plen } of prefixes) {
    if ((addr & ipv4Mask(plen)) === dst && plen > best) best = plen;
  }
  return best;
}

function found(table: FibTable, addr: number): number {
  const res = new FibResult();
  const flow = new Flow4().to(addr);
  return table.lookup(flow, res, 0) === undefined ? res.prefixLen : -1;
}

it('finds the longest prefix, few or many, also after some are gone', () => {
  const property = fc.property(
    fc.array(prefix, { maxLength: 60, size: 'max' }),
    fc.array(address, { minLength: 20, maxLength: 20 }),
    fc.integer({ min: 1, max: 4 }),
    (prefixes, addrs, every) => {
      const table = new FibTable(254);
      const routes = prefixes.map((p) => route(p, 0));
      const kept = routes.filter((r) => table.insert(r, CREATE).error === undefined);
      for (const a of addrs) expect(found(table, a)).toBe(naive(kept, a));
      const left = kept.filter((_, i) => i % every !== 0);
      for (const r of kept) if (!left.includes(r)) table.remove(r);
      for (const a of addrs) expect(found(table, a)).toBe(naive(left, a));
    },
  );
  fc.assert(property, { numRuns: 200 });
});

it('finds the smallest metric of the longest prefix, few or many, also after some are gone', () => {
  const named = fc.tuple(prefix, fc.integer({ min: 1, max: 4 }));
  const property = fc.property(
    fc.array(named, { maxLength: 60, size: 'max' }),
    fc.integer({ min: 1, max: 4 }),
    (all, every) => {
      const table = new FibTable(254);
      const routes = all.map(([p, metric]) => route(p, metric));
      let left = routes.filter((r) => table.insert(r, CREATE).error === undefined);
      const check = () => {
        for (const { dst, plen } of left) {
          const same = left.filter((r) => r.dst === dst && r.plen === plen);
          const metrics = same.map((r) => r.priority).sort((a, b) => a - b);
          expect(table.routesOf(dst, plen).map((r) => r.priority)).toEqual(metrics);
        }
        expect(table.list().length).toBe(left.length);
      };
      check();
      for (const r of left.filter((_, i) => i % every === 0)) table.remove(r);
      left = left.filter((_, i) => i % every !== 0);
      check();
    },
  );
  fc.assert(property, { numRuns: 100 });
});

it('prefers the smaller metric, and passes over what a flow cannot use', () => {
  const table = new FibTable(254);
  const net = { dst: 0x0a000000, plen: 8 };
  for (const name of [20, 10]) table.insert(route(net, name), CREATE);
  table.insert(route(net, 5, { tos: 0x10 }), CREATE);
  table.insert(route({ dst: 0, plen: 0 }, 1), CREATE);
  const res = new FibResult();
  const lookup = (flow: Flow4) => (table.lookup(flow, res, 0) ?? res.route?.priority) as unknown;
  expect(lookup(new Flow4().to(0x0a010101))).toBe(10);
  const urgent = new Flow4().to(0x0a010101);
  urgent.tos = 0x10;
  expect(lookup(urgent)).toBe(5);
  for (const r of table.routesOf(net.dst, 8)) r.flags |= 1;
  expect(lookup(new Flow4().to(0x0a010101))).toBe(1);
});

it.each([
  ['blackhole', 'EINVAL'],
  ['unreachable', 'EHOSTUNREACH'],
  ['prohibit', 'EACCES'],
  ['throw', 'ENETUNREACH'],
] as const)('%s answers %s', (type, errno) => {
  const fib = new Fib();
  fib.newTable(254).insert(route({ dst: 0, plen: 0 }, 0, { type }), CREATE);
  expect(fib.lookup(new Flow4().to(1), new FibResult(), 0)).toBe(errno);
});

it('takes local and main for one table until a rule is added', () => {
  const fib = new Fib();
  fib.newTable(255).insert(route({ dst: 0x7f000000, plen: 8 }, 1, { type: 'local' }), CREATE);
  fib.newTable(254).insert(route({ dst: 0x7f010000, plen: 16 }, 2), CREATE);
  const res = new FibResult();
  const type = () => {
    fib.lookup(new Flow4().to(0x7f010101), res, 0);
    return res.type;
  };
  expect(type()).toBe('unicast');
  fib.setRules(fib.rules());
  expect(type()).toBe('local');
});

it('inserts as add, append, prepend, replace and change do', () => {
  const table = new FibTable(254);
  const net = { dst: 0x0a000000, plen: 8 };
  const r = (protocol: number) => route(net, 0, { protocol });
  const order = () => table.routesOf(net.dst, net.plen).map((x) => x.protocol);
  expect(table.insert(r(1), { create: true, excl: true }).error).toBeUndefined();
  expect(table.insert(r(2), { create: true, excl: true }).error).toBe('EEXIST');
  expect(table.insert(r(2), { create: true, append: true }).error).toBeUndefined();
  expect(table.insert(r(3), CREATE).error).toBeUndefined();
  expect(order()).toEqual([3, 1, 2]);
  expect(table.insert(r(1), CREATE).error).toBe('EEXIST');
  expect(table.insert(r(4), { replace: true }).replaced?.protocol).toBe(3);
  expect(table.insert(r(2), { replace: true }).error).toBe('EEXIST');
  expect(table.insert(route(net, 7), { replace: true }).error).toBe('ENOENT');
  expect(order()).toEqual([4, 1, 2]);
});
