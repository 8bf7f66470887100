import type { Ipv4Addr } from '@labwire/core/addr';
import { MS, RandomStream, SEC, Simulator } from '@labwire/core/sim';
import { allocSkb, freeSkb, type SkBuff } from '@labwire/core/skb';
import { ETH_HLEN } from '@labwire/core/wire';
import { devOpen } from '@labwire/devices/link';
import { Kernel, type Netns } from '@labwire/devices/netns';
import { addrAdd, routeAdd } from '@labwire/devices/rtnetlink';
import { type Bench, KINDS, LOWER_MAC, MAC } from './devices.ts';
import { RandomFrames } from './random-frame.ts';
import { writeSysctls } from './random-sysctls.ts';

const ADDRS4 = [
  0x0a000001, 0x0a000002, 0x0a000009, 0x0a0000ff, 0x0a010001, 0xe0000001, 0xe00000fb, 0xffffffff,
  0x7f000001, 0, 0xc0a80001, 0xf0000001,
];
const ADDRS6 = [
  'fd000000000000000000000000000001',
  'fd000000000000000000000000000002',
  'fd010000000000000000000000000001',
  'fe80000000000000000000fffe000011',
  'ff020000000000000000000000000001',
  'ff0200000000000000000001ff000001',
  'ff020000000000000000000000000016',
  '00000000000000000000000000000001',
  '00000000000000000000000000000000',
].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
const MACS = [MAC, MAC, MAC, LOWER_MAC, 0x02_00_00_00_00_33, 0];
const EXCL = { create: true, excl: true };

/** What became of the frames of a round. */
export interface Outcome {
  readonly frames: number;
  /** How often each reason was given for a drop. */
  readonly dropped: ReadonlyMap<string, number>;
}

/** One device of a kind, sysctls drawn by a seed, and frames into it from all sides. */
export class Round {
  readonly #sim: Simulator;
  readonly #kernel: Kernel;
  readonly #netns: Netns;
  readonly #bench: Bench;
  readonly #frames: RandomFrames;
  readonly #dropped = new Map<string, number>();
  readonly #seen = new Set<SkBuff>();
  #events = 0;

  constructor(kind: string, seed: number) {
    const make = KINDS.get(kind);
    if (make === undefined) throw new Error(`no kind of device: ${kind}`);
    this.#sim = new Simulator({ seed });
    this.#kernel = new Kernel(this.#sim, 'host');
    this.#netns = this.#kernel.newNetns();
    devOpen(this.#netns.loopback);
    this.#bench = make(this.#netns);
    const random = new RandomStream(seed, kind);
    this.#frames = new RandomFrames(random, { macs: MACS, addrs4: ADDRS4, addrs6: ADDRS6 });
    if (random.below(8) !== 0) this.#address();
    if (random.below(2) === 0) this.#netns.sysctl.write('net/ipv4/ip_forward', '1');
    if (random.below(2) === 0) this.#netns.sysctl.write('net/ipv6/conf/all/forwarding', '1');
    writeSysctls(this.#netns, random, 1 + random.below(20));
    this.#watch();
  }

  #address(): void {
    const ifindex = this.#netns.devices.byName(this.#bench.top)?.ifindex as number;
    const local = 0x0a000001 as Ipv4Addr;
    addrAdd(this.#netns, { family: 'inet', ifindex, local, prefixLen: 24 }, EXCL);
    const via = 0x0a000002 as Ipv4Addr;
    const nexthops = [{ via, ifindex }];
    if (this.#bench.top !== 'lo')
      routeAdd(this.#netns, { family: 'inet', dst: 0 as Ipv4Addr, dstLen: 0, nexthops }, EXCL);
  }

  #watch(): void {
    const note = (skb: SkBuff) => {
      this.#events++;
      this.#seen.add(skb);
    };
    const { trace } = this.#kernel;
    trace.receive.listen(note);
    trace.xmit.listen(note);
    trace.drop.listen((reason, skb) => {
      note(skb);
      this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1);
    });
  }

  /**
   * Puts frames in, lets the time pass that anything waits for, and ends the namespace.
   * @throws {@link Error} about a frame that was neither seen nor dropped, or held for good, and what the stack throws
   */
  run(count: number): Outcome {
    for (let i = 0; i < count; i++) {
      const before = this.#events;
      const frame = this.#frames.next();
      try {
        this.#put(frame);
        this.#sim.runEvents(this.#sim.now + (i % 16 === 0 ? SEC : MS));
        this.#drain();
      } catch (e) {
        throw new Error(`frame ${i}, ${Buffer.from(frame).toString('hex')}`, { cause: e });
      }
      if (this.#events === before)
        throw new Error(`frame ${i} vanished: ${Buffer.from(frame).toString('hex')}`);
    }
    this.#sim.runEvents(this.#sim.now + 600 * SEC);
    this.#drain();
    this.#kernel.destroyNetns(this.#netns);
    this.#sim.runEvents(this.#sim.now + 600 * SEC);
    const held = [...this.#seen].filter((skb) => !skb.freed);
    if (held.length > 0) throw new Error(`${held.length} frames are held for good: ${show(held)}`);
    return { frames: count, dropped: this.#dropped };
  }

  /** A frame comes in by a cable or from the program behind the device, or goes out of it. */
  #put(frame: Uint8Array): void {
    const { top, far, file, bare } = this.#bench;
    const skb = skbOf(frame);
    const side = this.#frames.below(far.length + 2);
    if (side < far.length) this.#kernel.initNetns.devices.byName(far[side] as string)?.xmit(skb);
    else if (side === far.length && file !== undefined) {
      if (bare === true) skb.pull(ETH_HLEN);
      file.send(skb);
    } else this.#netns.devices.byName(top)?.xmit(skb);
  }

  #drain(): void {
    for (;;) {
      const skb = this.#bench.file?.recv() ?? null;
      if (skb === null) return;
      freeSkb(skb);
    }
  }
}

function skbOf(frame: Uint8Array): SkBuff {
  const skb = allocSkb(frame.length);
  skb.buf.set(frame, skb.put(frame.length));
  return skb;
}

function show(held: readonly SkBuff[]): string {
  return held
    .slice(0, 3)
    .map((skb) => Buffer.from(skb.buf.subarray(Math.max(0, skb.mac), skb.tail)).toString('hex'))
    .join(' ');
}
