import type { Ipv4Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { MS } from '@labwire/core/sim';
import type { TcpSocket } from '@labwire/devices/tcp';
import { expect, it } from 'vitest';
import { Link } from './link.ts';

const ANY = 0 as Ipv4Addr;

function listen(link: Link, addr: Ipv4Addr, backlog: number, reusePort = false): TcpSocket {
  const socket = link.b.netns.tcp.open('inet');
  socket.reusePort = reusePort;
  socket.bind({ addr, port: 80 });
  socket.listen(backlog);
  return socket;
}

/** Opens `n` connections to port 80 of host B. */
function dial(link: Link, n: number): TcpSocket[] {
  return Array.from({ length: n }, () => {
    const socket = link.a.netns.tcp.open('inet');
    expect(() => socket.connect({ addr: link.b.addr, port: 80 })).toThrow(KernelError);
    return socket;
  });
}

it('SO_REUSEPORT shares connections among the listeners of a port', () => {
  const link = new Link();
  const both = [listen(link, ANY, 100, true), listen(link, ANY, 100, true)];
  dial(link, 64);
  link.sim.runEvents(20 * MS);
  const counts = both.map((l) => l.readyCount);
  expect((counts[0] as number) + (counts[1] as number)).toBe(64);
  expect(Math.min(...counts)).toBeGreaterThan(10);
});

it('a backlog of n holds n + 1 connections; the rest wait in SYN-SENT where no cookies are sent', () => {
  const link = new Link();
  link.b.netns.sysctl.write('net/ipv4/tcp_syncookies', '0');
  const listener = listen(link, ANY, 2);
  const sockets = dial(link, 5);
  link.sim.runEvents(20 * MS);
  expect(listener.readyCount).toBe(3);
  listener.accept();
  link.sim.runEvents(1100 * MS);
  expect(listener.readyCount).toBe(3);
  expect(sockets.filter((s) => s.tcb?.state === 'ESTABLISHED').length).toBeGreaterThan(3);
});

it('somaxconn is the most that a backlog may be', () => {
  const link = new Link();
  expect(listen(link, ANY, 1_000_000).backlog).toBe(4096);
});

it('a listener at the address goes before one at any, and a port is free again once it is closed', () => {
  const link = new Link();
  const exact = listen(link, link.b.addr, 5, true);
  const any = listen(link, ANY, 5, true);
  dial(link, 3);
  link.sim.runEvents(20 * MS);
  expect([exact.readyCount, any.readyCount]).toEqual([3, 0]);
  exact.close();
  any.close();
  expect(() => listen(link, ANY, 5)).not.toThrow();
});

it('ephemeral ports are even and lie in the range; each pair of ends is used once', () => {
  const link = new Link();
  listen(link, ANY, 100);
  const ports = dial(link, 50).map((s) => s.localAddr().port);
  expect(new Set(ports).size).toBe(50);
  expect(ports.every((p) => p >= 32_768 && p <= 60_999 && p % 2 === 0)).toBe(true);
});
