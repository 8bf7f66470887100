import { Simulator } from '@labwire/core/sim';
import { allocSkb, freeSkb, type SkBuff } from '@labwire/core/skb';
import { expect, it } from 'vitest';
import { Kernel } from '../../netns/index.ts';
import { linkAdd, linkDel, linkGet, linkSet } from '../../rtnetlink/index.ts';
import { IFF_UP } from '../net-device.ts';
import { IFF_MULTI_QUEUE, IFF_NO_PI, IFF_TAP, IFF_TUN, IFF_TUN_EXCL, TunFile } from './index.ts';

const ROOT = { uid: 0, gid: 0 };
const TAP = IFF_TAP | IFF_NO_PI;

function machine() {
  const kernel = new Kernel(new Simulator({ seed: 1 }), 'host');
  const netns = kernel.initNetns;
  const open = () => new TunFile(netns);
  const held = (name: string, flags = TAP) => {
    const file = open();
    file.setIff(name, flags, ROOT);
    return file;
  };
  const index = (name: string) => linkGet(netns, { name }).ifindex;
  const up = (name: string) => linkSet(netns, index(name), { setFlags: IFF_UP });
  const state = (name: string) => linkGet(netns, { name }).operState;
  return { kernel, netns, open, held, index, up, state };
}

function frame(bytes: number): SkBuff {
  const skb = allocSkb(bytes);
  skb.buf.fill(0xff, skb.put(bytes), skb.tail);
  return skb;
}

const errno = (act: () => void) => {
  try {
    act();
  } catch (e) {
    return (e as { errno: string }).errno;
  }
  return undefined;
};

it('is there for as long as a program holds it, or for good once it persists', () => {
  const { netns, held } = machine();
  const [short, long] = [held('tap0'), held('tap1')];
  long.setPersist(true);
  short.close();
  long.close();
  expect(netns.devices.list().map((d) => d.name)).toEqual(['lo', 'tap1']);
});

it('has a carrier while a program holds it: unknown at first, down and up from then on', () => {
  const { held, up, state } = machine();
  const first = held('tap0');
  first.setPersist(true);
  up('tap0');
  expect(state('tap0')).toBe('UNKNOWN');
  first.close();
  expect(state('tap0')).toBe('DOWN');
  held('tap0');
  expect(state('tap0')).toBe('UP');
});

it('lets one program in, or one for each queue', () => {
  const { held } = machine();
  held('tap0');
  expect(errno(() => held('tap0'))).toBe('EBUSY');
  held('tap1', TAP | IFF_MULTI_QUEUE);
  expect(errno(() => held('tap1', TAP | IFF_MULTI_QUEUE))).toBeUndefined();
  expect(errno(() => held('tap1'))).toBe('EINVAL');
});

it('is refused to those whom it does not belong to, and its making to all but root', () => {
  const { open, held } = machine();
  const own = held('tap0', TAP);
  own.setPersist(true);
  own.setOwner(1000);
  own.close();
  expect(errno(() => open().setIff('tap0', TAP, { uid: 1001, gid: 1001 }))).toBe('EPERM');
  expect(errno(() => open().setIff('tap9', TAP, { uid: 1000, gid: 1000 }))).toBe('EPERM');
  expect(errno(() => open().setIff('tap0', TAP | IFF_TUN_EXCL, ROOT))).toBe('EBUSY');
  expect(errno(() => open().setIff('tap0', IFF_TUN, ROOT))).toBe('EINVAL');
  expect(errno(() => open().setIff('tap0', TAP, { uid: 1000, gid: 1000 }))).toBeUndefined();
});

it('hands the program what the device sends, in order, and drops what its queue has no room for', () => {
  const { netns, held, index, up } = machine();
  const file = held('tap0');
  linkSet(netns, index('tap0'), { txQueueLen: 2 });
  up('tap0');
  const dev = netns.devices.byName('tap0');
  const lengths: number[] = [];
  for (let skb = file.recv(); skb !== null; skb = file.recv()) freeSkb(skb);
  const before = dev?.stats.txDropped ?? 0;
  for (const bytes of [60, 61, 62]) dev?.xmit(frame(bytes));
  for (let skb = file.recv(); skb !== null; skb = file.recv()) {
    lengths.push(skb.len);
    freeSkb(skb);
  }
  expect([lengths, (dev?.stats.txDropped ?? 0) - before]).toEqual([[60, 61], 1]);
});

it('receives what the program writes, if it is up and the frame has a header', () => {
  const { netns, held, up } = machine();
  const file = held('tap0');
  expect(file.send(frame(60))).toBe(false);
  up('tap0');
  expect(file.send(frame(60))).toBe(true);
  expect(file.send(frame(13))).toBe(false);
  const stats = netns.devices.byName('tap0')?.stats;
  expect([stats?.rxPackets, stats?.rxBytes, stats?.rxDropped]).toEqual([1, 60, 3]);
});

it('carries bare packets in tun mode', () => {
  const { held, up, netns } = machine();
  const file = held('tun0', IFF_TUN | IFF_NO_PI);
  up('tun0');
  netns.devices.byName('tun0')?.xmit(frame(34));
  const skb = file.recv();
  expect(skb?.len).toBe(20);
  if (skb !== null) freeSkb(skb);
});

it('leaves the program with nothing when it is deleted', () => {
  const { netns, held, index, up } = machine();
  const file = held('tap0');
  up('tap0');
  netns.devices.byName('tap0')?.xmit(frame(60));
  linkDel(netns, index('tap0'));
  expect([file.device, file.recv(), file.send(frame(60))]).toEqual([null, null, false]);
  expect(errno(() => file.setPersist(true))).toBe('EBADFD');
});

it('is not made by netlink', () => {
  const { netns } = machine();
  expect(() => linkAdd(netns, { kind: 'tun', name: 't0' })).toThrow(/not supported/);
});
