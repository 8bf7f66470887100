import { type Nanos, SEC } from '@labwire/core/sim';

/** A lifetime without end, in seconds. INFINITY_LIFE_TIME */
export const INFINITY_LIFE_TIME = 0xffff_ffff;

/** How long an address is preferred and valid. Linux `struct ifa_cacheinfo` */
export class Lifetimes {
  /** Seconds. */
  readonly preferred: number;
  readonly valid: number;
  /** When they were set, Nanos since the start. */
  readonly stamp: Nanos;

  private constructor(preferred: number, valid: number, stamp: Nanos) {
    this.preferred = preferred;
    this.valid = valid;
    this.stamp = stamp;
  }

  /** Those of most addresses, which share them. */
  static readonly forever: Lifetimes = new Lifetimes(INFINITY_LIFE_TIME, INFINITY_LIFE_TIME, 0);

  /** Lifetimes that begin now. */
  static from(now: Nanos, preferred: number, valid: number): Lifetimes {
    const endless = preferred === INFINITY_LIFE_TIME && valid === INFINITY_LIFE_TIME;
    return endless ? Lifetimes.forever : new Lifetimes(preferred, valid, now);
  }

  /** Seconds that are left at `now`. */
  preferredLeft(now: Nanos): number {
    return this.#left(this.preferred, now);
  }

  validLeft(now: Nanos): number {
    return this.#left(this.valid, now);
  }

  #left(lifetime: number, now: Nanos): number {
    if (lifetime === INFINITY_LIFE_TIME) return lifetime;
    return Math.max(0, lifetime - Math.floor((now - this.stamp) / SEC));
  }

  /** When the preferred lifetime ends, Nanos since the start; Infinity for never. */
  get deprecatedAt(): Nanos {
    return this.#end(this.preferred);
  }

  /** When the valid one does. */
  get expiresAt(): Nanos {
    return this.#end(this.valid);
  }

  #end(lifetime: number): Nanos {
    return lifetime === INFINITY_LIFE_TIME ? Infinity : this.stamp + lifetime * SEC;
  }
}
