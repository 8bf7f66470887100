import { IPV6_ANY } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { expect, it } from 'vitest';
import { addAddr, addRoute, Hosts, ip4 } from '../../../../test/kit/hosts.ts';
import type { Netns } from '../netns/index.ts';

function twoHosts() {
  const net = new Hosts();
  const [a, b] = [net.host(), net.host()];
  const [v0] = net.cable(a, 'v0', b, 'v1');
  addAddr(a, 'v0', '10.0.0.1/24');
  addAddr(b, 'v1', '10.0.0.2/24');
  return { net, a, b, v0 };
}

const at = (addr: string, port: number) => ({ addr: ip4(addr), port });
const bytes = (...b: number[]) => new Uint8Array(b);

function errno(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    return e.errno;
  }
}

/** A socket bound to an address. */
function bound(netns: Netns, addr: string, port: number) {
  const sock = netns.udp.open('inet');
  sock.bind(at(addr, port));
  return sock;
}

it('carries datagrams both ways, from the address and port that the other sees', () => {
  const { net, a, b } = twoHosts();
  const server = bound(b, '0.0.0.0', 53);
  const client = a.udp.open('inet');
  client.send(bytes(1, 2, 3), at('10.0.0.2', 53));
  net.run();
  const got = server.recv(100);
  expect(got).toMatchObject({ data: bytes(1, 2, 3), to: ip4('10.0.0.2') });
  expect(got?.from).toEqual(at('10.0.0.1', client.localAddr().port));
  expect(client.localAddr().port).toBeGreaterThanOrEqual(32_768);
  server.send(bytes(), got?.from);
  net.run();
  expect(client.recv(100)).toMatchObject({ data: bytes(), from: at('10.0.0.2', 53) });
  expect(client.recv(100)).toBeUndefined();
});

it('tells a connected socket once that nobody has the port, and an unconnected one never', () => {
  const { net, a } = twoHosts();
  const loose = a.udp.open('inet');
  loose.send(bytes(1), at('10.0.0.2', 9));
  net.run();
  expect(loose.takeError()).toBeUndefined();
  const sock = a.udp.open('inet');
  sock.connect(at('10.0.0.2', 9));
  expect(sock.send(bytes(1))).toBe(1);
  net.run();
  expect(sock.poll() & 8).toBe(8);
  expect(errno(() => sock.send(bytes(2)))).toBe('ECONNREFUSED');
  expect(errno(() => sock.recv(1))).toBeUndefined();
});

it('refuses what Linux refuses', () => {
  const { a } = twoHosts();
  const open = () => a.udp.open('inet');
  expect(errno(() => open().send(bytes(1)))).toBe('EDESTADDRREQ');
  expect(errno(() => open().send(bytes(1), at('10.0.0.2', 0)))).toBe('EINVAL');
  expect(errno(() => open().send(bytes(1), at('99.9.9.9', 5)))).toBe('ENETUNREACH');
  expect(errno(() => open().send(bytes(1), at('10.0.0.255', 5)))).toBe('EACCES');
  expect(errno(() => open().send(bytes(1), at('255.255.255.255', 5)))).toBe('ENETUNREACH');
  expect(errno(() => open().send(new Uint8Array(65_508), at('10.0.0.2', 5)))).toBe('EMSGSIZE');
  expect(errno(() => open().bind(at('9.9.9.9', 5)))).toBe('EADDRNOTAVAIL');
  expect(errno(() => open().bind(at('10.0.0.255', 5)))).toBeUndefined();
  const sock = bound(a, '0.0.0.0', 500);
  expect(errno(() => bound(a, '0.0.0.0', 500))).toBe('EADDRINUSE');
  expect(errno(() => bound(a, '10.0.0.1', 500))).toBe('EADDRINUSE');
  expect(errno(() => sock.bind(at('0.0.0.0', 501)))).toBe('EINVAL');
  bound(a, '10.0.0.1', 501);
  expect(errno(() => bound(a, '127.0.0.1', 501))).toBeUndefined();
  sock.close();
  expect(errno(() => bound(a, '0.0.0.0', 500))).toBeUndefined();
  const user = open();
  user.uid = 1000;
  expect(errno(() => user.bind(at('0.0.0.0', 53)))).toBe('EACCES');
});

it('gives a datagram to the socket that fits best', () => {
  const { net, a, b } = twoHosts();
  const any = bound(b, '0.0.0.0', 7);
  any.reuseAddr = true;
  const own = b.udp.open('inet');
  own.reuseAddr = true;
  own.bind(at('10.0.0.2', 7));
  const client = bound(a, '10.0.0.1', 777);
  client.send(bytes(1), at('10.0.0.2', 7));
  net.run();
  expect([any.recv(9), own.recv(9)?.data]).toEqual([undefined, bytes(1)]);
  any.connect(at('10.0.0.1', 777));
  client.send(bytes(2), at('10.0.0.2', 7));
  net.run();
  expect([any.recv(9)?.data, own.recv(9)]).toEqual([bytes(2), undefined]);
});

it('spreads senders over a SO_REUSEPORT group, each always to the same socket', () => {
  const { net, a, b } = twoHosts();
  const group = [0, 1].map(() => {
    const sock = b.udp.open('inet');
    sock.reusePort = true;
    sock.bind(at('0.0.0.0', 7));
    return sock;
  });
  const counts = [0, 0];
  for (let i = 0; i < 20; i++) {
    const client = a.udp.open('inet');
    for (let n = 0; n < 2; n++) client.send(bytes(i), at('10.0.0.2', 7));
    net.run(0.1);
    const got = group.map((sock) => [sock.recv(9), sock.recv(9)].filter((x) => x).length);
    expect([...got].sort()).toEqual([0, 2]);
    counts[got.indexOf(2)] = (counts[got.indexOf(2)] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(3);
});

it('brings a broadcast to every socket on the link, and to its own', () => {
  const { net, a, b } = twoHosts();
  const [mine, yours] = [bound(a, '0.0.0.0', 68), bound(b, '0.0.0.0', 68)];
  const sock = a.udp.open('inet');
  sock.broadcast = true;
  sock.send(bytes(5), at('10.0.0.255', 68));
  net.run();
  expect(yours.recv(9)).toMatchObject({ data: bytes(5), to: ip4('10.0.0.255') });
  expect(mine.recv(9)?.data).toEqual(bytes(5));
});

it('brings multicast to those who have joined, one hop far', () => {
  const { net, a, b } = twoHosts();
  addRoute(a, 'default', '10.0.0.2');
  const group = ip4('239.1.1.1');
  const listener = bound(b, '0.0.0.0', 99);
  const sock = a.udp.open('inet');
  const shout = () => {
    sock.send(bytes(1), at('239.1.1.1', 99));
    net.run();
    return listener.recv(9);
  };
  expect(shout()).toBeUndefined();
  listener.joinGroup(group, b.devices.byName('v1') ?? null);
  expect(errno(() => listener.joinGroup(group, b.devices.byName('v1') ?? null))).toBe('EADDRINUSE');
  expect(shout()).toMatchObject({ ttl: 1, to: group });
  listener.leaveGroup(group, null);
  expect(shout()).toBeUndefined();
  expect(errno(() => listener.leaveGroup(group, null))).toBe('EADDRNOTAVAIL');
});

it('lets an IPv6 socket speak IPv4 with mapped addresses, unless it is v6only', () => {
  const { net, a, b } = twoHosts();
  const server = b.udp.open('inet6');
  server.bind({ addr: IPV6_ANY, port: 600 });
  expect(errno(() => bound(b, '0.0.0.0', 600))).toBe('EADDRINUSE');
  const client = a.udp.open('inet');
  client.send(bytes(1), at('10.0.0.2', 600));
  net.run();
  const got = server.recv(9);
  expect(got?.from?.addr).toEqual({ w0: 0, w1: 0, w2: 0xffff, w3: ip4('10.0.0.1') });
  server.send(bytes(2), got?.from);
  net.run();
  expect(client.recv(9)?.data).toEqual(bytes(2));
  const only = b.udp.open('inet6');
  only.v6only = true;
  only.bind({ addr: IPV6_ANY, port: 601 });
  expect(errno(() => bound(b, '0.0.0.0', 601))).toBeUndefined();
});

it('counts and drops what does not fit the receive buffer', () => {
  const { net, a, b } = twoHosts();
  const server = bound(b, '0.0.0.0', 5);
  server.rcvBuf = 4096;
  const client = a.udp.open('inet');
  for (let i = 0; i < 10; i++) client.send(new Uint8Array(1000), at('10.0.0.2', 5));
  net.run();
  expect(b.udp.mib('inet')).toMatchObject({ InDatagrams: 0, RcvbufErrors: 8, InErrors: 8 });
});

it('shows its sockets as ss does', () => {
  const { a } = twoHosts();
  bound(a, '127.0.0.1', 53);
  a.udp.open('inet').connect(at('10.0.0.2', 9));
  expect(a.udp.dump()).toMatchObject([
    { netid: 'udp', state: 'UNCONN', local: at('127.0.0.1', 53), remote: at('0.0.0.0', 0) },
    { netid: 'udp', state: 'ESTAB', remote: at('10.0.0.2', 9) },
  ]);
});
