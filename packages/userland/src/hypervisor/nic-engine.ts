import type { Nanos, Simulator } from '@labwire/core/sim';
import type { NicModel } from './nic-model.ts';

/**
 * The device behind a guest's NIC: it sends and receives one frame at a time, since QEMU emulates a device under one lock, and others
 * wait for their turn. One that rests is woken, which takes longer than to go on: a doorbell, an interrupt, and the driver's look at why.
 */
export class NicEngine {
  readonly #sim: Simulator;
  readonly #model: NicModel;
  #busyUntil: Nanos = 0;

  constructor(sim: Simulator, model: NicModel) {
    this.#sim = sim;
    this.#model = model;
  }

  /** Gives it a frame to send. @returns in how long it is sent; -1 if `most` wait already */
  send(bytes: number, most: number): Nanos {
    return this.#serve(this.#model.sent, bytes, most);
  }

  /** Gives it a frame for the guest. @returns in how long the guest has it; -1 if `most` wait already */
  receive(bytes: number, most: number): Nanos {
    return this.#serve(this.#model.received, bytes, most);
  }

  /** Whether it has work for as long as `most` received frames take. */
  isBehind(most: number): boolean {
    return this.#busyUntil - this.#sim.now >= most * this.#model.received;
  }

  #serve(busy: Nanos, bytes: number, most: number): Nanos {
    const { now } = this.#sim;
    const waits = this.#busyUntil - now;
    if (waits >= most * busy) return -1;
    const frame = waits > 0 ? busy : this.#model.woken;
    this.#busyUntil = Math.max(now, this.#busyUntil) + frame + Math.round(bytes * this.#model.byte);
    return this.#busyUntil - now;
  }
}
