import { KernelError } from '@labwire/core/error';
import { POLLHUP, POLLIN, POLLOUT } from '@labwire/core/sim';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Hosts } from '../../../../test/kit/hosts.ts';
import type { UnixSocket, UnixType } from './index.ts';

const unix = () => new Hosts().host().unix;
const bytes = (n: number, from = 0) => Uint8Array.from({ length: n }, (_, i) => (from + i) & 255);

function errnoOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (e) {
    if (e instanceof KernelError) return e.errno;
    throw e;
  }
}

function listening(type: UnixType, backlog = 5) {
  const table = unix();
  const server = table.open(type);
  table.bindAbstract(server, 'server');
  server.listen(backlog);
  return { table, server };
}

/** Everything that can be read at present. */
function drain(sock: UnixSocket, max = 1 << 20): number[] {
  const all: number[] = [];
  for (let got = sock.recv(max); got !== undefined; got = sock.recv(max)) {
    if (got.data.length === 0) break;
    for (const byte of got.data) all.push(byte);
  }
  return all;
}

it('carries every byte of a stream in order, however it is cut', () => {
  const sizes = fc.array(fc.record({ send: fc.nat(70_000), recv: fc.nat(70_000) }), {
    maxLength: 9,
  });
  fc.assert(
    fc.property(sizes, (steps) => {
      const [a, b] = unix().openPair('stream');
      let sent = 0;
      const got: number[] = [];
      for (const { send, recv } of steps) {
        sent += a.send(bytes(send, sent)) ?? 0;
        for (const byte of b.recv(recv + 1)?.data ?? []) got.push(byte);
      }
      for (const byte of drain(b)) got.push(byte);
      return got.length === sent && got.every((x, i) => x === (i & 255));
    }),
    { numRuns: 30 },
  );
});

it('takes no more of a stream than fits the buffer, and says when there is room again', () => {
  const [a, b] = unix().openPair('stream');
  let total = 0;
  for (let n = a.send(bytes(65_536)); n !== undefined; n = a.send(bytes(65_536))) total += n;
  expect(total).toBeLessThanOrEqual(a.sndBuf);
  expect(a.poll() & POLLOUT).toBe(0);
  let woken = 0;
  a.wq.add(() => woken++);
  drain(b);
  expect([woken > 0, a.poll() & POLLOUT]).toEqual([true, POLLOUT]);
});

it('keeps the messages of datagrams and of SEQPACKET apart, and cuts those that do not fit', () => {
  for (const type of ['dgram', 'seqpacket'] as const) {
    const [a, b] = unix().openPair(type);
    a.send(bytes(10));
    a.send(bytes(3));
    expect(b.recv(4)?.data).toEqual(bytes(4));
    expect(b.recv(100)?.data).toEqual(bytes(3));
    expect(b.recv(100)).toBeUndefined();
  }
});

it('says which ends were closed, and how', () => {
  const { table, server } = listening('stream');
  const client = table.open('stream');
  client.connectTo(server);
  const end = server.accept() as UnixSocket;
  client.send(bytes(2));
  client.shutdown('wr');
  expect(drain(end)).toEqual([0, 1]);
  expect(end.recv(9)?.data.length).toBe(0);
  expect(errnoOf(() => client.send(bytes(1)))).toBe('EPIPE');
  end.send(bytes(4));
  client.close();
  expect(end.poll() & (POLLHUP | POLLIN)).toBe(POLLHUP | POLLIN);
  expect(errnoOf(() => end.recv(1))).toBe('ECONNRESET');
  expect(end.recv(1)?.data.length).toBe(0);
  expect(errnoOf(() => end.send(bytes(1)))).toBe('EPIPE');
});

it.each<[what: string, act: () => unknown, errno: string]>([
  ['a name that nobody has', () => unix().findAbstract('x'), 'ECONNREFUSED'],
  [
    'a socket that does not listen',
    () => {
      const table = unix();
      table.open('stream').connectTo(table.open('stream'));
    },
    'ECONNREFUSED',
  ],
  [
    'a listener of another type',
    () => {
      const { table, server } = listening('seqpacket');
      table.open('stream').connectTo(server);
    },
    'EPROTOTYPE',
  ],
  [
    'a listener whose queue is full',
    () => {
      const { table, server } = listening('stream', 1);
      for (let i = 0; i < 3; i++) table.open('stream').connectTo(server);
    },
    'EAGAIN',
  ],
  [
    'a datagram socket to listen with',
    () => {
      unix().open('dgram').listen(1);
    },
    'EOPNOTSUPP',
  ],
])('connects not to %s', (_what, act, errno) => {
  expect(errnoOf(act)).toBe(errno);
});

it('resets whoever waits at a listener that closes, and gives its name free', () => {
  const { table, server } = listening('stream');
  const client = table.open('stream');
  client.connectTo(server);
  server.close();
  expect(errnoOf(() => client.recv(1))).toBe('ECONNRESET');
  expect(errnoOf(() => table.findAbstract('server'))).toBe('ECONNREFUSED');
  expect(table.list()).toEqual([client]);
});

it('lets no more datagrams wait than the queue takes', () => {
  const table = unix();
  const [a, b] = table.openPair('dgram');
  let n = 0;
  while (a.send(bytes(1)) !== undefined) n++;
  expect(n).toBe(table.maxDgramQlen + 1);
  expect(a.poll() & POLLOUT).toBe(0);
  b.recv(1);
  expect(a.send(bytes(1))).toBe(1);
});
