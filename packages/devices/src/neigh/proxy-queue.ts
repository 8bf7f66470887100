import type { EventHandler, Nanos, Simulator } from '@labwire/core/sim';
import { freeSkb, type SkBuff } from '@labwire/core/skb';

/** Solicitations for proxied addresses, which are answered a little later than the owner would. Linux `neigh_table.proxy_queue`. */
export class ProxyQueue implements EventHandler {
  readonly #sim: Simulator;
  readonly #answer: (skb: SkBuff) => void;
  #length = 0;

  /** @param answer takes ownership */
  constructor(sim: Simulator, answer: (skb: SkBuff) => void) {
    this.#sim = sim;
    this.#answer = answer;
  }

  /** Keeps a solicitation for `delay`; drops it if more than `limit` wait. Takes ownership. `pneigh_enqueue()` */
  add(skb: SkBuff, delay: Nanos, limit: number): void {
    if (this.#length > limit) {
      freeSkb(skb);
      return;
    }
    this.#length++;
    this.#sim.schedule(delay, this, 0, skb);
  }

  onEvent(_kind: number, skb: unknown): void {
    this.#length--;
    this.#answer(skb as SkBuff);
  }
}
