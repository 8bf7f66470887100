/** Scatters 32 bits: the finalizer of splitmix32. */
function scatter(h: number): number {
  let z = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}

/** 32 bits of a seed and a name (FNV-1a); different `salt`s give independent ones. */
function hash(seed: number, name: string, salt: number): number {
  let h = scatter((seed ^ salt) | 0);
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h;
}

/** The golden ratio: what splitmix32 steps by. */
const STEP = 0x9e3779b9;

/**
 * A seeded stream of pseudo-random numbers (xoshiro128**, Blackman and Vigna 2018): same seed and name, same numbers
 * everywhere. Two hashes make its state, so that a hundred thousand machines hardly ever share one.
 */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Streams of one seed and different names are independent of each other. */
  constructor(seed: number, name: string) {
    const first = hash(seed, name, STEP);
    const second = hash(seed, name, ~STEP);
    this.#a = scatter(first + STEP);
    this.#b = scatter(first + 2 * STEP);
    this.#c = scatter(second + STEP);
    this.#d = scatter(second + 2 * STEP) | 1;
  }

  /** An integer of 32 random bits, unsigned. */
  u32(): number {
    return this.#next() >>> 0;
  }

  /** The same, signed: a small integer needs no place on the heap where a call of it stays a call. */
  #next(): number {
    const x = Math.imul(this.#b, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9);
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** An integer in `[0, n)`; n at most 2^32. */
  below(n: number): number {
    return Math.floor(((this.#next() >>> 0) / 0x1_0000_0000) * n);
  }

  /** A number in `[0, 1)`. */
  fraction(): number {
    return (this.#next() >>> 0) / 0x1_0000_0000;
  }
}
