/** A seeded stream of pseudo-random numbers (xoshiro128**, Blackman and Vigna 2018): same seed and name, same numbers everywhere. */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Streams of one seed and different names are independent of each other. */
  constructor(seed: number, name: string) {
    let h = (seed ^ 0x9e3779b9) | 0;
    for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
    const next = (): number => {
      h = (h + 0x9e3779b9) | 0; // splitmix32
      let z = h;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next() | 1;
  }

  /** An integer of 32 random bits, unsigned. */
  u32(): number {
    const x = Math.imul(this.#b, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9);
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** An integer in `[0, n)`; n at most 2^32. */
  below(n: number): number {
    return Math.floor((this.u32() / 0x1_0000_0000) * n);
  }

  /** A number in `[0, 1)`. */
  fraction(): number {
    return this.u32() / 0x1_0000_0000;
  }
}
