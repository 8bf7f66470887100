import { RandomStream } from '@labwire/core/sim';

/** Seeded choices. */
export class Dice {
  readonly #stream: RandomStream;

  constructor(seed: number, name: string) {
    this.#stream = new RandomStream(seed, name);
  }

  below(n: number): number {
    return this.#stream.below(n);
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  u32(): number {
    return this.#stream.u32();
  }

  chance(p: number): boolean {
    return this.#stream.fraction() < p;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  /** One of several makers, by weight. */
  weighted<T>(from: readonly (readonly [weight: number, make: T])[]): T {
    let n = this.#stream.fraction() * from.reduce((sum, [w]) => sum + w, 0);
    for (const [weight, make] of from) if ((n -= weight) < 0) return make;
    return (from[from.length - 1] as readonly [number, T])[1];
  }

  bytes(n: number): Uint8Array {
    return Uint8Array.from({ length: n }, () => this.below(256));
  }

  times<T>(low: number, high: number, make: (i: number) => T): T[] {
    return Array.from({ length: this.int(low, high) }, (_, i) => make(i));
  }
}
