import type { Netns } from '../netns/netns.ts';

/** Buckets of the generator: a power of two. */
const BUCKETS = 1024;

/**
 * Identification fields for packets that may be fragmented and belong to no connection: a counter for each pair of
 * addresses and protocol, as far as they do not share a bucket, that starts anywhere. `__ip_select_ident()`
 */
export class IdentGenerator {
  readonly #netns: Netns;
  #counters: Int32Array | null = null;
  #seed = 0;

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  /** The next identification. */
  next(saddr: number, daddr: number, protocol: number): number {
    if (this.#counters === null) {
      this.#counters = new Int32Array(BUCKETS);
      this.#seed = this.#netns.kernel.random.u32();
    }
    let h = Math.imul(saddr ^ this.#seed, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13) ^ daddr, 0xc2b2ae35) ^ protocol;
    const i = (h ^ (h >>> 16)) & (BUCKETS - 1);
    const last = this.#counters[i] as number;
    // the first of a bucket starts anywhere
    const next = last === 0 ? this.#netns.kernel.random.below(0xffff) + 1 : (last + 1) & 0xffff;
    this.#counters[i] = next === 0 ? 0x1_0000 : next;
    return next;
  }
}
