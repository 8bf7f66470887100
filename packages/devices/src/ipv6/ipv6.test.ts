import {
  formatIpv6,
  IPV6_ALL_NODES,
  type Ipv6Addr,
  linkLocalOf,
  parseIpv6,
} from '@labwire/core/addr';
import { get8 } from '@labwire/core/bytes';
import { SEC, Simulator } from '@labwire/core/sim';
import { allocSkb } from '@labwire/core/skb';
import {
  fillIcmpv6Checksum,
  ICMPV6_DEST_UNREACH,
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
  ICMPV6_MLD2_REPORT,
  ICMPV6_TIME_EXCEED,
  IPPROTO_ICMPV6,
  NDISC_NEIGHBOUR_SOLICITATION,
  NDISC_ROUTER_SOLICITATION,
  writeIcmpv6,
} from '@labwire/core/wire';
import { expect, it } from 'vitest';
import { devOpen, Veth } from '../link/index.ts';
import { Kernel, type Netns } from '../netns/index.ts';
import { addrAdd6, addrDump6, routeAdd6, routeDump6 } from './index.ts';
import { IFA_F_DADFAILED, IFA_F_TENTATIVE } from './inet6-addr.ts';
import { newIp6Skb } from './ip6-build.ts';

const ip = (text: string): Ipv6Addr => parseIpv6(text) as Ipv6Addr;

/** A chain of machines, each joined to the next by a cable, all set up. */
function chain(n: number): { sim: Simulator; hosts: Netns[]; cables: (readonly [Veth, Veth])[] } {
  const sim = new Simulator();
  const kernel = new Kernel(sim, 'host');
  const hosts = Array.from({ length: n }, () => kernel.newNetns());
  const cables = hosts.slice(1).map((to, i) => {
    const end = { netns: hosts[i] as Netns, name: `right`, addr: kernel.randomMac() };
    return Veth.createPair(end, { netns: to, name: 'left', addr: kernel.randomMac() });
  });
  for (const h of hosts) for (const d of h.devices.list()) devOpen(d);
  return { sim, hosts, cables };
}

function firstEnd(cables: (readonly [Veth, Veth])[]): Veth {
  return (cables[0] as readonly [Veth, Veth])[0];
}

function add(netns: Netns, dev: string, addr: string, prefixLen = 64, nodad = true): void {
  const ifindex = netns.devices.byName(dev)?.ifindex ?? 0;
  const flags = nodad ? 2 : 0;
  addrAdd6(
    netns,
    { family: 'inet6', ifindex, local: ip(addr), prefixLen, flags },
    { create: true, excl: true },
  );
}

/** The ICMPv6 types that a namespace's devices receive, in order, as `type source > destination`. */
function watch(netns: Netns): string[] {
  const heard: string[] = [];
  netns.kernel.trace.receive.listen((skb, dev) => {
    if (dev.netns !== netns || skb.protocol !== 0x86dd) return;
    const next = get8(skb.buf, skb.data + 6);
    const at = skb.data + 40 + (next === 0 ? 8 : 0);
    const from = formatIpv6(parseAt(skb.buf, skb.data + 8));
    heard.push(`${get8(skb.buf, at)} ${from} > ${formatIpv6(parseAt(skb.buf, skb.data + 24))}`);
  });
  return heard;
}

function parseAt(buf: Uint8Array, off: number): Ipv6Addr {
  const word = (i: number): number => new DataView(buf.buffer).getInt32(off + 4 * i);
  return { w0: word(0), w1: word(1), w2: word(2), w3: word(3) };
}

function ping(netns: Netns, dst: string, hopLimit = 64, len = 64): void {
  const flow = netns.ipv6.output.flow(ip(dst), null, null);
  if (typeof flow === 'string') throw new Error(flow);
  const skb = newIp6Skb(len, flow.source, ip(dst), IPPROTO_ICMPV6, hopLimit);
  skb.buf.fill(0x61, skb.th, skb.tail);
  writeIcmpv6(skb.buf, skb.th, { type: ICMPV6_ECHO_REQUEST, code: 0, rest: 1 });
  fillIcmpv6Checksum(skb.buf, skb.th, skb.tail, flow.source, ip(dst));
  netns.ipv6.output.send(skb, flow);
}

it('a device that becomes ready gets its link-local address, tentative at first', () => {
  const { sim, hosts, cables } = chain(2);
  const dev = firstEnd(cables);
  const idev = hosts[0]?.ipv6.idev(dev);
  expect(idev?.addrs.map((a) => formatIpv6(a.addr))).toEqual([formatIpv6(linkLocalOf(dev.addr))]);
  expect(idev?.addrs[0]?.usable).toBe(false);
  sim.runEvents(3 * SEC);
  expect(idev?.addrs[0]?.usable).toBe(true);
});

it('tells of its groups, probes its address and then looks for routers, in this order', () => {
  const { sim, hosts, cables } = chain(2);
  const heard = watch(hosts[1] as Netns);
  sim.runEvents(3 * SEC);
  const own = formatIpv6(linkLocalOf(firstEnd(cables).addr));
  const types = heard.map((h) => Number(h.split(' ', 1)[0]));
  expect(types.indexOf(ICMPV6_MLD2_REPORT)).toBe(0);
  expect(types.indexOf(NDISC_NEIGHBOUR_SOLICITATION)).toBeGreaterThan(0);
  expect(heard).toContain(`${NDISC_ROUTER_SOLICITATION} ${own} > ff02::2`);
  expect(types.indexOf(NDISC_ROUTER_SOLICITATION)).toBeGreaterThan(
    types.indexOf(NDISC_NEIGHBOUR_SOLICITATION),
  );
  expect(heard).toContain(`${ICMPV6_MLD2_REPORT} ${own} > ff02::16`);
});

it('an address that somebody else has stays tentative', () => {
  const { sim, hosts } = chain(2);
  const [a, b] = hosts as [Netns, Netns];
  add(a, 'right', '2001:db8::1');
  sim.runEvents(3 * SEC);
  add(b, 'left', '2001:db8::1', 64, false);
  sim.runEvents(6 * SEC);
  const flags = b.ipv6.idev(b.devices.byName('left') as Veth)?.find(ip('2001:db8::1'))?.flags ?? 0;
  expect(flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)).toBe(IFA_F_TENTATIVE | IFA_F_DADFAILED);
});

it('an echo crosses a router and comes back with the hop limit one less', () => {
  const { sim, hosts } = chain(3);
  const [a, r, b] = hosts as [Netns, Netns, Netns];
  r.sysctl.write('net/ipv6/conf/all/forwarding', '1');
  add(a, 'right', '2001:db8:a::2');
  add(r, 'left', '2001:db8:a::1');
  add(r, 'right', '2001:db8:b::1');
  add(b, 'left', '2001:db8:b::2');
  const via = (n: Netns, gw: string) =>
    routeAdd6(
      n,
      { family: 'inet6', dst: ip('::'), dstLen: 0, nexthops: [{ via: ip(gw) }] },
      { create: true, excl: true },
    );
  via(a, '2001:db8:a::1');
  via(b, '2001:db8:b::1');
  sim.runEvents(3 * SEC);
  const heard = watch(a);
  ping(a, '2001:db8:b::2');
  sim.runEvents(4 * SEC);
  expect(heard).toContain(`${ICMPV6_ECHO_REPLY} 2001:db8:b::2 > 2001:db8:a::2`);
  ping(a, '2001:db8:b::2', 1);
  sim.runEvents(5 * SEC);
  expect(heard).toContain(`${ICMPV6_TIME_EXCEED} 2001:db8:a::1 > 2001:db8:a::2`);
  ping(a, '2001:db8:b::77');
  sim.runEvents(9 * SEC);
  expect(heard).toContain(`${ICMPV6_DEST_UNREACH} 2001:db8:a::1 > 2001:db8:a::2`);
});

it('a datagram larger than the link goes in fragments and is answered whole', () => {
  const { sim, hosts } = chain(2);
  const [a, b] = hosts as [Netns, Netns];
  add(a, 'right', '2001:db8::1');
  add(b, 'left', '2001:db8::2');
  sim.runEvents(3 * SEC);
  const heard = watch(a);
  ping(a, '2001:db8::2', 64, 4000);
  sim.runEvents(4 * SEC);
  // the first byte behind a fixed header is what the fragment header says comes next
  expect(heard.filter((h) => h === '58 2001:db8::2 > 2001:db8::1').length).toBe(3);
});

it('routes of a device go with it', () => {
  const { sim, hosts, cables } = chain(2);
  sim.runEvents(3 * SEC);
  const [a] = hosts as [Netns];
  const of = () =>
    routeDump6(a).filter((r) => r.nexthops[0]?.ifindex === firstEnd(cables).ifindex).length;
  expect(of()).toBe(3);
  a.ipv6.onDeviceEvent(firstEnd(cables), 'DOWN');
  expect(of()).toBe(0);
});

it('never throws on arbitrary bytes behind an IPv6 header', () => {
  const { sim, hosts, cables } = chain(2);
  sim.runEvents(3 * SEC);
  const random = sim.random('test');
  const dev = firstEnd(cables);
  const own = linkLocalOf(dev.addr);
  for (let i = 0; i < 20_000; i++) {
    const skb = allocSkb(200);
    const len = 40 + random.below(120);
    skb.put(len);
    for (let k = 0; k < len; k++) skb.buf[skb.data + k] = random.below(256);
    skb.buf[skb.data] = 0x60;
    skb.buf[skb.data + 4] = 0;
    skb.buf[skb.data + 5] = random.below(len);
    skb.buf[skb.data + 6] = [0, 43, 44, 58, 60, 17][random.below(6)] as number;
    const dst = random.below(2) === 0 ? own : IPV6_ALL_NODES;
    new DataView(skb.buf.buffer).setInt32(skb.data + 24, dst.w0);
    new DataView(skb.buf.buffer).setInt32(skb.data + 28, dst.w1);
    new DataView(skb.buf.buffer).setInt32(skb.data + 32, dst.w2);
    new DataView(skb.buf.buffer).setInt32(skb.data + 36, dst.w3);
    skb.protocol = 0x86dd;
    skb.mac = skb.data - 14;
    skb.dev = dev;
    (hosts[0] as Netns).ipv6.receive(skb);
  }
  sim.runEvents(60 * SEC);
  expect((hosts[0] as Netns).ipv6.neigh.size).toBeLessThan(200);
});

it.each(['right', 'all'])(
  'has no addresses on a device after %s/disable_ipv6, and a new one after',
  (dir) => {
    const { sim, hosts, cables } = chain(2);
    const [h] = hosts as [Netns, Netns];
    sim.runEvents(5 * SEC);
    add(h, 'right', '2001:db8::1');
    const addrs = (): number =>
      addrDump6(h).filter((a) => a.ifindex === firstEnd(cables).ifindex).length;
    expect(addrs()).toBe(2);
    h.sysctl.write(`net/ipv6/conf/${dir}/disable_ipv6`, '1');
    expect(addrs()).toBe(0);
    expect(() => add(h, 'right', '2001:db8::1')).toThrow('IPv6 is disabled on this device');
    h.sysctl.write(`net/ipv6/conf/${dir}/disable_ipv6`, '0');
    sim.runEvents(10 * SEC);
    expect(addrs()).toBe(1);
  },
);
