import { get16, put16 } from '../model/bytes.ts';
import { type Bytes, fragment, ipv4, mendIpv4, parseAddr, parseMac } from '../model/ipv4.ts';
import { breakPacket, ipOptions } from './broken.ts';
import type { Dice } from './dice.ts';
import { type Flow, flow, payload } from './flows.ts';
import type { HostError, Packets } from './traffic.ts';
import type { World } from './world.ts';

/** Identifications of packets from outside are 0x1000 and up to this many more. */
const IDS = 0xf0;

/** IPv4. */
export const IPV4_PACKETS: Packets = {
  etherType: 0x0800,
  flow,
  build,
  broken: breakPacket,
  pieces,
  error,
  to: (dice, _packet, own) =>
    dice.weighted<Bytes>([
      [60, own],
      [1, parseMac('ff:ff:ff:ff:ff:ff')],
      [0.5, parseMac('01:00:5e:00:00:01')],
      [0.7, parseMac('02:00:00:00:99:99')],
    ]),
};

function build(dice: Dice, world: World, f: Flow, size: number): Bytes {
  const src = dice.chance(0.02) ? dice.pick(world.odd) : f.from.addr;
  const spec = {
    src: parseAddr(src),
    dst: parseAddr(f.dst),
    protocol: f.protocol,
    id: 0x1000 + dice.below(IDS),
    ttl: dice.weighted<number>([
      [20, 64],
      [1, 1],
      [1, 2],
      [1, 255],
    ]),
    tos: dice.chance(0.15) ? dice.pick([0x10, 0xb8, 1, 2, 3, 0xff]) : 0,
    frag: dice.chance(0.3) ? 0x4000 : 0,
    ...(dice.chance(0.04) ? { options: ipOptions(dice) } : {}),
  };
  return ipv4(spec, payload(dice, f, src, size));
}

function pieces(dice: Dice, world: World, f: Flow): Bytes[] {
  const whole = build(dice, world, f, dice.pick([40, 100, 900, 2400]));
  put16(whole, 6, dice.chance(0.2) ? 0x4000 : 0);
  mendIpv4(whole);
  const length = whole.length - 20;
  const step = 8 * Math.max(1, Math.ceil(length / 8 / dice.int(2, 4)));
  const cuts = [1, 2, 3].map((n) => n * step);
  let all = fragment(whole, cuts);
  if (dice.chance(0.3)) all = all.reverse();
  if (dice.chance(0.1)) all.splice(dice.below(all.length), 1);
  if (dice.chance(0.1)) all.push(dice.pick(all));
  if (dice.chance(0.08)) overlap(dice.pick(all), dice.pick([-1, 1]));
  return all;
}

function overlap(piece: Bytes, by: number): void {
  const frag = get16(piece, 6);
  put16(piece, 6, (frag & 0xe000) | Math.max(0, (frag & 0x1fff) + by));
  mendIpv4(piece);
}

function error(dice: Dice): HostError {
  const [icmpType, code] = dice.pick([
    [3, 0],
    [3, 1],
    [3, 2],
    [3, 3],
    [3, 4],
    [3, 4],
    [3, 13],
    [11, 0],
    [11, 1],
    [5, 0],
    [5, 1],
    [12, 0],
    [4, 0],
    [3, 15],
    [3, 16],
  ] as const);
  const mtu = dice.pick([0, 68, 576, 1280, 1400]);
  const info =
    icmpType === 5 ? 0x0a00_0003 : code === 4 && icmpType === 3 ? mtu : dice.pick([0, 0x0800_0000]);
  const quote = dice.weighted<number>([
    [10, 28],
    [5, 600],
    [1, 27],
    [1, 24],
    [1, 20],
    [1, 8],
    [1, 0],
  ]);
  return { icmpType, code, info, quote };
}
