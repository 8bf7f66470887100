import { Simulator } from '@labwire/core/sim';
import { allocSkb } from '@labwire/core/skb';
import { IFF_UP } from '@labwire/devices/link';
import { Kernel } from '@labwire/devices/netns';
import { linkGet, linkSet } from '@labwire/devices/rtnetlink';
import { expect, it } from 'vitest';
import { RealTime } from '../clock/index.ts';
import { type Outside, openPort, type Port } from '../port/index.ts';
import type { Wire, WireSink } from '../wire/index.ts';
import { Attachment } from './attachment.ts';

/** A wire that a test stands at the other end of. */
class TestWire implements Wire {
  readonly text = 'a test';
  readonly connected = true;
  readonly superSegments = true;
  readonly sent: number[] = [];
  readonly held: boolean[] = [];
  hasRoom = true;
  sink: WireSink | undefined;

  async open(sink: WireSink): Promise<void> {
    this.sink = sink;
  }

  send(_buf: Uint8Array, _off: number, len: number): boolean {
    if (this.hasRoom) this.sent.push(len);
    return this.hasRoom;
  }

  flush(): void {}

  pause(): void {
    this.held.push(true);
  }

  resume(): void {
    this.held.push(false);
  }

  async close(): Promise<void> {}
}

async function attached() {
  const sim = new Simulator({ seed: 1 });
  const netns = new Kernel(sim, 'host').initNetns;
  const wire = new TestWire();
  const clock = new RealTime(sim, () => undefined);
  const open = (outside: Outside, superSegments: boolean): Port =>
    openPort('host:tap0', netns, 'tap0', outside, superSegments);
  const attachment = new Attachment('host:tap0', open, wire, clock, () => undefined);
  await attachment.open();
  linkSet(netns, linkGet(netns, { name: 'tap0' }).ifindex, { setFlags: IFF_UP });
  const receive = (bytes: number, times = 1) => {
    for (let i = 0; i < times; i++) wire.sink?.onFrame(new Uint8Array(bytes), 0, bytes);
  };
  return { sim, netns, wire, attachment, receive };
}

it.each([
  ['4096 frames', 60, 4096],
  ['4 MiB of super-segments', 65_549, 64],
])('holds the wire back once %s wait, and lets go when they are in', async (_, bytes, most) => {
  const { wire, attachment, receive } = await attached();
  receive(bytes, most - 1);
  expect(wire.held).toEqual([]);
  receive(bytes, 10);
  expect(wire.held).toEqual([true]);
  attachment.deliver();
  expect(wire.held).toEqual([true, false]);
  expect(attachment.stats.rxFrames).toBe(most + 9);
  attachment.deliver();
  expect(wire.held).toEqual([true, false]);
});

it('counts runts and giants and takes none of them in', async () => {
  const { attachment, receive } = await attached();
  for (const bytes of [0, 13, 65_558, 70_000]) receive(bytes);
  receive(14);
  receive(65_557);
  attachment.deliver();
  expect(attachment.stats).toMatchObject({ rxErrors: 4, rxFrames: 2, rxBytes: 65_571 });
});

it('counts what leaves and what nobody takes', async () => {
  const { sim, netns, wire, attachment } = await attached();
  sim.runEvents(5e9); // neighbour discovery of the device that came up
  expect(wire.sent.length).toBeGreaterThan(0);
  const { stats } = attachment;
  expect([stats.txFrames, stats.txDropped]).toEqual([wire.sent.length, 0]);
  wire.hasRoom = false;
  netns.devices.byName('tap0')?.xmit(allocSkb(100));
  expect([stats.txFrames, stats.txDropped]).toEqual([wire.sent.length, 1]);
});
