import { concat } from '../model/bytes.ts';
import { type Bytes, ICMPV6, icmp, mendTransport, TCP, UDP } from '../model/ipv4.ts';
import { NO_NEXT, parseAddr6 } from '../model/ipv6.ts';
import type { Dice } from './dice.ts';
import { type Flow, SOURCE_PORTS, transport } from './flows.ts';
import { PORTS } from './matches.ts';
import type { World } from './world.ts';

const OTHERS = [4, 41, 47, 50, 51, NO_NEXT, 132, 253, 255, 1, 2, 135];

export function flow6(dice: Dice, world: World): Flow {
  const from = dice.pick(world.hosts);
  const dst = dice.weighted([
    [10, () => dice.pick(world.hosts).addr],
    [6, () => dice.pick(world.own).addr],
    [1.8, () => dice.pick(world.odd)],
  ])();
  const protocol = dice.weighted([
    [8, UDP],
    [9, TCP],
    [5, ICMPV6],
    [0.8, dice.pick(OTHERS)],
  ]);
  const sport = dice.pick(SOURCE_PORTS);
  return { from, dst, protocol, sport, dport: dice.pick(PORTS), seq: 0x1000_0000, sent: 0 };
}

/** The transport of the flow's next packet, its checksum right, to `dst` from `src`. */
export function payload6(dice: Dice, f: Flow, src: string, size: number): Bytes {
  const data = new Uint8Array(size).fill(0x61);
  if (size > 3 && dice.chance(0.1)) data.set([0x47, 0x45, 0x54], dice.below(size - 2));
  const body = f.protocol === ICMPV6 ? message(dice, f, data) : transport(dice, f, data);
  mendTransport(concat(parseAddr6(src), parseAddr6(f.dst)), f.protocol, body);
  f.sent++;
  return body;
}

/** Multicast listeners' messages are left out: time decides about their answers. */
const TYPES: readonly (readonly [number, readonly [number, number]])[] = [
  [10, [128, 0]],
  [2, [129, 0]],
  [0.5, [128, 1]],
  [0.5, [139, 0]],
  [0.5, [140, 1]],
  [0.3, [144, 0]],
  [0.3, [146, 0]],
  [0.3, [127, 0]],
  [0.3, [100, 3]],
  [0.3, [200, 0]],
  [0.3, [255, 0]],
  [0.3, [0, 0]],
];

function message(dice: Dice, f: Flow, data: Bytes): Bytes {
  const [type, code] = dice.weighted(TYPES);
  const echo = type === 128 || type === 129;
  return icmp(type, code, ((f.sport << 16) | (echo ? f.sent + 1 : 1)) >>> 0, data);
}
