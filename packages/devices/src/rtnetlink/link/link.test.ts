import { formatMac, type MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { Simulator } from '@labwire/core/sim';
import { expect, it } from 'vitest';
import { IFF_PROMISC, IFF_UP } from '../../link/index.ts';
import { Kernel, type Netns } from '../../netns/index.ts';
import {
  type LinkAddRequest,
  linkAdd,
  linkDel,
  linkDump,
  linkGet,
  linkSet,
  nsidGet,
} from '../index.ts';

function machine() {
  const kernel = new Kernel(new Simulator(), 'host');
  return { kernel, netns: kernel.initNetns };
}

/** The error as `ip` prints it. */
function refusal(request: () => unknown): string {
  try {
    request();
  } catch (e) {
    if (e instanceof KernelError)
      return e.extack === undefined ? `RTNETLINK answers: ${e.message}` : `Error: ${e.extack}.`;
    throw e;
  }
  return 'accepted';
}

const names = (netns: Netns) => linkDump(netns).map((l) => `${l.ifindex} ${l.name}`);
const indexOf = (netns: Netns, name: string) => linkGet(netns, { name }).ifindex;

it('names and numbers veth ends as Linux does, the peer first', () => {
  const { netns } = machine();
  linkAdd(netns, { kind: 'veth' });
  linkAdd(netns, { kind: 'veth', name: 'a', peer: { name: 'b' } });
  linkAdd(netns, { kind: 'veth', name: 'c', ifindex: 30, peer: { ifindex: 20 } });
  expect(names(netns)).toEqual(['1 lo', '2 veth0', '3 veth1', '4 b', '5 a', '20 veth2', '30 c']);
});

it.each<[string, LinkAddRequest, string]>([
  ['a taken name', { kind: 'bridge', name: 'v0' }, 'RTNETLINK answers: File exists'],
  ['a taken peer name', { kind: 'veth', peer: { name: 'v0' } }, 'RTNETLINK answers: File exists'],
  [
    'the name that the peer gets',
    { kind: 'veth', name: 'veth0' },
    'RTNETLINK answers: File exists',
  ],
  ['a taken index', { kind: 'bridge', ifindex: 2 }, 'RTNETLINK answers: File exists'],
  [
    'one index for both',
    { kind: 'veth', ifindex: 9, peer: { ifindex: 9 } },
    'RTNETLINK answers: Device or resource busy',
  ],
  ['an unknown kind', { kind: 'cable', name: 'foo' }, 'Error: Unknown device type.'],
  ['a property of objects', { kind: 'toString', name: 'foo' }, 'Error: Unknown device type.'],
  [
    'a long name',
    { kind: 'veth', name: 'this-name-is-too-long' },
    'Error: Attribute failed policy validation.',
  ],
  ['a reserved name', { kind: 'bridge', name: 'all' }, 'RTNETLINK answers: Invalid argument'],
  ['two patterns', { kind: 'bridge', name: 'x%d%d' }, 'RTNETLINK answers: Invalid argument'],
  ['a small MTU', { kind: 'bridge', mtu: 60 }, 'Error: mtu less than device minimum.'],
  ['a large MTU', { kind: 'bridge', mtu: 70_000 }, 'Error: mtu greater than device maximum.'],
  ['a small MTU of a veth', { kind: 'veth', mtu: 60 }, 'RTNETLINK answers: Invalid argument'],
  [
    'a group address',
    { kind: 'veth', peer: { addr: 0x010000000099 as MacAddr } },
    'RTNETLINK answers: Cannot assign requested address',
  ],
  [
    'a peer that is up before there is an other end',
    { kind: 'veth', peer: { setFlags: IFF_UP } },
    'RTNETLINK answers: Transport endpoint is not connected',
  ],
])('refuses %s', (_, request, words) => {
  const { netns } = machine();
  linkAdd(netns, { kind: 'veth', name: 'v0', peer: { name: 'v1' } });
  const before = names(netns);
  expect(refusal(() => linkAdd(netns, request))).toBe(words);
  expect(names(netns)).toEqual(before);
});

it.each<[string, (netns: Netns, v0: number) => unknown, string]>([
  ['mtu 67', (n, v) => linkSet(n, v, { mtu: 67 }), 'Error: mtu less than device minimum.'],
  ['mtu -1', (n, v) => linkSet(n, v, { mtu: 2 ** 32 - 1 }), 'Error: mtu less than device minimum.'],
  [
    'mtu 65536',
    (n, v) => linkSet(n, v, { mtu: 65_536 }),
    'Error: mtu greater than device maximum.',
  ],
  ['any MTU on lo', (n) => linkSet(n, 1, { mtu: 100_000 }), 'accepted'],
  [
    'a name with a colon',
    (n, v) => linkSet(n, v, { name: 'a:b' }),
    'RTNETLINK answers: Invalid argument',
  ],
  [
    'the name default',
    (n, v) => linkSet(n, v, { name: 'default' }),
    'RTNETLINK answers: Invalid argument',
  ],
  ['its own name', (n, v) => linkSet(n, v, { name: 'v0' }), 'accepted'],
  ['a taken name', (n, v) => linkSet(n, v, { name: 'v1' }), 'RTNETLINK answers: File exists'],
  [
    'a group address',
    (n, v) => linkSet(n, v, { addr: 0xffffffffffff as MacAddr }),
    'RTNETLINK answers: Cannot assign requested address',
  ],
  ['lo under a bridge', (n) => linkSet(n, 1, { master: 4 }), 'RTNETLINK answers: Invalid argument'],
  [
    'a bridge under a bridge',
    (n) => linkSet(n, 5, { master: 4 }),
    'Error: Can not enslave a bridge to a bridge.',
  ],
  [
    'a veth under a veth',
    (n, v) => linkSet(n, v, { master: 2 }),
    'RTNETLINK answers: Operation not supported',
  ],
  ['no master where there is none', (n, v) => linkSet(n, v, { master: 0 }), 'accepted'],
  [
    'a carrier',
    (n, v) => linkSet(n, v, { carrier: false }),
    'RTNETLINK answers: Operation not supported',
  ],
  ['the end of lo', (n) => linkDel(n, 1), 'RTNETLINK answers: Operation not supported'],
  ['the end of nothing', (n) => linkDel(n, 99), 'RTNETLINK answers: No such device'],
  [
    'lo elsewhere',
    (n) => linkSet(n, 1, { netns: n.kernel.newNetns() }),
    'Error: The interface netns is immutable.',
  ],
  [
    'a taken altname',
    (n, v) => linkSet(n, v, { addAltNames: ['v1'] }),
    'RTNETLINK answers: File exists',
  ],
  [
    'no such altname',
    (n, v) => linkSet(n, v, { delAltNames: ['nope'] }),
    'RTNETLINK answers: No such file or directory',
  ],
  [
    'attributes of another kind',
    (n, v) => linkSet(n, v, { kind: 'bridge', infoData: { stp_state: 1 } }),
    'RTNETLINK answers: Operation not supported',
  ],
  [
    'a hello time of nothing',
    (n) => linkSet(n, 4, { infoData: { hello_time: 0 } }),
    'RTNETLINK answers: Numerical result out of range',
  ],
  [
    'a short delay without STP',
    (n) => linkSet(n, 4, { infoData: { forward_delay: 1 } }),
    'accepted',
  ],
  [
    'pause frames forwarded',
    (n) => linkSet(n, 4, { infoData: { group_fwd_mask: 7 } }),
    'RTNETLINK answers: Invalid argument',
  ],
  ['VLAN filtering', (n) => linkSet(n, 4, { infoData: { vlan_filtering: 1 } }), 'accepted'],
  ['a querier', (n) => linkSet(n, 4, { infoData: { mcast_querier: 1 } }), 'accepted'],
])('answers %s as Linux does', (_, request, words) => {
  const { netns } = machine();
  const v0 = linkAdd(netns, { kind: 'veth', name: 'v0', peer: { name: 'v1' } });
  linkAdd(netns, { kind: 'bridge', name: 'br0' });
  linkAdd(netns, { kind: 'bridge', name: 'br1' });
  expect(refusal(() => request(netns, v0))).toBe(words);
});

it('moves a device: it comes down, keeps its index if free, and shows where its peer is', () => {
  const { kernel, netns } = machine();
  const lab = kernel.newNetns();
  linkAdd(netns, { kind: 'veth', name: 'v0', peer: { name: 'v1' } });
  linkSet(netns, indexOf(netns, 'v1'), { setFlags: IFF_UP });
  linkSet(netns, indexOf(netns, 'v1'), { netns: lab });
  const moved = linkGet(lab, { name: 'v1' });
  expect([moved.ifindex, moved.flags & IFF_UP, moved.linkIfindex]).toEqual([2, 0, 3]);
  expect([moved.linkNetnsid, linkGet(netns, { name: 'v0' }).linkNetnsid]).toEqual([0, 0]);
  linkAdd(lab, { kind: 'veth', name: 'w', peer: { name: 'v0' } });
  expect(refusal(() => linkSet(netns, 3, { netns: lab }))).toBe(
    'Error: An interface with the same name exists in the target netns.',
  );
  linkSet(netns, 3, { netns: lab, name: 'x' });
  expect(names(lab)).toEqual(['1 lo', '2 v1', '3 v0', '4 w', '5 x']);
  expect(linkGet(lab, { name: 'x' }).linkNetnsid).toBeUndefined();
});

it('numbers namespaces as devices go there, and forgets the numbers when they die', () => {
  const { kernel, netns } = machine();
  const [red, blue] = [kernel.newNetns(), kernel.newNetns()];
  linkAdd(netns, { kind: 'veth', name: 'v-red', peer: { name: 'v-blue' } });
  expect([nsidGet(netns, red), nsidGet(netns, blue)]).toEqual([-1, -1]);
  linkSet(netns, indexOf(netns, 'v-red'), { netns: red });
  linkSet(netns, indexOf(netns, 'v-blue'), { netns: blue });
  expect([nsidGet(netns, red), nsidGet(netns, blue)]).toEqual([0, 1]);
  red.unref();
  expect(linkDump(blue).map((l) => l.name)).toEqual(['lo']);
  expect([nsidGet(netns, red), nsidGet(netns, blue)]).toEqual([-1, 1]);
});

it('shows promiscuity that users set as a flag, and that of a bridge port as a count alone', () => {
  const { netns } = machine();
  const v0 = linkAdd(netns, { kind: 'veth', name: 'v0', peer: { name: 'v1' } });
  const br0 = linkAdd(netns, { kind: 'bridge', name: 'br0' });
  linkSet(netns, v0, { master: br0 });
  const asPort = linkGet(netns, { ifindex: v0 });
  expect([asPort.promiscuity, asPort.allmulti, asPort.flags & IFF_PROMISC]).toEqual([1, 1, 0]);
  linkSet(netns, v0, { setFlags: IFF_PROMISC });
  linkSet(netns, v0, { setFlags: IFF_PROMISC });
  const set = linkGet(netns, { ifindex: v0 });
  expect([set.promiscuity, set.flags & IFF_PROMISC]).toEqual([2, IFF_PROMISC]);
});

it('writes into the kernel log what the kernel writes', () => {
  const { kernel, netns } = machine();
  const v0 = linkAdd(netns, { kind: 'veth', name: 'v0', peer: { name: 'v1' } });
  linkSet(netns, v0, { setFlags: IFF_UP, name: 'v7' });
  linkSet(netns, v0, { name: 'v8' });
  const br0 = linkAdd(netns, { kind: 'bridge', name: 'br0' });
  linkSet(netns, v0, { master: br0 });
  linkSet(netns, v0, { master: 0 });
  expect(kernel.messages.entries().map((e) => e.text)).toEqual([
    'v7: renamed from v0',
    'v8: renamed from v7 (while UP)',
    'br0: port 1(v8) entered blocking state',
    'br0: port 1(v8) entered disabled state',
    'v8: entered allmulticast mode',
    'v8: entered promiscuous mode',
    'v8: left allmulticast mode',
    'v8: left promiscuous mode',
    'br0: port 1(v8) entered disabled state',
  ]);
});

it('says in the kernel log that a deleted device goes', () => {
  const { kernel, netns } = machine();
  const br0 = linkAdd(netns, { kind: 'bridge', name: 'br0', setFlags: IFF_UP });
  const va = linkAdd(netns, { kind: 'veth', name: 'va', peer: { name: 'vb' }, master: br0 });
  linkSet(netns, indexOf(netns, 'vb'), { setFlags: IFF_UP });
  linkSet(netns, va, { setFlags: IFF_UP });
  kernel.messages.clear();
  linkDel(netns, va);
  expect(kernel.messages.entries().map((e) => e.text)).toEqual([
    'br0: port 1(va) entered disabled state',
    'va (unregistering): left allmulticast mode',
    'va (unregistering): left promiscuous mode',
    'br0: port 1(va) entered disabled state',
  ]);
});

it('gives a bridge the lowest address of its ports, none without ports, and its own once set', () => {
  const { netns } = machine();
  const br0 = linkAdd(netns, { kind: 'bridge', name: 'br0' });
  const port = (name: string, addr: number) =>
    linkAdd(netns, { kind: 'veth', name, addr: addr as MacAddr });
  const [a, b] = [port('a', 0x020000000002), port('b', 0x020000000001)];
  const mac = () => formatMac(linkGet(netns, { ifindex: br0 }).addr);
  linkSet(netns, a, { master: br0 });
  expect(mac()).toBe('02:00:00:00:00:02');
  linkSet(netns, b, { master: br0 });
  expect(mac()).toBe('02:00:00:00:00:01');
  linkSet(netns, b, { master: 0 });
  linkSet(netns, a, { master: 0 });
  expect(mac()).toBe('00:00:00:00:00:00');
  linkSet(netns, br0, { addr: 0x0200000000aa as MacAddr });
  linkSet(netns, b, { master: br0 });
  expect(mac()).toBe('02:00:00:00:00:aa');
});

it('gives a bridge the least MTU of its ports, until one is set by hand', () => {
  const { netns } = machine();
  const br0 = linkAdd(netns, { kind: 'bridge', name: 'br0' });
  const v0 = linkAdd(netns, { kind: 'veth', name: 'v0' });
  const mtu = () => linkGet(netns, { ifindex: br0 }).mtu;
  linkSet(netns, v0, { master: br0 });
  linkSet(netns, v0, { mtu: 1300 });
  expect(mtu()).toBe(1300);
  linkSet(netns, br0, { mtu: 1400 });
  linkSet(netns, v0, { mtu: 1200 });
  expect(mtu()).toBe(1400);
});
