import type { Ipv4Addr } from '@labwire/core/addr';
import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { expect, it } from 'vitest';
import { type Flow, INNER, NatNetwork, OUTER, SERVERS } from './nat-network.ts';

const [HOST] = INNER as [Ipv4Addr];
const [SERVER] = SERVERS as [Ipv4Addr];
const flow = (sport: number): Flow => ({ src: HOST, sport, dst: SERVER, dport: 53 });

it('puts fragments together before it tracks and translates them', () => {
  const net = new NatNetwork();
  const data = new Uint8Array(4000).fill(7);
  net.send(flow(40_000), data);
  const got = net.server(flow(0)).recv(5000);
  expect(got?.data).toEqual(data);
  expect(got?.from).toMatchObject({ addr: OUTER, port: 40_000 });
  expect(net.tracking.list()).toHaveLength(1);
  expect(net.tracking.stats.invalid).toBe(0);
});

it('makes room by ending a connection that has not been answered twice over', () => {
  const net = new NatNetwork();
  net.router.kernel.initNetns.sysctl.write('net/netfilter/nf_conntrack_max', '3');
  for (let i = 0; i < 6; i++) net.send(flow(40_000 + i), utf8Encode('x'));
  expect(net.tracking.list()).toHaveLength(3);
  expect(net.tracking.stats.earlyDrop).toBe(3);
  expect(net.tracking.stats.drop).toBe(0);
});

it('drops what would need one connection more if all are assured, and says so ten times', () => {
  const net = new NatNetwork();
  const { kernel, ino } = net.router;
  net.send(flow(40_000), utf8Encode('x'));
  for (const ct of net.tracking.list()) ct.status |= 4; // IPS_ASSURED
  kernel.initNetns.sysctl.write('net/nf_conntrack_max', '1');
  for (let i = 1; i < 20; i++) net.send(flow(40_000 + i), utf8Encode('x'));
  expect(net.tracking.stats.drop).toBe(19);
  expect(kernel.messages.entries().map((e) => e.text)).toEqual(
    Array(10).fill(`nf_conntrack: nf_conntrack: table full in netns ${ino}, dropping packet`),
  );
});

it('counts connections under /proc/sys, where nobody can write the number', () => {
  const net = new NatNetwork();
  net.send(flow(40_000), utf8Encode('x'));
  const { sysctl } = net.router;
  expect(sysctl.read('net/netfilter/nf_conntrack_count')).toBe('1\n');
  expect(() => sysctl.write('net/netfilter/nf_conntrack_count', '0')).toThrow('Permission denied');
  expect(() => sysctl.write('net/netfilter/nf_conntrack_acct', '2')).toThrow('Invalid argument');
});

it('tells once a packet of what comes, changes and goes', () => {
  const net = new NatNetwork();
  const told: string[] = [];
  net.tracking.events.listen((event, ct) => told.push(`${event} ${ct.orig.sport}`));
  net.send(flow(40_000), utf8Encode('ask'));
  const asked = net.server(flow(0)).recv(100);
  net.server(flow(0)).send(utf8Encode('answer'), asked?.from);
  net.settle();
  expect(utf8Decode(net.client(flow(40_000)).recv(100)?.data ?? new Uint8Array())).toBe('answer');
  net.tracking.removeWhere(() => true);
  expect(told).toEqual(['new 40000', 'update 40000', 'destroy 40000']);
});
