import { parseIpv4 } from '@labwire/core/addr';
import { SEC, Simulator } from '@labwire/core/sim';
import { expect, it } from 'vitest';
import { devOpen, Veth } from '../link/index.ts';
import { Kernel, type Netns } from '../netns/index.ts';
import { addrAdd, neighDump } from '../rtnetlink/index.ts';

const addr = (text: string) => parseIpv4(text) as NonNullable<ReturnType<typeof parseIpv4>>;

function give(netns: Netns, name: string, local: string, prefixLen: number): void {
  const ifindex = netns.devices.byName(name)?.ifindex as number;
  addrAdd(
    netns,
    { family: 'inet', ifindex, local: addr(local), prefixLen },
    { create: true, excl: true },
  );
}

function twoHosts() {
  const sim = new Simulator();
  const kernel = new Kernel(sim, 'host');
  const [a, b] = [kernel.newNetns(), kernel.newNetns()];
  const [va, vb] = Veth.createPair({ netns: a, name: 'v0' }, { netns: b, name: 'v1' });
  for (const dev of [va, vb, a.loopback, b.loopback]) devOpen(dev);
  give(a, 'v0', '10.0.0.1', 24);
  give(b, 'v1', '10.0.0.2', 24);
  return { sim, kernel, a, b, va, vb };
}

function echo(seq: number): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes[0] = 8;
  bytes[7] = seq;
  return bytes;
}

it('pings the neighbour after asking for its address once', () => {
  const { sim, a } = twoHosts();
  const sock = a.ipv4.openPing();
  sock.send(echo(1), { addr: addr('10.0.0.2'), port: 0 });
  sock.send(echo(2), { addr: addr('10.0.0.2'), port: 0 });
  sim.runEvents(SEC);
  const [first, second] = [sock.recv(100), sock.recv(100)];
  expect(first).toMatchObject({ from: { addr: addr('10.0.0.2') }, ttl: 64, to: addr('10.0.0.1') });
  expect([first?.data[0], first?.data[7], second?.data[7]]).toEqual([0, 1, 2]);
  expect(neighDump(a, 'inet').map((n) => n.state)).toEqual(['REACHABLE']);
});

it('pings itself', () => {
  const { sim, a } = twoHosts();
  const sock = a.ipv4.openPing();
  for (const to of ['10.0.0.1', '127.0.0.1', '127.5.5.5']) {
    sock.send(echo(1), { addr: addr(to), port: 0 });
    sim.runEvents(sim.now + SEC);
    expect(sock.recv(100)).toMatchObject({ from: { addr: addr(to) }, ttl: 64 });
  }
});

it('tells the sender three seconds later that nobody answers', () => {
  const { sim, a } = twoHosts();
  const sock = a.ipv4.openPing();
  sock.recvErr = true;
  sock.send(echo(1), { addr: addr('10.0.0.9'), port: 0 });
  sim.runEvents(2.9 * SEC);
  expect(sock.errorQueue).toEqual([]);
  sim.runEvents(4 * SEC);
  expect(sock.errorQueue[0]).toMatchObject({
    errno: 'EHOSTUNREACH',
    type: 3,
    code: 1,
    offender: addr('10.0.0.1'),
  });
  expect(neighDump(a, 'inet').map((n) => n.state)).toContain('FAILED');
});
