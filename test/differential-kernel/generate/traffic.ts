import { concat, toHex } from '../model/bytes.ts';
import type { Answer, Step } from '../model/case.ts';
import { ACK, type Bytes, ethernet, FIN, PSH, parseMac, RST, SYN } from '../model/ipv4.ts';
import type { Dice } from './dice.ts';
import type { Flow } from './flows.ts';
import type { World } from './world.ts';

const NAMES: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6' };

/** A packet, and what is special about it. */
export interface Noted {
  readonly packet: Bytes;
  readonly note: string;
}

/** An ICMP error that a host may send. */
export type HostError = Omit<Extract<Answer, { type: 'error' }>, 'type'>;

/** How the packets of one family are made. */
export interface Packets {
  readonly etherType: number;
  flow(dice: Dice, world: World): Flow;
  /** The flow's next packet; `size` bytes of data. */
  build(dice: Dice, world: World, f: Flow, size: number): Bytes;
  broken(dice: Dice, packet: Bytes): Noted;
  /** A packet in pieces: in order or not, some twice, some missing, some that overlap. */
  pieces(dice: Dice, world: World, f: Flow): readonly Bytes[];
  error(dice: Dice): HostError;
  /** The MAC address that a packet goes to, `own` being the router's. */
  to(dice: Dice, packet: Bytes, own: Bytes): Bytes;
  /** Makes a packet that asks for a link-layer address; undefined where ARP does that. */
  readonly solicit?: (dice: Dice, world: World, f: Flow) => Noted;
}

/** Writes the steps of a case. */
export class Traffic {
  readonly #dice: Dice;
  readonly #world: World;
  readonly #packets: Packets;
  readonly #flows: readonly Flow[];
  readonly #steps: Step[] = [];
  readonly #fragmentWeight: number;
  #id = 0;

  /** @param whole no packet comes in pieces */
  constructor(dice: Dice, world: World, packets: Packets, whole: boolean) {
    this.#fragmentWeight = whole ? 0 : 1;
    this.#dice = dice;
    this.#world = world;
    this.#packets = packets;
    this.#flows = dice.times(1, 4, () => packets.flow(dice, world));
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
        [this.#packets.solicit === undefined ? 0 : 1, () => this.#solicit()],
      ])();
    }
    return this.#steps;
  }

  #build(f: Flow, size: number): Bytes {
    return this.#packets.build(this.#dice, this.#world, f, size);
  }

  #send(f: Flow, packet: Bytes, note: string): void {
    const dice = this.#dice;
    const own = parseMac(this.#world.macs[f.from.dev] as string);
    const to = this.#packets.to(dice, packet, own);
    const padded =
      packet.length < 46 && dice.chance(0.3)
        ? concat(packet, new Uint8Array(46 - packet.length))
        : packet;
    const frame = toHex(ethernet(to, parseMac(f.from.mac), this.#packets.etherType, padded));
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
    const whole = this.#build(f, this.#dice.below(40));
    const { note, packet } = this.#packets.broken(this.#dice, whole);
    this.#send(f, packet, `, ${note}`);
  }

  #fragments(): void {
    const f = this.#dice.pick(this.#flows);
    const pieces = this.#packets.pieces(this.#dice, this.#world, f);
    for (const [i, piece] of pieces.entries()) this.#send(f, piece, `, fragment ${i}`);
  }

  #solicit(): void {
    const f = this.#dice.pick(this.#flows);
    const made = this.#packets.solicit?.(this.#dice, this.#world, f);
    if (made !== undefined) this.#send(f, made.packet, `, ${made.note}`);
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
    const how: Answer = { type: 'error', ...this.#packets.error(this.#dice) };
    const to = this.#recent();
    const note = `ICMP ${how.icmpType}/${how.code} about ${to}`;
    this.#push({ kind: 'answer', id: this.#id++, to, how, note });
  }
}

const describe = (f: Flow): string =>
  `${NAMES[f.protocol] ?? `protocol ${f.protocol}`} ${f.from.addr}:${f.sport} > ${f.dst}:${f.dport}`;
