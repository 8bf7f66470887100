import { formatIpv4, type Ipv4Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { expect, it } from 'vitest';
import { addAddr, addRoute, Hosts, ip4 } from '../../../../test/kit/hosts.ts';
import type { Netns } from '../netns/index.ts';
import {
  addrAdd,
  addrDel,
  addrDump,
  type NewFlags,
  type NexthopInfo,
  type RouteRequest,
  routeAdd,
  routeDel,
  routeDump,
  routeGet,
  ruleAdd,
  ruleDel,
  ruleDump,
} from './index.ts';

function oneHost() {
  const net = new Hosts();
  const [a, b] = [net.host(), net.host()];
  const [v0, v1] = net.cable(a, 'v0', b, 'v1');
  addAddr(a, 'v0', '10.0.0.1/24');
  return { net, a, v0, v1 };
}

/** What the kernel says: the words of its acknowledgement, or the errno. */
function refusal(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    return e.extack ?? e.errno;
  }
}

const ADD: NewFlags = { create: true, excl: true };

function request(dst: string, more: Partial<RouteRequest> = {}): RouteRequest {
  const [addr = '', plen = '32'] = dst.split('/');
  return { family: 'inet', dst: ip4(addr), dstLen: Number(plen), nexthops: [], ...more };
}

const via = (gateway: string, ifindex?: number, flags = 0): Partial<NexthopInfo> => ({
  via: ip4(gateway),
  ...(ifindex === undefined ? {} : { ifindex }),
  flags,
});

/** The routes of one table in few words. */
function shown(netns: Netns, table: number): string[] {
  const name = (i: number) => netns.devices.byIndex(i)?.name;
  return routeDump(netns, 'inet', table).map((r) => {
    const dst = formatIpv4(r.dst as Ipv4Addr);
    const down = (r.nexthops[0]?.flags ?? 0) & 16 ? ' linkdown' : '';
    return `${r.type} ${dst}/${r.dstLen} ${name(r.nexthops[0]?.ifindex ?? 0)}${down}`;
  });
}

const LO = ['local 127.0.0.0/8 lo', 'local 127.0.0.1/32 lo', 'broadcast 127.255.255.255/32 lo'];

it('brings connected routes with an address, marks them without carrier, drops them when down', () => {
  const { net, a, v0, v1 } = oneHost();
  expect(shown(a, 254)).toEqual(['unicast 10.0.0.0/24 v0']);
  const local = ['local 10.0.0.1/32 v0', 'broadcast 10.0.0.255/32 v0'];
  expect(shown(a, 255)).toEqual([...local, ...LO]);
  net.setDown(v1);
  expect(shown(a, 254)).toEqual(['unicast 10.0.0.0/24 v0 linkdown']);
  expect(shown(a, 255)[1]).toBe('broadcast 10.0.0.255/32 v0 linkdown');
  net.setDown(v0);
  expect(shown(a, 254)).toEqual([]);
  expect(shown(a, 255)).toEqual(['local 10.0.0.1/32 v0', ...LO]);
  net.setUp(v0);
  net.setUp(v1);
  expect(shown(a, 254)).toEqual(['unicast 10.0.0.0/24 v0']);
  expect(shown(a, 255)).toEqual([...local, ...LO]);
});

it('makes a second address of a subnet secondary, and takes it along or promotes it', () => {
  const { a, v0 } = oneHost();
  addAddr(a, 'v0', '10.0.0.2/24');
  addAddr(a, 'v0', '10.0.0.3/24');
  const flags = () =>
    addrDump(a, 'inet').flatMap((x) =>
      x.ifindex === v0.ifindex ? [(x.local as Ipv4Addr) & 255, x.flags] : [],
    );
  expect(flags()).toEqual([1, 0x80, 2, 0x81, 3, 0x81]);
  const first = { family: 'inet', ifindex: v0.ifindex, prefixLen: 24 } as const;
  a.sysctl.write('net/ipv4/conf/v0/promote_secondaries', '1');
  addrDel(a, { ...first, local: ip4('10.0.0.1'), address: ip4('10.0.0.1') });
  expect(flags()).toEqual([2, 0x80, 3, 0x81]);
  expect(routeDump(a, 'inet', 254).map((r) => r.prefsrc)).toEqual([ip4('10.0.0.2')]);
  a.sysctl.write('net/ipv4/conf/v0/promote_secondaries', '0');
  addrDel(a, { ...first, local: ip4('10.0.0.2'), address: ip4('10.0.0.2') });
  expect(flags()).toEqual([]);
  expect([...shown(a, 254), ...shown(a, 255)]).toEqual(LO);
});

it('refuses addresses in the words of the kernel', () => {
  const { a, v0 } = oneHost();
  const at = { family: 'inet', ifindex: v0.ifindex, prefixLen: 24 } as const;
  const add = (local: string, more = {}) =>
    refusal(() => addrAdd(a, { ...at, local: ip4(local), ...more }, ADD));
  expect(add('10.0.0.1')).toBe('ipv4: Address already assigned');
  expect(add('10.0.0.2', { scope: 254 })).toBe('ipv4: Invalid scope value');
  expect(add('10.0.0.2', { prefixLen: 33 })).toBe('ipv4: Invalid prefix length');
  expect(add('10.0.0.2', { ifindex: 99 })).toBe('ipv4: Device not found');
  expect(add('10.0.0.2', { validLft: 5, preferredLft: 6 })).toBe('ipv4: address lifetime invalid');
  const del = (local: string, prefixLen: number) =>
    refusal(() => addrDel(a, { ...at, prefixLen, local: ip4(local), address: ip4(local) }));
  expect(del('10.0.0.1', 25)).toBe('ipv4: Address not found');
});

it('deprecates an address and takes it away when its lifetimes are over', () => {
  const { net, a, v0 } = oneHost();
  const local = ip4('10.7.0.1');
  const at = { family: 'inet', ifindex: v0.ifindex, prefixLen: 24, local } as const;
  addrAdd(a, { ...at, validLft: 20, preferredLft: 10 }, ADD);
  const info = () => addrDump(a, 'inet').find((x) => x.local === local);
  net.run(5);
  expect(info()).toMatchObject({ flags: 0, validLft: 15, preferredLft: 5 });
  net.run(6);
  expect(info()).toMatchObject({ flags: 0x20, validLft: 9, preferredLft: 0 });
  net.run(10);
  expect(info()).toBeUndefined();
  expect(shown(a, 254)).toEqual(['unicast 10.0.0.0/24 v0']);
});

it('refuses routes in the words of the kernel', () => {
  const { a, v0 } = oneHost();
  addRoute(a, '10.0.5.0/24', '10.0.0.254');
  const add = (dst: string, more: Partial<RouteRequest>, flags = ADD) =>
    refusal(() => routeAdd(a, request(dst, more), flags));
  const hop = (...nexthops: Partial<NexthopInfo>[]) => ({ nexthops });
  const BAD = 'Nexthop has invalid gateway';
  expect(add('10.0.5.0/24', hop(via('10.0.0.254')))).toBe('EEXIST');
  expect(add('10.0.6.0/24', hop(via('10.99.0.254')))).toBe(BAD);
  expect(add('10.0.6.0/24', hop(via('10.99.0.254', v0.ifindex)))).toBe(BAD);
  expect(add('10.0.6.0/24', hop(via('10.99.0.254', v0.ifindex, 4)))).toBeUndefined();
  expect(add('10.0.7.0/24', hop(via('10.0.0.1')))).toBeUndefined();
  expect(add('10.0.8.0/24', hop(via('10.0.0.255')))).toBe(BAD);
  expect(add('10.0.8.0/24', hop(via('10.0.5.1')))).toBe(BAD);
  expect(add('10.0.8.0/24', hop(via('224.0.0.1', v0.ifindex, 4)))).toBe(BAD);
  expect(add('10.0.8.0/24', hop(via('10.0.0.254', 1)))).toBe(BAD);
  const direct = hop({ ifindex: v0.ifindex });
  expect(add('10.0.8.1/24', direct)).toBe('Invalid prefix for given prefix length');
  expect(add('10.0.8.0/24', {})).toBe('ENODEV');
  const prefsrc = ip4('10.3.3.3');
  expect(add('10.0.8.0/24', { ...direct, prefsrc })).toBe('Invalid prefsrc address');
  expect(add('10.0.9.0/24', { type: 'blackhole', ...direct })).toBe(
    'Gateway, device and multipath can not be specified for this route type',
  );
  expect(add('10.66.0.0/16', { type: 'local', ...hop(via('10.0.0.2', v0.ifindex)) })).toBe(
    'Route with host scope can not have a gateway',
  );
  expect(add('10.69.0.0/16', { ...direct, tos: 0x11 })).toBe(
    'Invalid dsfield (tos): ECN bits must be 0',
  );
  expect(add('10.77.0.0/16', direct, { replace: true })).toBe('ENOENT');
  expect(refusal(() => routeDel(a, request('10.77.0.0/16')))).toBe('ESRCH');
  expect(add('10.68.0.0/16', { ...hop(via('10.0.0.3')), scope: 253 })).toBe(BAD);
  expect(add('10.68.0.0/16', { ...hop(via('10.0.0.3', v0.ifindex, 4)), scope: 253 })).toBe(
    'Nexthop has invalid scope',
  );
});

it('answers route get as the kernel does', () => {
  const { a, v0 } = oneHost();
  addRoute(a, 'default', '10.0.0.254');
  const get = (dst: string, more = {}) => routeGet(a, { family: 'inet', dst: ip4(dst), ...more });
  expect(get('8.8.8.8')).toMatchObject({
    type: 'unicast',
    prefsrc: ip4('10.0.0.1'),
    nexthops: [{ ifindex: v0.ifindex, via: ip4('10.0.0.254') }],
    cacheFlags: 0x200,
  });
  expect(get('10.0.0.1')).toMatchObject({ type: 'local', nexthops: [{ ifindex: 1 }] });
  expect(get('10.0.0.255').type).toBe('broadcast');
  expect(get('224.0.0.5').cacheFlags).toBe(0x2000_0200);
  expect(get('0.0.0.0')).toMatchObject({ type: 'local', prefsrc: ip4('127.0.0.1') });
  expect(get('8.8.8.8', { src: ip4('10.0.0.1') }).prefsrc).toBeUndefined();
  expect(get('8.8.8.8', { fibMatch: true })).toMatchObject({ dstLen: 0, cacheFlags: 0 });
  const err = (dst: string, more = {}) => refusal(() => get(dst, more));
  expect(err('8.8.8.8', { src: ip4('10.0.0.99'), iif: v0.ifindex })).toBe('EHOSTUNREACH');
  expect(err('8.8.8.8', { oif: 77 })).toBe('ENODEV');
  routeAdd(a, request('10.8.0.0/16', { type: 'prohibit' }), ADD);
  expect(err('10.8.0.1')).toBe('EACCES');
});

it('spreads flows over the next hops of a route by weight, and keeps each flow on its own', () => {
  const { a } = oneHost();
  const nexthops = [
    { ...via('10.0.0.3'), weight: 3 },
    { ...via('10.0.0.4'), weight: 1 },
  ];
  routeAdd(a, request('0.0.0.0/0', { nexthops }), ADD);
  const count = new Map<unknown, number>();
  for (let i = 0; i < 400; i++) {
    const dst = (ip4('20.0.0.0') + i) as Ipv4Addr;
    const get = () => routeGet(a, { family: 'inet', dst, src: ip4('10.0.0.1') }).nexthops[0]?.via;
    expect(get()).toBe(get());
    count.set(get(), (count.get(get()) ?? 0) + 1);
  }
  const first = count.get(ip4('10.0.0.3')) ?? 0;
  expect(first).toBeGreaterThan(240);
  expect(first).toBeLessThan(360);
});

it('tries rules by priority, numbers them downwards, and refuses as the kernel does', () => {
  const { a } = oneHost();
  const src = { src: ip4('10.0.0.0'), srcLen: 24 };
  ruleAdd(a, { family: 'inet', ...src, table: 100 });
  ruleAdd(a, { family: 'inet', mark: 5, table: 200 });
  expect(ruleDump(a, 'inet').map((r) => r.priority)).toEqual([0, 32_764, 32_765, 32_766, 32_767]);
  const again = { family: 'inet', ...src, table: 100, priority: 32_765 } as const;
  expect(refusal(() => ruleAdd(a, again))).toBe('EEXIST');
  expect(refusal(() => ruleAdd(a, { family: 'inet', action: 'goto', goto: 4, priority: 5 }))).toBe(
    'Backward goto not supported',
  );
  expect(refusal(() => ruleDel(a, { family: 'inet', table: 7 }))).toBe('ENOENT');
  routeAdd(a, request('0.0.0.0/0', { table: 200, nexthops: [via('10.0.0.9')] }), ADD);
  const get = (mark: number) =>
    refusal(() => routeGet(a, { family: 'inet', dst: ip4('8.8.8.8'), mark }));
  expect([get(5), get(0)]).toEqual([undefined, 'ENETUNREACH']);
  ruleAdd(a, { family: 'inet', action: 'prohibit', iifname: 'lo', priority: 10 });
  expect(get(5)).toBe('EACCES');
  ruleDel(a, { family: 'inet', action: 'prohibit' });
  expect(get(5)).toBeUndefined();
});
