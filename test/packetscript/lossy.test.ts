import { MS, SEC } from '@labwire/core/sim';
import { allocSkb } from '@labwire/core/skb';
import { checksum, pseudoSum4 } from '@labwire/core/wire';
import type { TcpConf } from '@labwire/devices/tcp';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Link, type Weather } from './link.ts';
import { dial, Talker } from './transfer.ts';

const probability = (max: number) =>
  fc.oneof(fc.constant(0), fc.double({ min: 0, max, noNaN: true }));

const weather: fc.Arbitrary<Weather> = fc.record({
  delay: fc.integer({ min: 1000, max: 80 * MS }),
  loss: probability(0.2),
  duplicate: probability(0.3),
  reorder: probability(0.5),
  reorderBy: fc.integer({ min: 1, max: 100 * MS }),
  corrupt: probability(0.15),
});

const bit = fc.constantFrom(0, 1);

const settings = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  weather,
  mtu: fc.constantFrom(1500, 576, 9000, 65_535),
  up: fc.nat(120_000),
  down: fc.nat(120_000),
  upPiece: fc.integer({ min: 1, max: 20_000 }),
  downPiece: fc.integer({ min: 1, max: 20_000 }),
  serverWaits: fc.boolean(),
  sack: bit,
  timestamps: bit,
  windowScaling: bit,
  algorithm: fc.constantFrom<'cubic' | 'reno'>('cubic', 'reno'),
  rcvBuf: fc.constantFrom(0, 2000, 20_000),
  nodelay: fc.boolean(),
});
type Settings = typeof settings extends fc.Arbitrary<infer T> ? T : never;

/** Carries both streams over the link. @returns both sides when the simulation has nothing more to do */
function converse(s: Settings) {
  const link = new Link(s.seed);
  link.weather = s.weather;
  link.mtu = s.mtu;
  const conf: TcpConf = {
    ...link.a.netns.tcp.conf,
    tcp_sack: s.sack,
    tcp_timestamps: s.timestamps,
    tcp_window_scaling: s.windowScaling,
    tcp_congestion_control: s.algorithm,
  };
  link.a.netns.tcp.conf = conf;
  link.b.netns.tcp.conf = { ...conf, tcp_sack: 1 };
  const { listener, client } = dial(link);
  client.setNodelay(s.nodelay);
  if (s.rcvBuf > 0) listener.setRcvBuf(s.rcvBuf);
  const a = new Talker(client, 0, s.up, Math.max(s.upPiece, s.up >> 8), false);
  const talkers = [a];
  listener.wq.add(() => {
    const socket = listener.accept();
    if (socket === undefined) return;
    const b = new Talker(socket, 1, s.down, Math.max(s.downPiece, s.down >> 8), s.serverWaits);
    talkers.push(b);
    b.run();
  });
  link.sim.runEvents(24 * 3600 * SEC);
  return { link, a, b: talkers[1] };
}

it('RFC 9293: both streams arrive whole and in order, and both sides end, whatever the link does', () => {
  fc.assert(
    fc.property(settings, (s) => {
      const { link, a, b } = converse(s);
      expect(link.sim.idle).toBe(true);
      expect([a.garbled, b?.garbled]).toEqual([false, false]);
      expect([a.error, b?.error]).toEqual([undefined, undefined]);
      expect([a.received, b?.received]).toEqual([s.down, s.up]);
      expect([a.finished, b?.finished]).toEqual([true, true]);
      const left = [...link.a.netns.tcp.dump(), ...link.b.netns.tcp.dump()];
      expect(left.map((i) => i.state)).toEqual(['LISTEN']);
    }),
    { numRuns: 60, seed: 9293 },
  );
});

it('the same seed gives the same conversation, segment for segment', () => {
  const record = (s: Settings) => {
    const { link, a } = converse(s);
    return [link.sim.now, a.socket.tcb?.segsOut, a.socket.tcb?.segsIn];
  };
  fc.assert(
    fc.property(settings, (s) => {
      expect(record(s)).toEqual(record(s));
    }),
    { numRuns: 5, seed: 1 },
  );
});

/** Relative to what the connection expects: often that, often near, seldom far. */
const number = fc.oneof(fc.constant(0), fc.integer({ min: -3, max: 70_000 }), fc.integer());

const segment = fc.record({
  flags: fc.oneof(fc.constantFrom(0x10, 0x18, 0x11, 0x30, 0x12, 0x02), fc.nat(255)),
  seq: number,
  ack: number,
  window: fc.nat(0xffff),
  body: fc.uint8Array({ maxLength: 80 }),
  offset: fc.oneof(fc.constantFrom(5, 8, 10), fc.nat(15)),
  to: fc.constantFrom<'a' | 'b'>('a', 'b'),
  wait: fc.constantFrom(0, 1, 50 * MS, 3 * SEC),
});

it('no segment whatsoever makes it throw, or run for ever', () => {
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 25 }), fc.nat(5), (segments, openFor) => {
      const link = new Link(7);
      const { listener, client } = dial(link);
      link.sim.runEvents(openFor * MS);
      const server = listener.accept();
      if (openFor > 3) client.send(new Uint8Array(5000));
      if (openFor > 4) server?.close();
      for (const s of segments) {
        inject(link, s);
        link.sim.runEvents(link.sim.now + s.wait);
      }
      client.close();
      server?.close();
      listener.close();
      link.sim.runEvents(24 * 3600 * SEC);
      expect(link.sim.idle).toBe(true);
      expect([...link.a.netns.tcp.dump(), ...link.b.netns.tcp.dump()]).toEqual([]);
    }),
    { numRuns: 300, seed: 793 },
  );
});

/** Puts a forged segment on the wire, numbered relative to what its connection expects. */
function inject(link: Link, s: typeof segment extends fc.Arbitrary<infer T> ? T : never): void {
  const to = s.to === 'a' ? link.a : link.b;
  const from = s.to === 'a' ? link.b : link.a;
  const conn = to.netns.tcp.dump().find((i) => i.remote.port !== 0);
  const tcb = conn?.socket as { tcb?: { rcvNxt: number; sndUna: number } } | undefined;
  const skb = allocSkb(2000);
  skb.put(20 + 20 + s.body.length);
  skb.buf.fill(0, skb.data, skb.tail);
  skb.buf.set(s.body, skb.data + 40);
  const view = new DataView(skb.buf.buffer, skb.data);
  view.setInt32(12, from.addr);
  view.setInt32(16, to.addr);
  view.setUint16(20, conn?.remote.port ?? 80);
  view.setUint16(22, conn?.local.port ?? 80);
  view.setInt32(24, (s.seq + (tcb?.tcb?.rcvNxt ?? 0)) | 0);
  view.setInt32(28, (s.ack + (tcb?.tcb?.sndUna ?? 0)) | 0);
  view.setUint8(32, s.offset << 4);
  view.setUint8(33, s.flags);
  view.setUint16(34, s.window);
  skb.th = skb.data + 20;
  const sum = pseudoSum4(from.addr, to.addr, 6, skb.tail - skb.th);
  view.setUint16(36, checksum(skb.buf, skb.th, skb.tail - skb.th, sum));
  link.send(skb, from);
}
