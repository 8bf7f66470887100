import { type EventHandler, type Nanos, SEC, type Simulator } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../link/net-device.ts';

/** Takes a solicitation and ownership of it. */
type Taker = (skb: SkBuff) => void;

/** As an event takes it: what is too far ahead for the clock is as good as never. */
function within(delay: Nanos): Nanos {
  return Math.min(Math.max(1, delay), 30 * 86_400 * SEC);
}

/** Solicitations for proxied addresses, which are answered a little later than the owner would. Linux `neigh_table.proxy_queue`. */
export class ProxyQueue implements EventHandler {
  readonly #sim: Simulator;
  readonly #answer: Taker;
  readonly #drop: Taker;
  /** What waits, by its event. */
  readonly #waiting = new Map<SkBuff, number>();

  constructor(sim: Simulator, answer: Taker, drop: Taker) {
    this.#sim = sim;
    this.#answer = answer;
    this.#drop = drop;
  }

  /** Keeps a solicitation for `delay`; drops it if more than `limit` wait. Takes ownership. `pneigh_enqueue()` */
  add(skb: SkBuff, delay: Nanos, limit: number): void {
    if (this.#waiting.size > limit) this.#drop(skb);
    else this.#waiting.set(skb, this.#sim.scheduleCancellable(within(delay), this, 0, skb));
  }

  /** Drops what came in at a device. `pneigh_queue_purge()` */
  purge(dev: NetDevice): void {
    for (const [skb, event] of this.#waiting) {
      if (skb.dev !== dev) continue;
      this.#sim.cancel(event);
      this.#waiting.delete(skb);
      this.#drop(skb);
    }
  }

  onEvent(_kind: number, skb: unknown): void {
    this.#waiting.delete(skb as SkBuff);
    this.#answer(skb as SkBuff);
  }
}
