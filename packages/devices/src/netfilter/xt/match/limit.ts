import type { Nanos } from '@labwire/core/sim';
import type { LimitMatch } from '../match.ts';
import type { Matcher } from '../packet.ts';

/** A unit of {@link LimitMatch.avg} in Nanos. XT_LIMIT_SCALE is 10000 a second. */
const UNIT = 100_000;

/** A bucket of `burst` packets that fills at a rate: `avg` is what a packet costs, in 1/10000 s. */
export class TokenBucket {
  readonly #cost: Nanos;
  readonly #cap: Nanos;
  #credit: Nanos;
  #last: Nanos = -1;

  constructor(avg: number, burst: number) {
    this.#cost = avg * UNIT;
    this.#cap = this.#cost * burst;
    this.#credit = this.#cap;
  }

  /** Takes a packet's cost out. @returns false if there is not enough */
  take(now: Nanos): boolean {
    if (this.#last < 0) this.#last = now;
    this.#credit = Math.min(this.#cap, this.#credit + now - this.#last);
    this.#last = now;
    if (this.#credit < this.#cost) return false;
    this.#credit -= this.#cost;
    return true;
  }
}

/** `limit_mt()` */
export function limitMatcher(m: LimitMatch): Matcher {
  const bucket = new TokenBucket(m.avg, m.burst);
  return (p) => bucket.take(p.netns.sim.now);
}
