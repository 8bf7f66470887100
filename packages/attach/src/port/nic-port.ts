import { freeSkb, type SkBuff } from '@labwire/core/skb';
import { Cable, type CableEnd, type Nic } from '@labwire/devices/link';
import type { Outside, Port } from './port.ts';

/** So fast that it makes no difference, and yet a wire of real frames: super-segments are cut before. */
const REAL_FRAMES = { rate: 1e12 };

/** The outside at the end of a NIC's cable. */
export class NicPort implements Port, CableEnd {
  readonly #text: string;
  readonly #outside: Outside;
  readonly #cable: Cable;
  #connected = false;

  constructor(text: string, nic: Nic, outside: Outside, superSegments: boolean) {
    this.#text = text;
    this.#outside = outside;
    const { kernel } = nic.netns as NonNullable<typeof nic.netns>;
    this.#cable = new Cable(kernel.sim, text, nic, this, superSegments ? {} : REAL_FRAMES);
    nic.plug(this.#cable);
  }

  get isUp(): boolean {
    return this.#connected;
  }

  setConnected(connected: boolean): void {
    this.#connected = connected;
    this.#cable.endChanged();
  }

  deliver(skb: SkBuff): void {
    this.#cable.send(this, skb, 0);
  }

  /** From the NIC. */
  receive(skb: SkBuff): void {
    this.#outside.transmit(skb);
  }

  carrierChanged(): void {}

  drop(skb: SkBuff): void {
    freeSkb(skb);
  }

  describe(): string {
    return `the outside at ${this.#text}`;
  }
}
