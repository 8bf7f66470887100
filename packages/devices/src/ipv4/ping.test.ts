import { expect, it } from 'vitest';
import { addAddr, echoRequest, Hosts, ip4 } from '../../../../test/kit/hosts.ts';
import { neighDump } from '../rtnetlink/index.ts';

function twoHosts() {
  const net = new Hosts();
  const [a, b] = [net.host(), net.host()];
  net.cable(a, 'v0', b, 'v1');
  addAddr(a, 'v0', '10.0.0.1/24');
  addAddr(b, 'v1', '10.0.0.2/24');
  return { net, a, b };
}

it('pings the neighbour after asking for its address once', () => {
  const { net, a, b } = twoHosts();
  const sock = a.ipv4.openPing();
  for (const seq of [1, 2]) sock.send(echoRequest(seq), { addr: ip4('10.0.0.2'), port: 0 });
  net.run();
  const [first, second] = [sock.recv(100), sock.recv(100)];
  expect(first).toMatchObject({ from: { addr: ip4('10.0.0.2') }, ttl: 64, to: ip4('10.0.0.1') });
  expect([first?.data[0], first?.data[7], second?.data[7]]).toEqual([0, 1, 2]);
  expect(neighDump(a, 'inet').map((n) => n.state)).toEqual(['REACHABLE']);
  expect(neighDump(b, 'inet').map((n) => n.state)).toEqual(['DELAY']);
});

it('pings itself, and the whole of 127.0.0.0/8', () => {
  const { net, a } = twoHosts();
  const sock = a.ipv4.openPing();
  for (const to of ['10.0.0.1', '127.0.0.1', '127.5.5.5']) {
    sock.send(echoRequest(1), { addr: ip4(to), port: 0 });
    net.run();
    expect(sock.recv(100)).toMatchObject({ from: { addr: ip4(to) }, ttl: 64 });
  }
});

it('tells the sender three seconds later that nobody answers', () => {
  const { net, a } = twoHosts();
  const sock = a.ipv4.openPing();
  sock.recvErr = true;
  sock.send(echoRequest(1), { addr: ip4('10.0.0.9'), port: 0 });
  net.run(2.9);
  expect(sock.errorQueue).toEqual([]);
  net.run();
  expect(sock.errorQueue).toMatchObject([
    { errno: 'EHOSTUNREACH', type: 3, code: 1, offender: ip4('10.0.0.1') },
  ]);
  expect(neighDump(a, 'inet').map((n) => n.state)).toContain('FAILED');
});

it('answers a broadcast only if it is told to', () => {
  const { net, a, b } = twoHosts();
  const sock = a.ipv4.openPing();
  const to = { addr: ip4('10.0.0.255'), port: 0 };
  expect(() => sock.send(echoRequest(1), to)).toThrow('Permission denied');
  sock.broadcast = true;
  sock.send(echoRequest(1), to);
  net.run();
  expect(sock.recv(100)).toBeUndefined();
  b.sysctl.write('net/ipv4/icmp_echo_ignore_broadcasts', '0');
  sock.send(echoRequest(2), to);
  net.run();
  expect(sock.recv(100)).toMatchObject({ from: { addr: ip4('10.0.0.2') } });
});

it('does not answer at all with icmp_echo_ignore_all', () => {
  const { net, a, b } = twoHosts();
  b.sysctl.write('net/ipv4/icmp_echo_ignore_all', '1');
  const sock = a.ipv4.openPing();
  sock.send(echoRequest(1), { addr: ip4('10.0.0.2'), port: 0 });
  net.run();
  expect(sock.recv(100)).toBeUndefined();
});

it('lets a group open a ping socket only if ping_group_range holds it', () => {
  const { a } = twoHosts();
  expect(() => a.ipv4.openPing(0)).toThrow('Permission denied');
  a.sysctl.write('net/ipv4/ping_group_range', '0 1000');
  expect(a.ipv4.openPing(0).poll()).toBe(4);
});
