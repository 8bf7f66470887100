import type { Ipv4Addr } from '@labwire/core/addr';
import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { SEC } from '@labwire/core/sim';
import type { Netns } from '@labwire/devices/netns';
import { expect, it } from 'vitest';
import { INNER, NatNetwork, OUTER, SERVERS } from './nat-network.ts';

const [HOST] = INNER as [Ipv4Addr];
const [SERVER] = SERVERS as [Ipv4Addr];
const FTP = 21;
const FTP_DATA = 20;
const TFTP = 69;

type Tcp = ReturnType<Netns['tcp']['open']>;

/** `-t raw -A PREROUTING -p PROTO --dport PORT -j CT --helper NAME` */
function giveHelper(net: NatNetwork, helper: string, proto: number, dport: number): void {
  const kind = proto === 6 ? ('tcp' as const) : ('udp' as const);
  const { netfilter } = net.router;
  netfilter
    .table('inet', 'raw')
    .table.chains.get('PREROUTING')
    ?.rules.push({
      proto: { number: proto, invert: false },
      matches: [{ kind, dports: { min: dport, max: dport, invert: false } }],
      target: {
        kind: 'CT',
        isNotrack: false,
        notrack: false,
        helper,
        timeout: undefined,
        ctevents: [],
        expevents: [],
        zone: undefined,
      },
      counters: { packets: 0, bytes: 0 },
    });
  netfilter.changed('inet');
}

function run(net: NatNetwork): void {
  net.sim.runEvents(net.sim.now + SEC);
}

function listen(netns: Netns, addr: Ipv4Addr, port: number): Tcp {
  const socket = netns.tcp.open('inet');
  socket.bind({ addr, port });
  socket.listen(5);
  return socket;
}

function connect(
  net: NatNetwork,
  netns: Netns,
  to: { addr: Ipv4Addr; port: number },
  from = 0,
): Tcp {
  const socket = netns.tcp.open('inet');
  if (from !== 0) socket.bind({ addr: to.addr === OUTER ? SERVER : HOST, port: from });
  expect(() => socket.connect(to)).toThrow();
  run(net);
  return socket;
}

function say(net: NatNetwork, socket: Tcp, text: string): void {
  socket.send(utf8Encode(text));
  run(net);
}

const hear = (socket: Tcp | undefined): string =>
  utf8Decode(socket?.recv(1000)?.data ?? new Uint8Array());

/** A control connection on which a line has been said, and the server's end of it. */
function control(net: NatNetwork): { readonly client: Tcp; readonly server: Tcp } {
  const listener = listen(net.outer, SERVER, FTP);
  const client = connect(net, net.inner, { addr: SERVER, port: FTP });
  const server = listener.accept() as Tcp;
  say(net, server, '220 ready\r\n');
  say(net, client, 'USER me\r\n');
  expect(hear(server)).toBe('USER me\r\n');
  return { client, server };
}

it('FTP: a port that a masqueraded client names is the router its own, and leads to the client', () => {
  const net = new NatNetwork();
  giveHelper(net, 'ftp', 6, FTP);
  const { client, server } = control(net);
  const data = listen(net.inner, HOST, 40_000);
  say(net, client, 'PORT 192,168,0,2,156,64\r\n');
  expect(hear(server)).toBe('PORT 203,0,113,10,156,64\r\n');
  expect(net.tracking.expectations.list()).toHaveLength(1);
  const sender = connect(net, net.outer, { addr: OUTER, port: 40_000 }, FTP_DATA);
  say(net, sender, 'file');
  expect(hear(data.accept())).toBe('file');
  expect(net.tracking.expectations.list()).toHaveLength(0);
});

it('FTP: what follows a command of another length is heard on both sides', () => {
  const net = new NatNetwork();
  giveHelper(net, 'ftp', 6, FTP);
  const { client, server } = control(net);
  hear(client);
  for (let i = 0; i < 3; i++) {
    say(net, client, 'PORT 192,168,0,2,156,64\r\n');
    expect(hear(server)).toBe('PORT 203,0,113,10,156,64\r\n');
    say(net, server, '200 fine\r\n');
    expect(hear(client)).toBe('200 fine\r\n');
  }
  say(net, client, 'QUIT\r\n');
  expect(hear(server)).toBe('QUIT\r\n');
  const [entry] = net.tracking.list();
  expect(entry?.protoState).toBe(3);
});

it('FTP: nothing is read without the helper', () => {
  const net = new NatNetwork();
  const { client, server } = control(net);
  say(net, client, 'PORT 192,168,0,2,156,64\r\n');
  expect(hear(server)).toBe('PORT 192,168,0,2,156,64\r\n');
  expect(net.tracking.expectations.list()).toHaveLength(0);
});

it('TFTP: the server answers from a port of its own', () => {
  const net = new NatNetwork();
  giveHelper(net, 'tftp', 17, TFTP);
  const listener = net.outer.udp.open('inet');
  listener.bind({ addr: SERVER, port: TFTP });
  const client = net.inner.udp.open('inet');
  client.bind({ addr: HOST, port: 40_000 });
  client.send(new Uint8Array([0, 1, 0x61, 0]), { addr: SERVER, port: TFTP });
  run(net);
  const asked = listener.recv(100);
  const transfer = net.outer.udp.open('inet');
  transfer.bind({ addr: SERVER, port: 50_000 });
  transfer.send(utf8Encode('block'), asked?.from);
  run(net);
  expect(utf8Decode(client.recv(100)?.data ?? new Uint8Array())).toBe('block');
});
