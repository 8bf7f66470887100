import type { DropReason } from '@labwire/core/skb';
import { expect, it } from 'vitest';
import { addAddr, addRoute, echoRequest, Hosts, ip4 } from '../../../../test/kit/hosts.ts';
import { routeAdd, routeGet } from '../rtnetlink/index.ts';
import { setForwarding } from './sysctl/dev-sysctls.ts';

/** 10.0.1.1 – router – 10.0.2.1 */
function chain() {
  const net = new Hosts();
  const [a, r, b] = [net.host(), net.host(), net.host()];
  const [, r0] = net.cable(a, 'a0', r, 'r0');
  const [r1, b0] = net.cable(r, 'r1', b, 'b0');
  addAddr(a, 'a0', '10.0.1.1/24');
  addAddr(r, 'r0', '10.0.1.254/24');
  addAddr(r, 'r1', '10.0.2.254/24');
  addAddr(b, 'b0', '10.0.2.1/24');
  addRoute(a, 'default', '10.0.1.254');
  addRoute(b, 'default', '10.0.2.254');
  setForwarding(r.ipv4, 1);
  const drops: DropReason[] = [];
  net.kernel.trace.drop.listen((reason) => drops.push(reason));
  return { net, a, r, b, r0, r1, b0, drops };
}

it('forwards with one less TTL both ways', () => {
  const { net, a, r } = chain();
  const ping = a.ipv4.openPing();
  ping.send(echoRequest(1), { addr: ip4('10.0.2.1'), port: 0 });
  net.run();
  expect(ping.recv(100)).toMatchObject({ from: { addr: ip4('10.0.2.1') }, ttl: 63 });
  expect(r.ipv4.mib.ForwDatagrams).toBe(2);
});

it('tells the sender of a packet whose TTL is spent', () => {
  const { net, a, drops } = chain();
  const ping = a.ipv4.openPing();
  ping.recvErr = true;
  ping.ttl = 1;
  ping.send(echoRequest(1), { addr: ip4('10.0.2.1'), port: 0 });
  net.run();
  expect(ping.errorQueue).toMatchObject([
    { errno: 'EHOSTUNREACH', type: 11, code: 0, offender: ip4('10.0.1.254') },
  ]);
  expect(drops).toContain('ip_inhdr');
});

it('says net unreachable where there is no route, and nothing where forwarding is off', () => {
  const { net, a, r, drops } = chain();
  const ping = a.ipv4.openPing();
  ping.recvErr = true;
  ping.send(echoRequest(1), { addr: ip4('99.0.0.1'), port: 0 });
  net.run();
  expect(ping.errorQueue.shift()).toMatchObject({ errno: 'ENETUNREACH', type: 3, code: 0 });
  expect(drops.splice(0)).toContain('ip_innoroutes');
  ping.takeError();
  setForwarding(r.ipv4, 0);
  ping.send(echoRequest(2), { addr: ip4('10.0.2.1'), port: 0 });
  net.run();
  expect(ping.errorQueue).toEqual([]);
  expect(drops).toContain('ip_inaddrerrors');
});

it('fragments what is too long and lets the receiver put it together', () => {
  const { net, a, b } = chain();
  const ping = a.ipv4.openPing();
  ping.pmtuDisc = 'dont';
  ping.send(echoRequest(1, 5000), { addr: ip4('10.0.2.1'), port: 0 });
  net.run();
  expect(ping.recv(9000)?.data.length).toBe(5000);
  expect(b.ipv4.mib).toMatchObject({ ReasmReqds: 4, ReasmOKs: 1, FragCreates: 4, FragOKs: 1 });
});

it('gives a packet up whose other parts do not come in 30 s, and says so', () => {
  const { net, a, b, b0 } = chain();
  const ping = a.ipv4.openPing();
  ping.pmtuDisc = 'dont';
  ping.send(echoRequest(1), { addr: ip4('10.0.2.1'), port: 0 });
  net.run();
  ping.recv(100);
  const lose = b0.netns?.kernel.trace.receive.listen((skb, dev) => {
    // what is behind the first fragment arrives as somebody else's
    if (dev === b0 && skb.protocol === 0x0800 && (skb.buf[skb.nh + 7] as number) !== 0)
      skb.pktType = 3;
  });
  ping.send(echoRequest(2, 2000), { addr: ip4('10.0.2.1'), port: 0 });
  net.run(29);
  expect(b.ipv4.mib.ReasmTimeout).toBe(0);
  net.run(2);
  lose?.();
  expect(b.ipv4.mib).toMatchObject({ ReasmTimeout: 1, ReasmFails: 1 });
  expect(a.ipv4.icmp.mib.in?.[11]).toBe(1);
});

it('learns the path MTU from the router that could not fragment, and forgets it in 600 s', () => {
  const { net, a, r1, r } = chain();
  r1.mtu = 1300;
  r.notify(r1, 'CHANGEMTU');
  const ping = a.ipv4.openPing();
  ping.recvErr = true;
  ping.pmtuDisc = 'do';
  const to = { addr: ip4('10.0.2.1'), port: 0 };
  ping.send(echoRequest(1, 1400), to);
  net.run();
  expect(ping.errorQueue.shift()).toMatchObject({
    errno: 'EMSGSIZE',
    info: 1300,
    type: 3,
    code: 4,
  });
  ping.takeError();
  expect(() => ping.send(echoRequest(2, 1400), to)).toThrow('Message too long');
  expect(ping.errorQueue.shift()).toMatchObject({ origin: 'local', info: 1300 });
  const get = () => routeGet(a, { family: 'inet', dst: ip4('10.0.2.1') });
  expect(get()).toMatchObject({ metrics: { mtu: 1300 }, expires: 599 });
  net.run(600);
  expect(get()).toMatchObject({ metrics: {}, expires: undefined });
});

it('redirects a host to the gateway on its own link', () => {
  const { net, a, r } = chain();
  addRoute(r, '10.9.0.0/16', '10.0.1.77');
  const ping = a.ipv4.openPing();
  ping.send(echoRequest(1), { addr: ip4('10.9.0.1'), port: 0 });
  net.run(0.01);
  expect(r.ipv4.icmp.mib.out?.[5]).toBe(1);
  expect(a.ipv4.icmp.mib.in?.[5]).toBe(1);
});

it('drops what claims to come from an address of its own or, with rp_filter, from elsewhere', () => {
  const { net, a, r, drops } = chain();
  const raw = a.ipv4.openRaw(255);
  const forge = (source: number[]) => {
    const packet = new Uint8Array(28);
    packet.set([0x45, 0, 0, 28, 0, 1, 0, 0, 64, 1, 0, 0, ...source, 10, 0, 2, 1, 8]);
    raw.send(packet, { addr: ip4('10.0.2.1'), port: 0 });
    net.run();
  };
  forge([10, 0, 1, 254]);
  expect(drops.splice(0)).toContain('ip_local_source');
  forge([198, 51, 100, 7]);
  expect(drops.splice(0)).not.toContain('ip_local_source');
  const local = { family: 'inet', type: 'local', dst: ip4('198.51.100.0'), dstLen: 24 } as const;
  routeAdd(r, { ...local, nexthops: [{ ifindex: 1 }] }, { create: true, excl: true });
  forge([198, 51, 100, 7]);
  expect(drops.splice(0)).toContain('ip_local_source');
  r.sysctl.write('net/ipv4/conf/r0/rp_filter', '1');
  forge([10, 0, 2, 77]);
  expect(drops.splice(0)).toContain('ip_rpfilter');
  expect(r.ipv4.mib.IPReversePathFilter).toBe(1);
});

it('lets routers cut again what the sender has cut, and sets DF on what is whole', () => {
  const { net, a, b, r, r1, b0 } = chain();
  r1.mtu = 1300;
  b0.mtu = 1300;
  r.notify(r1, 'CHANGEMTU');
  const ping = a.ipv4.openPing();
  ping.send(echoRequest(1, 3000), { addr: ip4('10.0.2.1'), port: 0 });
  net.run();
  expect(ping.recv(9000)?.data.length).toBe(3000);
  expect(b.ipv4.mib).toMatchObject({ ReasmOKs: 1 });
  expect(r.ipv4.mib.FragCreates).toBeGreaterThan(0);
});

it('tells a host twice at once that there is no route, then once in two seconds', () => {
  const { net, a } = chain();
  const ping = a.ipv4.openPing();
  ping.recvErr = true;
  const ask = () => {
    ping.takeError();
    ping.errorQueue.length = 0;
    ping.send(echoRequest(1), { addr: ip4('99.0.0.1'), port: 0 });
    net.run(0.01);
    return ping.errorQueue.length;
  };
  expect([ask(), ask(), ask()]).toEqual([1, 1, 0]);
  net.run(2.1);
  expect([ask(), ask()]).toEqual([1, 0]);
});
