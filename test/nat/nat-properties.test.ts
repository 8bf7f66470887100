import type { Ipv4Addr } from '@labwire/core/addr';
import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { SEC } from '@labwire/core/sim';
import type { NfConn, Tuple } from '@labwire/devices/conntrack';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Flow, INNER, ip, NatNetwork, OUTER, PORTS, SERVERS } from './nat-network.ts';

/** Few ports, so that hosts want the same ones; some of each class. */
const SOURCE_PORTS = [300, 301, 700, 701, 40_000, 40_001];
const flow: fc.Arbitrary<Flow> = fc.record({
  src: fc.constantFrom(...INNER),
  sport: fc.constantFrom(...SOURCE_PORTS),
  dst: fc.constantFrom(...SERVERS),
  dport: fc.constantFrom(...PORTS),
});
const flows = fc.array(flow, { minLength: 8, maxLength: 24 });
const RUNS = { numRuns: 15 };

const key = (t: Tuple): string => `${t.src} ${t.sport} ${t.dst} ${t.dport}`;
const source = (t: Tuple): string => `${t.src} ${t.sport}`;
/** RFC 4787 REQ-3a, as Linux has it. */
const portClass = (port: number): number => (port < 512 ? 0 : port < 1024 ? 1 : 2);

function play(all: readonly Flow[]): NatNetwork {
  const net = new NatNetwork();
  for (const [i, f] of all.entries()) net.send(f, utf8Encode(String(i)));
  return net;
}

it('no two connections share a tuple, in either direction', () => {
  fc.assert(
    fc.property(flows, (all) => {
      const tuples = play(all)
        .tracking.list()
        .flatMap((ct) => [key(ct.orig), key(ct.reply)]);
      expect(new Set(tuples).size).toBe(tuples.length);
    }),
    RUNS,
  );
});

it('an answer reaches the inner end that asked, and no other', () => {
  fc.assert(
    fc.property(flows, (all) => {
      const net = new NatNetwork();
      for (const [i, f] of all.entries()) {
        net.send(f, utf8Encode(`ask ${i}`));
        const got = net.server(f).recv(100);
        expect(got?.from?.addr).toBe(OUTER);
        net.server(f).send(utf8Encode(`answer ${i}`), got?.from);
        net.settle();
        const answer = net.client(f).recv(100);
        expect(utf8Decode(answer?.data ?? new Uint8Array())).toBe(`answer ${i}`);
        expect(answer?.from).toMatchObject({ addr: f.dst, port: f.dport });
      }
      for (const f of all) expect(net.client(f).recv(100)).toBeUndefined();
    }),
    RUNS,
  );
});

it('what nobody asked for is dropped with a reason', () => {
  fc.assert(
    fc.property(flows, fc.integer({ min: 1024, max: 65_535 }), (all, port) => {
      const net = play(all);
      const taken = net.tracking.list().some((ct) => ct.reply.dport === port);
      fc.pre(!taken);
      const [f] = all as [Flow];
      const sent = net.router.kernel.dropCounts?.get('no_socket') ?? 0;
      net.server(f).send(utf8Encode('?'), { addr: OUTER, port });
      net.settle();
      expect(net.router.kernel.dropCounts?.get('no_socket')).toBe(sent + 1);
    }),
    RUNS,
  );
});

it('a source keeps its outer port toward every server unless another one has it there', () => {
  fc.assert(
    fc.property(flows, (all) => {
      const before: NfConn[] = [];
      for (const { ct } of play(all).born) {
        const known = before.filter((b) => source(b.orig) === source(ct.orig));
        const wished = known.map((b) => b.reply.dport);
        const free = (port: number): boolean =>
          !before.some((b) => key(b.reply) === key({ ...ct.reply, dport: port }));
        const want = wished.length === 0 ? [ct.orig.sport] : wished;
        if (want.some(free)) expect(want).toContain(ct.reply.dport);
        else expect(want.every((port) => !free(port))).toBe(true);
        before.push(ct);
      }
    }),
    RUNS,
  );
});

it('a port stays in its class', () => {
  fc.assert(
    fc.property(flows, (all) => {
      for (const ct of play(all).tracking.list())
        expect(portClass(ct.reply.dport)).toBe(portClass(ct.orig.sport));
    }),
    RUNS,
  );
});

it('a connection of datagrams ends exactly with its time-out', async () => {
  await fc.assert(
    fc.asyncProperty(flow, fc.integer({ min: 1, max: 1000 }), async (f, seconds) => {
      const net = new NatNetwork();
      net.router.sysctl.write('net/netfilter/nf_conntrack_udp_timeout', String(seconds));
      net.send(f, utf8Encode('x'));
      const [{ ct, at }] = net.born as [{ ct: NfConn; at: number }];
      expect(ct.expires).toBe(at + seconds * SEC);
      await net.sim.run(ct.expires - 1);
      expect(net.tracking.list()).toHaveLength(1);
      await net.sim.run(ct.expires);
      expect(net.tracking.list()).toHaveLength(0);
    }),
    RUNS,
  );
});

it('nothing is left of an address that is taken away', () => {
  fc.assert(
    fc.property(flows, flows, (some, more) => {
      const net = play(some);
      const second = ip('203.0.113.2');
      net.removeAddress(net.router, 'wan', OUTER);
      net.address(net.router, 'wan', second);
      expect(net.tracking.list()).toHaveLength(0);
      for (const f of more) net.send(f, utf8Encode('y'));
      const outer: Ipv4Addr[] = net.tracking.list().map((ct) => ct.reply.dst as Ipv4Addr);
      expect(new Set(outer)).toEqual(new Set([second]));
    }),
    RUNS,
  );
});

it('the counters of connections add up to what was sent', () => {
  const HEADERS = 28;
  fc.assert(
    fc.property(fc.array(fc.tuple(flow, fc.nat(200)), { minLength: 5, maxLength: 20 }), (all) => {
      const net = new NatNetwork();
      net.router.sysctl.write('net/netfilter/nf_conntrack_acct', '1');
      let answered = 0;
      for (const [f, size] of all) {
        net.send(f, new Uint8Array(size));
        const got = net.server(f).recv(1000);
        net.server(f).send(new Uint8Array(2 * size), got?.from);
        answered += 2 * size + HEADERS;
        net.settle();
      }
      const sum = (dir: 0 | 1, of: 'packets' | 'bytes'): number =>
        net.tracking.list().reduce((n, ct) => n + (ct.counters?.[dir][of] ?? 0), 0);
      expect([sum(0, 'packets'), sum(1, 'packets')]).toEqual([all.length, all.length]);
      expect(sum(0, 'bytes')).toBe(all.reduce((n, [, size]) => n + size + HEADERS, 0));
      expect(sum(1, 'bytes')).toBe(answered);
    }),
    RUNS,
  );
});
