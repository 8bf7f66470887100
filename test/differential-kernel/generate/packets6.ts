import { get16, put16 } from '../model/bytes.ts';
import { type Bytes, parseMac } from '../model/ipv4.ts';
import { chained, fragment6, HLEN, ipv6, parseAddr6 } from '../model/ipv6.ts';
import { breakPacket6 } from './broken6.ts';
import type { Dice } from './dice.ts';
import { extensions, groupMac, isGroup } from './extensions.ts';
import type { Flow } from './flows.ts';
import { flow6, payload6 } from './flows6.ts';
import { solicit } from './neighbours.ts';
import type { HostError, Packets } from './traffic.ts';
import type { World } from './world.ts';

/** Identifications of fragments from outside are 0x1000 and up to this many more. */
const IDS = 0xf0;

const fragmentId = (dice: Dice): number => 0x1000 + dice.below(IDS);

/** IPv6. */
export const IPV6_PACKETS: Packets = {
  etherType: 0x86dd,
  flow: flow6,
  build: (dice, world, f, size) => build(dice, world, f, size, dice.chance(0.12)),
  broken: breakPacket6,
  pieces,
  error,
  to: (dice, packet, own) =>
    dice.weighted<Bytes>([
      [60, packet.length >= HLEN && isGroup(packet) ? groupMac(packet.subarray(24, 40)) : own],
      [1, parseMac('ff:ff:ff:ff:ff:ff')],
      [0.5, parseMac('33:33:00:00:00:01')],
      [0.7, parseMac('02:00:00:00:99:99')],
    ]),
  solicit,
};

function build(dice: Dice, world: World, f: Flow, size: number, extended: boolean): Bytes {
  const src = dice.chance(0.02) ? dice.pick(world.odd) : f.from.addr;
  const before = extended ? extensions(dice, () => fragmentId(dice)) : [];
  const { nextHeader, payload } = chained(before, f.protocol, payload6(dice, f, src, size));
  const spec = {
    src: parseAddr6(src),
    dst: parseAddr6(f.dst),
    nextHeader,
    hopLimit: dice.weighted<number>([
      [20, 64],
      [1, 1],
      [1, 2],
      [1, 255],
    ]),
    trafficClass: dice.chance(0.15) ? dice.pick([0x10, 0xb8, 1, 2, 3, 0xff]) : 0,
    flowLabel: dice.chance(0.2) ? dice.pick([1, 0x12345, 0xfffff]) : 0,
  };
  return ipv6(spec, payload);
}

function pieces(dice: Dice, world: World, f: Flow): Bytes[] {
  const whole = build(dice, world, f, dice.pick([40, 100, 900, 2400]), false);
  const length = whole.length - HLEN;
  const step = 8 * Math.max(1, Math.ceil(length / 8 / dice.int(2, 4)));
  let all = fragment6(
    whole,
    fragmentId(dice),
    [1, 2, 3].map((n) => n * step),
  );
  if (dice.chance(0.3)) all = all.reverse();
  if (dice.chance(0.1)) all.splice(dice.below(all.length), 1);
  if (dice.chance(0.1)) all.push(dice.pick(all));
  if (dice.chance(0.08)) overlap(dice.pick(all), dice.pick([-8, 8]));
  if (dice.chance(0.06)) oddLength(dice, dice.pick(all));
  return all;
}

function overlap(piece: Bytes, by: number): void {
  const frag = get16(piece, HLEN + 2);
  put16(piece, HLEN + 2, (frag & 7) | Math.max(0, (frag & 0xfff8) + by));
}

/** A piece that is no whole number of eights, or one that ends behind what can be. */
function oddLength(dice: Dice, piece: Bytes): void {
  if (dice.chance(0.5)) put16(piece, 4, Math.max(9, get16(piece, 4) - 3));
  else put16(piece, HLEN + 2, 0xfff8 | (get16(piece, HLEN + 2) & 7));
}

function error(dice: Dice): HostError {
  const [icmpType, code] = dice.pick([
    [1, 0],
    [1, 1],
    [1, 2],
    [1, 3],
    [1, 4],
    [1, 5],
    [1, 6],
    [1, 9],
    [2, 0],
    [2, 0],
    [2, 1],
    [3, 0],
    [3, 1],
    [4, 0],
    [4, 1],
    [4, 2],
    [99, 0],
  ] as const);
  const info =
    icmpType === 2
      ? dice.pick([0, 68, 1279, 1280, 1280, 1300, 1400, 9000])
      : dice.pick([0, 6, 40, 1]);
  const quote = dice.weighted<number>([
    [10, 48],
    [5, 600],
    [1, 1200],
    [1, 47],
    [1, 44],
    [1, 40],
    [1, 8],
    [1, 0],
  ]);
  return { icmpType, code, info, quote };
}
