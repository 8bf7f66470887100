import { type Ipv6Addr, parseIpv6 } from '@labwire/core/addr';
import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { SEC, Simulator } from '@labwire/core/sim';
import { expect, it } from 'vitest';
import { devOpen, Veth } from '../link/index.ts';
import { Kernel, type Netns } from '../netns/index.ts';
import { addrAdd6, addrDump6 } from './index.ts';

const ip = (text: string): Ipv6Addr => parseIpv6(text) as Ipv6Addr;

/** Two machines on one cable, 2001:db8::1 and ::2. */
function pair(): { sim: Simulator; a: Netns; b: Netns } {
  const sim = new Simulator();
  const kernel = new Kernel(sim, 'host');
  const a = kernel.newNetns();
  const b = kernel.newNetns();
  const end = (netns: Netns) => ({ netns, name: 'eth0', addr: kernel.randomMac() });
  const cable = Veth.createPair(end(a), end(b));
  for (const dev of cable) devOpen(dev);
  for (const [netns, local] of [
    [a, '2001:db8::1'],
    [b, '2001:db8::2'],
  ] as const) {
    const ifindex = netns.devices.byName('eth0')?.ifindex ?? 0;
    addrAdd6(
      netns,
      { family: 'inet6', ifindex, local: ip(local), prefixLen: 64, flags: 2 },
      { create: true },
    );
  }
  sim.runEvents(3 * SEC);
  return { sim, a, b };
}

/** Connects and returns the errno that SO_ERROR gives after three seconds. */
function tryConnect(sim: Simulator, from: Netns, to: string, port: number) {
  const socket = from.tcp.open('inet6');
  expect(() => socket.connect({ addr: ip(to), port })).toThrow(KernelError);
  sim.runEvents(sim.now + 3 * SEC);
  return { socket, errno: socket.takeError() };
}

it('a TCP connection carries bytes over IPv6', () => {
  const { sim, a, b } = pair();
  const listener = b.tcp.open('inet6');
  listener.bind({ addr: ip('::'), port: 80 });
  listener.listen(5);
  const { socket, errno } = tryConnect(sim, a, '2001:db8::2', 80);
  expect(errno).toBeUndefined();
  socket.send(utf8Encode('hello'));
  sim.runEvents(sim.now + SEC);
  const accepted = listener.accept();
  expect(utf8Decode(accepted?.recv(100)?.data ?? new Uint8Array())).toBe('hello');
  expect(accepted?.remoteAddr()?.addr).toEqual(ip('2001:db8::1'));
});

it('nobody at the port refuses, over IPv6 too', () => {
  const { sim, a } = pair();
  expect(tryConnect(sim, a, '2001:db8::2', 81).errno).toBe('ECONNREFUSED');
});

it('a datagram to no one comes back as an error of its socket', () => {
  const { sim, a } = pair();
  const socket = a.udp.open('inet6');
  socket.connect({ addr: ip('2001:db8::2'), port: 5353 });
  socket.send(utf8Encode('?'));
  sim.runEvents(sim.now + SEC);
  expect(() => socket.recv(10)).toThrow('Connection refused');
});

it('a socket on :: also takes IPv4, unless it is told not to', () => {
  const { b } = pair();
  const open = b.tcp.open('inet6');
  open.bind({ addr: ip('::'), port: 80 });
  open.listen(5);
  const other = b.tcp.open('inet');
  expect(() => other.bind({ addr: 0 as never, port: 80 })).toThrow('Address already in use');
  const narrow = b.tcp.open('inet6');
  narrow.v6only = true;
  narrow.bind({ addr: ip('::'), port: 81 });
  narrow.listen(5);
  expect(() => b.tcp.open('inet').bind({ addr: 0 as never, port: 81 })).not.toThrow();
});

it('a ping socket hears the reply to its own request', () => {
  const { sim, a } = pair();
  const socket = a.ipv6.openPing();
  const request = new Uint8Array(16);
  request[0] = 128;
  request[7] = 1;
  socket.send(request, { addr: ip('2001:db8::2'), port: 0 });
  sim.runEvents(sim.now + SEC);
  const reply = socket.recv(100);
  expect(reply?.data[0]).toBe(129);
  expect(reply?.from?.addr).toEqual(ip('2001:db8::2'));
});

it.each(['fe80', 'ff02::1'])('a socket of a device hears the machine itself at %s', (text) => {
  const { sim, a } = pair();
  devOpen(a.loopback);
  const dev = a.devices.byName('eth0');
  const own = addrDump6(a).find((i) => (i.local as Ipv6Addr).w0 >>> 16 === 0xfe80);
  const to = (text === 'fe80' ? own?.local : ip(text)) as Ipv6Addr;
  const receiver = a.udp.open('inet6');
  receiver.bind({ addr: ip('::'), port: 7 });
  receiver.boundDev = dev ?? null;
  const sender = a.udp.open('inet6');
  sender.send(utf8Encode('x'), { addr: to, port: 7, scopeId: dev?.ifindex ?? 0 });
  sim.runEvents(sim.now + SEC);
  expect(receiver.recv(10)?.from?.scopeId).toBe(dev?.ifindex);
});
