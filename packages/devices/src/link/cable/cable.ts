import {
  type EventHandler,
  type Nanos,
  type RandomStream,
  type Simulator,
  US,
} from '@labwire/core/sim';
import type { DropReason, SkBuff } from '@labwire/core/skb';
import { ETH_HLEN } from '../net-device.ts';

/** What a cable does to frames, each way. Default: nothing. */
export interface CableOptions {
  /** From one end to the other. */
  readonly delay?: Nanos;
  /** Bits per second; frames queue for their turn. Absent: as fast as they come. */
  readonly rate?: number;
  /** The share of frames that get lost, 0 to 1. */
  readonly loss?: number;
  /** Bytes that may queue for the line, with a rate. Default: a thousand full frames. */
  readonly queue?: number;
}

/** What a cable is plugged into: a NIC, a switch's port. */
export interface CableEnd {
  /** Set up: drives the line. */
  readonly isUp: boolean;
  /** The line has come, or gone. */
  carrierChanged(carrier: boolean): void;
  /** A frame has arrived. Takes ownership. */
  receive(skb: SkBuff): void;
  /** A frame that it sent is lost. Takes ownership. */
  drop(skb: SkBuff, reason: DropReason): void;
  /** Names it in diagnostics. */
  describe(): string;
}

const DEFAULT_QUEUE = 1000 * (1500 + ETH_HLEN);
const BITS_PER_BYTE = 8;
const NANOS_PER_SECOND = 1_000_000_000;

/** One way through a cable: frames leave one after the other, and arrive in that order. */
class Lane implements EventHandler {
  readonly #sim: Simulator;
  readonly #from: CableEnd;
  readonly #to: CableEnd;
  readonly #delay: Nanos;
  /** Nanoseconds that one byte takes; 0 without a rate. */
  readonly #nanosPerByte: number;
  readonly #longestWait: Nanos;
  readonly #loss: number;
  readonly #random: RandomStream | null;
  /** Frames under way at most: no real line holds more than one in each microsecond. */
  readonly #capacity: number;
  #busyUntil: Nanos = 0;
  #lastArrival: Nanos = 0;
  #underWay = 0;

  constructor(sim: Simulator, name: string, from: CableEnd, to: CableEnd, options: CableOptions) {
    this.#sim = sim;
    this.#from = from;
    this.#to = to;
    this.#delay = options.delay ?? 0;
    this.#loss = options.loss ?? 0;
    this.#random = this.#loss > 0 ? sim.random(`cable ${name}`) : null;
    const { rate } = options;
    this.#nanosPerByte = rate === undefined ? 0 : (BITS_PER_BYTE * NANOS_PER_SECOND) / rate;
    this.#longestWait = (options.queue ?? DEFAULT_QUEUE) * this.#nanosPerByte;
    this.#capacity = 1000 + Math.ceil((this.#delay + this.#longestWait) / US);
  }

  /** Sends a frame that is at the line `after` from now. Takes ownership. */
  send(skb: SkBuff, after: Nanos): void {
    const ready = this.#sim.now + after;
    const start = Math.max(ready, this.#busyUntil);
    if (this.#underWay >= this.#capacity || start - ready > this.#longestWait) {
      this.#from.drop(skb, 'qdisc_drop');
      return;
    }
    const sent = start + Math.round(skb.len * this.#nanosPerByte);
    if (this.#nanosPerByte > 0) this.#busyUntil = sent;
    if (this.#random !== null && this.#random.fraction() < this.#loss) {
      this.#from.drop(skb, 'cable_loss');
      return;
    }
    const arrival = Math.max(sent + this.#delay, this.#lastArrival);
    this.#lastArrival = arrival;
    this.#underWay++;
    this.#sim.schedule(arrival - this.#sim.now, this, 0, skb);
  }

  onEvent(_kind: number, arg: unknown): void {
    this.#underWay--;
    this.#to.receive(arg as SkBuff);
  }

  describe(): string {
    return this.#to.describe();
  }
}

/** An Ethernet cable between two ends. Both have a carrier while both are up. */
export class Cable {
  readonly name: string;
  /** No rate and no loss: the size of a frame makes no difference to it. */
  readonly ideal: boolean;
  readonly #ends: readonly [CableEnd, CableEnd];
  readonly #lanes: readonly [Lane, Lane];

  /** @param name names its random stream, which decides what gets lost */
  constructor(sim: Simulator, name: string, a: CableEnd, b: CableEnd, options: CableOptions = {}) {
    this.name = name;
    this.ideal = options.rate === undefined && (options.loss ?? 0) === 0;
    this.#ends = [a, b];
    this.#lanes = [new Lane(sim, name, a, b, options), new Lane(sim, name, b, a, options)];
  }

  /** Sends a frame from one of the ends; it is at the line `after` from now. Takes ownership. */
  send(from: CableEnd, skb: SkBuff, after: Nanos): void {
    this.#lanes[from === this.#ends[0] ? 0 : 1].send(skb, after);
  }

  /** One of the ends came up or went down, or was plugged in. */
  endChanged(): void {
    const [a, b] = this.#ends;
    const carrier = a.isUp && b.isUp;
    a.carrierChanged(carrier);
    b.carrierChanged(carrier);
  }
}
