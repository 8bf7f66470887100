import { formatIpv4, type Ipv4Addr, parseIpv4 } from '@labwire/core/addr';
import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { SEC, Simulator } from '@labwire/core/sim';
import { beforeEach, expect, it } from 'vitest';
import type { NfConn } from '../conntrack/nf-conn.ts';
import { devOpen, Veth } from '../link/index.ts';
import type { XtRule } from '../netfilter/xt/rule.ts';
import type { XtTarget } from '../netfilter/xt/target.ts';
import { Kernel, type Netns } from '../netns/index.ts';
import { addrAdd, routeAdd } from '../rtnetlink/index.ts';

const ip = (text: string): Ipv4Addr => parseIpv4(text) as Ipv4Addr;

let sim: Simulator;
let inner: Netns;
let router: Netns;
let outer: Netns;

function cable(a: Netns, an: string, b: Netns, bn: string): void {
  const { kernel } = a;
  const ends = Veth.createPair(
    { netns: a, name: an, addr: kernel.randomMac() },
    { netns: b, name: bn, addr: kernel.randomMac() },
  );
  for (const dev of ends) devOpen(dev);
}

function address(netns: Netns, dev: string, addr: string): void {
  const ifindex = netns.devices.byName(dev)?.ifindex ?? 0;
  addrAdd(
    netns,
    { family: 'inet', ifindex, local: ip(addr), prefixLen: 24 },
    { create: true, excl: true },
  );
}

function gateway(netns: Netns, via: string): void {
  const flags = { create: true, excl: true };
  routeAdd(
    netns,
    { family: 'inet', dst: 0 as Ipv4Addr, dstLen: 0, nexthops: [{ via: ip(via) }] },
    flags,
  );
}

/** Appends a rule to a chain of the router. */
function rule(
  table: 'nat' | 'filter',
  chain: string,
  target: XtTarget,
  rest: Partial<XtRule> = {},
): void {
  const live = router.netfilter.table('inet', table);
  live.table.chains
    .get(chain)
    ?.rules.push({ matches: [], target, counters: { packets: 0, bytes: 0 }, ...rest });
  router.netfilter.changed('inet');
}

const plain = { random: false, randomFully: false, persistent: false };

beforeEach(() => {
  sim = new Simulator();
  const kernel = new Kernel(sim, 'host');
  [inner, router, outer] = [kernel.newNetns(), kernel.newNetns(), kernel.newNetns()];
  cable(inner, 'eth0', router, 'lan');
  cable(router, 'wan', outer, 'eth0');
  address(inner, 'eth0', '192.168.0.2');
  address(router, 'lan', '192.168.0.1');
  address(router, 'wan', '203.0.113.1');
  address(outer, 'eth0', '203.0.113.9');
  gateway(inner, '192.168.0.1');
  router.sysctl.write('net/ipv4/ip_forward', '1');
});

it('masquerade gives a datagram the router its address, and its answer finds back', () => {
  rule('nat', 'POSTROUTING', { kind: 'MASQUERADE', ...plain });
  const server = outer.udp.open('inet');
  server.bind({ addr: 0 as Ipv4Addr, port: 53 });
  const client = inner.udp.open('inet');
  client.bind({ addr: 0 as Ipv4Addr, port: 40_000 });
  client.connect({ addr: ip('203.0.113.9'), port: 53 });
  client.send(utf8Encode('who'));
  sim.runEvents(SEC);
  const asked = server.recv(100);
  expect(formatIpv4(asked?.from?.addr as Ipv4Addr)).toBe('203.0.113.1');
  expect(asked?.from?.port).toBe(40_000);
  server.send(utf8Encode('you'), asked?.from);
  sim.runEvents(2 * SEC);
  expect(utf8Decode(client.recv(100)?.data ?? new Uint8Array())).toBe('you');
});

it('TCP to a forwarded port reaches the inner server, which sees the outer client', () => {
  const range = { min: ip('192.168.0.2'), max: ip('192.168.0.2') };
  rule(
    'nat',
    'PREROUTING',
    { kind: 'DNAT', addrs: range, ports: { min: 80, max: 80 }, ...plain },
    {
      proto: { number: 6, invert: false },
      matches: [{ kind: 'tcp', dports: { min: 8080, max: 8080, invert: false } }],
    },
  );
  const server = inner.tcp.open('inet');
  server.bind({ addr: 0 as Ipv4Addr, port: 80 });
  server.listen(5);
  const client = outer.tcp.open('inet');
  expect(() => client.connect({ addr: ip('203.0.113.1'), port: 8080 })).toThrow();
  sim.runEvents(2 * SEC);
  client.send(utf8Encode('GET'));
  sim.runEvents(3 * SEC);
  const conn = server.accept();
  expect(formatIpv4(conn?.remoteAddr()?.addr as Ipv4Addr)).toBe('203.0.113.9');
  expect(utf8Decode(conn?.recv(10)?.data ?? new Uint8Array())).toBe('GET');
  expect(client.takeError()).toBeUndefined();
});

it('an ICMP error about a masqueraded datagram is told to the inner sender', () => {
  rule('nat', 'POSTROUTING', { kind: 'MASQUERADE', ...plain });
  const client = inner.udp.open('inet');
  client.connect({ addr: ip('203.0.113.9'), port: 9 });
  client.send(utf8Encode('?'));
  sim.runEvents(SEC);
  expect(() => client.recv(10)).toThrow('Connection refused');
});

it('two inner hosts with one port get two outer ports toward one server', () => {
  rule('nat', 'POSTROUTING', { kind: 'MASQUERADE', ...plain });
  address(inner, 'eth0', '192.168.0.3');
  const server = outer.udp.open('inet');
  server.bind({ addr: 0 as Ipv4Addr, port: 53 });
  for (const addr of ['192.168.0.2', '192.168.0.3']) {
    const client = inner.udp.open('inet');
    client.bind({ addr: ip(addr), port: 40_000 });
    client.send(utf8Encode(addr), { addr: ip('203.0.113.9'), port: 53 });
  }
  sim.runEvents(SEC);
  const ports = [server.recv(100)?.from?.port, server.recv(100)?.from?.port];
  expect(ports[0]).toBe(40_000);
  expect(ports[1]).not.toBe(40_000);
  expect(ports[1]).toBeGreaterThanOrEqual(1024);
});

it('a rule for established connections lets answers in and nothing else', () => {
  rule(
    'filter',
    'FORWARD',
    { kind: 'verdict', verdict: 'ACCEPT' },
    {
      matches: [{ kind: 'conntrack', ctstate: { in: ['ESTABLISHED', 'RELATED'], invert: false } }],
    },
  );
  const lan = { name: 'lan', wildcard: false, invert: false };
  rule('filter', 'FORWARD', { kind: 'verdict', verdict: 'ACCEPT' }, { iif: lan });
  rule('filter', 'FORWARD', { kind: 'verdict', verdict: 'DROP' });
  gateway(outer, '203.0.113.1');
  const server = outer.udp.open('inet');
  server.bind({ addr: 0 as Ipv4Addr, port: 53 });
  const client = inner.udp.open('inet');
  client.bind({ addr: 0 as Ipv4Addr, port: 40_000 });
  server.send(utf8Encode('unasked'), { addr: ip('192.168.0.2'), port: 40_000 });
  sim.runEvents(SEC);
  expect(client.recv(10)).toBeUndefined();
  client.send(utf8Encode('ask'), { addr: ip('203.0.113.9'), port: 53 });
  sim.runEvents(2 * SEC);
  server.send(utf8Encode('answer'), server.recv(10)?.from);
  sim.runEvents(3 * SEC);
  expect(utf8Decode(client.recv(10)?.data ?? new Uint8Array())).toBe('answer');
});

it('a connection ends with its time-out, not before', async () => {
  rule('nat', 'POSTROUTING', { kind: 'MASQUERADE', ...plain });
  const client = inner.udp.open('inet');
  client.send(utf8Encode('x'), { addr: ip('203.0.113.9'), port: 53 });
  sim.runEvents(SEC);
  const tracking = router.netfilter.conntrack;
  const [{ expires }] = tracking.list() as [NfConn];
  await sim.run(expires - 1);
  expect(tracking.list().length).toBe(1);
  await sim.run(expires);
  expect(tracking.list().length).toBe(0);
});
