import type { RandomStream } from '@labwire/core/sim';

const U32 = 0x1_0000_0000;

/** Random numbers each of which resembles the one before. Linux net/sched/sch_netem.c, get_crandom() */
export class CorrelatedRandom {
  readonly #random: () => RandomStream;
  #last: number | undefined;
  /** How much, 0 to 2^32 - 1. */
  readonly rho: number;

  constructor(random: () => RandomStream, rho: number) {
    this.#random = random;
    this.rho = rho;
  }

  /** 32 bits. */
  next(): number {
    const value = this.#random().u32();
    if (this.rho === 0) return value;
    const rho = (this.rho + 1) / U32;
    this.#last ??= this.#random().u32();
    this.#last = Math.floor(value * (1 - rho) + this.#last * rho);
    return this.#last;
  }
}
