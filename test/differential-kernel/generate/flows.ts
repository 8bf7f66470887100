import { concat } from '../model/bytes.ts';
import {
  ACK,
  type Bytes,
  FIN,
  ICMP,
  icmp,
  mendTransport,
  PSH,
  parseAddr,
  RST,
  SYN,
  TCP,
  tcp,
  UDP,
  udp,
} from '../model/ipv4.ts';
import type { Dice } from './dice.ts';
import { PORTS } from './matches.ts';
import type { End, World } from './world.ts';

/** Who sends what to whom, again and again. */
export interface Flow {
  readonly from: End;
  readonly dst: string;
  readonly protocol: number;
  readonly sport: number;
  readonly dport: number;
  /** The next sequence number. */
  seq: number;
  sent: number;
}

export const SOURCE_PORTS = [300, 700, 5000, 40_000, 40_001, 40_001, 40_000];
const OTHERS = [2, 4, 41, 47, 50, 51, 253];

export function flow(dice: Dice, world: World): Flow {
  const from = dice.pick(world.hosts);
  const dst = dice.weighted([
    [10, () => dice.pick(world.hosts).addr],
    [6, () => dice.pick(world.own).addr],
    [1.2, () => dice.pick(world.odd)],
  ])();
  const protocol = dice.weighted([
    [8, UDP],
    [9, TCP],
    [5, ICMP],
    [0.8, dice.pick(OTHERS)],
  ]);
  const sport = dice.pick(SOURCE_PORTS);
  return { from, dst, protocol, sport, dport: dice.pick(PORTS), seq: 0x1000_0000, sent: 0 };
}

/** The transport of the flow's next packet, its checksum right, to `dst` from `src`. */
export function payload(dice: Dice, f: Flow, src: string, size: number): Bytes {
  const data = new Uint8Array(size).fill(0x61);
  if (size > 3 && dice.chance(0.1)) data.set([0x47, 0x45, 0x54], dice.below(size - 2));
  const body = transport(dice, f, data);
  mendTransport(concat(parseAddr(src), parseAddr(f.dst)), f.protocol, body);
  f.sent++;
  return body;
}

/** The same without its checksum. */
export function transport(dice: Dice, f: Flow, data: Bytes): Bytes {
  if (f.protocol === UDP) return udp(f.sport, f.dport, data);
  if (f.protocol === TCP) return segment(dice, f, data);
  if (f.protocol === ICMP) return message(dice, f, data);
  return concat([dice.pick([0, 1, 0x10]), 0, 8, 0, 0, 0, 0, 7], data);
}

const TCP_OPTIONS: readonly (readonly number[])[] = [
  [2, 4, 5, 0xb4],
  [2, 4, 5, 0xb4, 4, 2, 1, 1, 1, 3, 3, 7],
  [2, 4, 2, 0, 1, 3, 3, 2],
  [1, 1, 8, 10, 0, 0, 1, 0, 0, 0, 0, 0],
  [2, 3, 5, 0], // a length that is wrong
  [1, 1, 1, 0],
  [3, 9, 1, 1],
  [4, 0, 1, 1],
  [30, 4, 0, 0],
];

function segment(dice: Dice, f: Flow, data: Bytes): Bytes {
  const first = f.sent === 0;
  const flags =
    first && dice.chance(0.85)
      ? SYN
      : dice.weighted<number>([
          [3, SYN],
          [4, ACK],
          [3, ACK | PSH],
          [2, ACK | FIN],
          [2, RST],
          [1.5, RST | ACK],
          [1, SYN | ACK],
          [0.3, 0],
          [0.4, SYN | FIN],
          [0.3, SYN | RST],
          [0.3, 0x29],
          [0.3, FIN],
          [0.5, SYN | 0xc0],
          [0.3, ACK | 0x20],
        ]);
  const options =
    (flags & SYN) !== 0 && dice.chance(0.6) ? Uint8Array.from(dice.pick(TCP_OPTIONS)) : undefined;
  const body = (flags & SYN) !== 0 && dice.chance(0.9) ? new Uint8Array(0) : data;
  const ack =
    (flags & ACK) === 0
      ? 0
      : dice.weighted<number>([
          [4, 0x5000_0001],
          [1, 0],
          [1, dice.u32()],
        ]);
  const seq =
    (f.seq +
      dice.weighted<number>([
        [12, 0],
        [1, 1],
        [1, -1],
        [1, 70_000],
        [1, -70_000],
        [0.5, 0x7fff_0000],
      ])) >>>
    0;
  if (seq === f.seq) f.seq += body.length + ((flags & (SYN | FIN)) !== 0 ? 1 : 0);
  const window = dice.pick([0, 512, 8192, 65_535]);
  return tcp(
    {
      sport: f.sport,
      dport: f.dport,
      seq,
      ack,
      flags,
      window,
      ...(options === undefined ? {} : { options }),
    },
    body,
  );
}

function message(dice: Dice, f: Flow, data: Bytes): Bytes {
  const [type, code] = dice.weighted<readonly [number, number]>([
    [10, [8, 0]],
    [2, [0, 0]],
    [0.7, [13, 0]],
    [0.5, [14, 0]],
    [0.5, [17, 0]],
    [0.5, [15, 0]],
    [0.5, [8, 1]],
    [0.3, [42, 0]],
    [0.3, [10, 0]],
    [0.3, [9, 0]],
    [0.3, [dice.below(256), dice.below(16)]],
  ]);
  const echo = type === 0 || type === 8;
  return icmp(
    type,
    code,
    ((f.sport << 16) | (echo ? f.sent + 1 : 1)) >>> 0,
    type === 13 ? new Uint8Array(12) : data,
  );
}
