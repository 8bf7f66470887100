import { concat, get16, put16, toHex } from '../model/bytes.ts';
import type { Answer, Step } from '../model/case.ts';
import {
  ACK,
  type Bytes,
  ethernet,
  FIN,
  fragment,
  ipv4,
  mendIpv4,
  PSH,
  parseAddr,
  parseMac,
  RST,
  SYN,
} from '../model/ipv4.ts';
import { breakPacket, ipOptions } from './broken.ts';
import type { Dice } from './dice.ts';
import { type Flow, flow, payload } from './flows.ts';
import type { World } from './world.ts';

/** Identifications of packets from outside are 0x1000 and up to this many more. */
const IDS = 0xf0;
const NAMES: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp' };

/** Writes the steps of a case. */
export class Traffic {
  readonly #dice: Dice;
  readonly #world: World;
  readonly #flows: readonly Flow[];
  readonly #steps: Step[] = [];
  readonly #fragmentWeight: number;
  #id = 0;

  /** @param whole no packet comes in pieces */
  constructor(dice: Dice, world: World, whole: boolean) {
    this.#fragmentWeight = whole ? 0 : 1;
    this.#dice = dice;
    this.#world = world;
    this.#flows = dice.times(1, 4, () => flow(dice, world));
  }

  steps(): readonly Step[] {
    const dice = this.#dice;
    const count = dice.int(3, 16);
    while (this.#steps.length < count) {
      const canAnswer = this.#steps.length > 0;
      dice.weighted<() => void>([
        [6, () => this.#packet()],
        [canAnswer ? 9 : 0, () => this.#answer()],
        [canAnswer ? 2 : 0, () => this.#error()],
        [this.#fragmentWeight, () => this.#fragments()],
        [2, () => this.#broken()],
        [canAnswer ? 0.5 : 0, () => this.#again()],
      ])();
    }
    return this.#steps;
  }

  #build(f: Flow, size: number): Bytes {
    const dice = this.#dice;
    const src = dice.chance(0.02) ? dice.pick(this.#world.odd) : f.from.addr;
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

  #send(f: Flow, packet: Bytes, note: string, type = 0x0800): void {
    const dice = this.#dice;
    const own = parseMac(this.#world.macs[f.from.dev] as string);
    const to = dice.weighted<Bytes>([
      [60, own],
      [1, parseMac('ff:ff:ff:ff:ff:ff')],
      [0.5, parseMac('01:00:5e:00:00:01')],
      [0.7, parseMac('02:00:00:00:99:99')],
    ]);
    const padded =
      packet.length < 46 && dice.chance(0.3)
        ? concat(packet, new Uint8Array(46 - packet.length))
        : packet;
    const frame = toHex(ethernet(to, parseMac(f.from.mac), type, padded));
    this.#push({
      kind: 'frame',
      id: this.#id++,
      dev: f.from.dev,
      frame,
      note: `${describe(f)}${note}`,
    });
  }

  #push(step: Step): void {
    this.#steps.push(step);
  }

  #size(): number {
    return this.#dice.weighted<number>([
      [8, this.#dice.below(40)],
      [1, 600],
      [1, 1400],
    ]);
  }

  #packet(): void {
    const f = this.#dice.pick(this.#flows);
    this.#send(f, this.#build(f, this.#size()), '');
  }

  #broken(): void {
    const f = this.#dice.pick(this.#flows);
    const { note, packet } = breakPacket(this.#dice, this.#build(f, this.#dice.below(40)));
    this.#send(f, packet, `, ${note}`);
  }

  /** A packet in pieces: in order or not, some twice, some missing, some that overlap. */
  #fragments(): void {
    const dice = this.#dice;
    const f = dice.pick(this.#flows);
    const whole = this.#build(f, dice.pick([40, 100, 900, 2400]));
    put16(whole, 6, dice.chance(0.2) ? 0x4000 : 0);
    mendIpv4(whole);
    const length = whole.length - 20;
    const step = 8 * Math.max(1, Math.ceil(length / 8 / dice.int(2, 4)));
    const cuts = [1, 2, 3].map((n) => n * step);
    let pieces = fragment(whole, cuts);
    if (dice.chance(0.3)) pieces = pieces.reverse();
    if (dice.chance(0.1)) pieces.splice(dice.below(pieces.length), 1);
    if (dice.chance(0.1)) pieces.push(dice.pick(pieces));
    if (dice.chance(0.08)) overlap(dice.pick(pieces), dice.pick([-1, 1]));
    for (const [i, piece] of pieces.entries()) this.#send(f, piece, `, fragment ${i}`);
  }

  /** A frame once more. */
  #again(): void {
    const was = this.#dice.pick(this.#steps);
    this.#push({ ...was, id: this.#id++, note: `${was.note}, again` });
  }

  #recent(): number {
    const { length } = this.#steps;
    return (this.#steps[Math.max(0, length - 1 - this.#dice.below(Math.min(4, length)))] as Step)
      .id;
  }

  #answer(): void {
    const dice = this.#dice;
    const flags = dice.chance(0.35)
      ? dice.pick([ACK, ACK | PSH, ACK | FIN, RST | ACK, RST, SYN, SYN | ACK, FIN])
      : undefined;
    const how: Answer = dice.chance(0.05)
      ? { type: 'bounce', ttl: dice.pick([1, 60]) }
      : {
          type: 'reply',
          ...(flags === undefined ? {} : { flags }),
          payload: dice.chance(0.5) ? 0 : dice.pick([1, 10, 100]),
          seqOff: dice.weighted<number>([
            [12, 0],
            [1, 1],
            [1, -1],
            [1, 100_000],
            [0.5, -100_000],
          ]),
          ackOff: dice.weighted<number>([
            [14, 0],
            [1, 1],
            [1, -1],
            [1, 100_000],
          ]),
          ttl: dice.weighted<number>([
            [15, 64],
            [1, 1],
          ]),
        };
    const to = this.#recent();
    this.#push({ kind: 'answer', id: this.#id++, to, how, note: `${how.type} to ${to}` });
  }

  #error(): void {
    const dice = this.#dice;
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
      icmpType === 5
        ? 0x0a00_0003
        : code === 4 && icmpType === 3
          ? mtu
          : dice.pick([0, 0x0800_0000]);
    const quote = dice.weighted<number>([
      [10, 28],
      [5, 600],
      [1, 27],
      [1, 24],
      [1, 20],
      [1, 8],
      [1, 0],
    ]);
    const to = this.#recent();
    const how: Answer = { type: 'error', icmpType, code, info, quote };
    this.#push({
      kind: 'answer',
      id: this.#id++,
      to,
      how,
      note: `ICMP ${icmpType}/${code} about ${to}`,
    });
  }
}

function overlap(piece: Bytes, by: number): void {
  const frag = get16(piece, 6);
  put16(piece, 6, (frag & 0xe000) | Math.max(0, (frag & 0x1fff) + by));
  mendIpv4(piece);
}

const describe = (f: Flow): string =>
  `${NAMES[f.protocol] ?? `protocol ${f.protocol}`} ${f.from.addr}:${f.sport} > ${f.dst}:${f.dport}`;
