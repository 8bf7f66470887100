import { MAC_BROADCAST, type MacAddr } from '@labwire/core/addr';
import { get16, get48 } from '@labwire/core/bytes';
import { expect, it } from 'vitest';
import { addAddr, echoRequest, Hosts, ip4 } from '../../../../test/kit/hosts.ts';
import { PacketSocket } from './index.ts';

function twoHosts() {
  const net = new Hosts();
  const [a, b] = [net.host(), net.host()];
  const [v0, v1] = net.cable(a, 'v0', b, 'v1');
  addAddr(a, 'v0', '10.0.0.1/24');
  addAddr(b, 'v1', '10.0.0.2/24');
  return { net, a, b, v0, v1 };
}

const at = (addr: string) => ({ addr: ip4(addr), port: 0 });

it('gives a raw socket the whole packets of its protocol, echo requests among them', () => {
  const { net, a, b } = twoHosts();
  const raw = b.ipv4.openRaw(1);
  a.ipv4.openPing().send(echoRequest(1), at('10.0.0.2'));
  net.run();
  const got = raw.recv(2000);
  expect(got).toMatchObject({ from: at('10.0.0.1'), ttl: 64 });
  expect([got?.data[0], got?.data[9], got?.data.length]).toEqual([0x45, 1, 84]);
  raw.icmpFilter = 1 << 8;
  a.ipv4.openPing().send(echoRequest(2), at('10.0.0.2'));
  net.run();
  expect(raw.recv(2000)).toBeUndefined();
});

it('sends a protocol that nobody has, and is told so', () => {
  const { net, a } = twoHosts();
  const raw = a.ipv4.openRaw(99);
  raw.recvErr = true;
  raw.send(new Uint8Array(10), at('10.0.0.2'));
  net.run();
  expect(raw.errorQueue).toMatchObject([{ errno: 'ENOPROTOOPT', type: 3, code: 2 }]);
});

it('sends whole packets with IP_HDRINCL, filling in what is left 0', () => {
  const { net, a, b } = twoHosts();
  const raw = a.ipv4.openRaw(255);
  const heard = b.ipv4.openRaw(99);
  const packet = new Uint8Array(24);
  packet.set([0x45, 0, 0, 0, 0, 0, 0, 0, 7, 99, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2, 1, 2, 3, 4]);
  raw.send(packet, at('10.0.0.2'));
  net.run();
  const data = heard.recv(99)?.data as Uint8Array;
  expect([get16(data, 2), data[8], ...data.slice(12, 16)]).toEqual([24, 7, 10, 0, 0, 1]);
  expect(get16(data, 4)).not.toBe(0);
  expect(() => raw.send(new Uint8Array(1501), at('10.0.0.2'))).toThrow('Message too long');
});

it('shows a packet socket the frames of both ways, but not its own', () => {
  const { net, a, v0, v1 } = twoHosts();
  const all = new PacketSocket(a, 'raw', 3);
  const arp = new PacketSocket(a, 'dgram', 0x0806);
  arp.bind(v0.ifindex);
  a.ipv4.openPing().send(echoRequest(1), at('10.0.0.2'));
  net.run(0.1);
  const kinds = [];
  for (let p = all.recv(); p !== undefined; p = all.recv()) {
    kinds.push([p.from.protocol, p.from.pktType]);
  }
  expect(kinds.filter(([protocol]) => protocol !== 0x86dd)).toEqual([
    [0x0806, 4],
    [0x0806, 0],
    [0x0800, 4],
    [0x0800, 0],
  ]);
  expect(arp.recv()).toMatchObject({ from: { lladdr: v1.addr, pktType: 0 } });
  expect(arp.recv()).toBeUndefined();
  const other = new PacketSocket(v1.netns as typeof a, 'raw', 0x88b5);
  arp.send(new Uint8Array([1, 2, 3]), { protocol: 0x88b5, lladdr: MAC_BROADCAST });
  net.run(0.1);
  expect(arp.recv()).toBeUndefined();
  const got = other.recv();
  expect(get48(got?.data as Uint8Array, 0)).toBe(MAC_BROADCAST as MacAddr);
  expect(got?.data.length).toBe(17);
});

it('tells a packet socket that its device is down', () => {
  const { net, a, v0 } = twoHosts();
  net.setDown(v0);
  const sock = new PacketSocket(a, 'raw', 3);
  sock.bind(v0.ifindex);
  expect(() => sock.recv()).toThrow('Network is down');
  expect(() => sock.send(new Uint8Array(60))).toThrow('Network is down');
  expect(() => sock.bind(99)).toThrow('No such device');
});
