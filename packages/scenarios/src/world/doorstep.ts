import type { Simulator } from '@labwire/core/sim';
import { cloneSkb, freeSkb, type SkBuff } from '@labwire/core/skb';
import {
  type Cable,
  type CableOptions,
  type Nic,
  type Pluggable,
  Switch,
} from '@labwire/devices/link';

/** Frames that it keeps until somebody opens. */
const ROOM = 64;

/**
 * Stands at a link's switch for the machines of a world that is not built yet. The first frame that could be for them
 * has them built; they get it once they are ready. A frame to a multicast group is for none of them, since nobody who
 * is not there has joined one.
 */
export class Doorstep implements Pluggable {
  readonly isUp = true;
  readonly #switch: Switch;
  readonly #open: () => void;
  #options: CableOptions = {};
  #nics: readonly Nic[] = [];
  #waiting: SkBuff[] = [];

  /** @param open has the machines built */
  constructor(sim: Simulator, link: string, open: () => void) {
    this.#switch = new Switch(sim, link);
    this.#open = open;
  }

  /** Plugs in the NICs on this side of it, and itself. */
  join(nics: readonly Nic[], options: CableOptions): void {
    this.#options = options;
    for (const nic of nics) this.#switch.plug(nic, options);
    this.#switch.plug(this, options);
  }

  /** Plugs in the NICs that it stood for, and leaves. */
  replace(nics: readonly Nic[]): void {
    this.#switch.unplug(this);
    for (const nic of nics) this.#switch.plug(nic, this.#options);
    this.#nics = nics;
  }

  /** Hands on what has come meanwhile. */
  letIn(): void {
    for (const skb of this.#waiting) {
      for (const nic of this.#nics) nic.receive(cloneSkb(skb));
      freeSkb(skb);
    }
    this.#waiting = [];
  }

  plug(_cable: Cable): void {}

  carrierChanged(): void {}

  receive(skb: SkBuff): void {
    if (isGroup(skb) || this.#waiting.length === ROOM) {
      freeSkb(skb);
      return;
    }
    this.#waiting.push(skb);
    this.#open();
  }

  drop(skb: SkBuff): void {
    freeSkb(skb);
  }

  describe(): string {
    return `the way to the world at switch ${this.#switch.name}`;
  }
}

/** Whether a frame's destination is a group, but not that of all. */
function isGroup({ buf, data }: SkBuff): boolean {
  if (((buf[data] as number) & 1) === 0) return false;
  for (let i = 0; i < 6; i++) if (buf[data + i] !== 0xff) return true;
  return false;
}
