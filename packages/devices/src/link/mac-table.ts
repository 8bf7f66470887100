import type { MacAddr } from '@labwire/core/addr';

const TWO_32 = 0x1_0000_0000;

/** The first 16 bits of an address. */
export function macHi(mac: MacAddr): number {
  return Math.floor(mac / TWO_32);
}

/** The last 32 bits of an address, signed, as `get32` reads them. */
export function macLo(mac: MacAddr): number {
  return (mac % TWO_32) | 0;
}

/** A hash table of what belongs to MAC addresses, by their two halves: looking up makes no garbage. Linear probing. */
export class MacTable<V> {
  #hi = new Int32Array(8);
  #lo = new Int32Array(8);
  #values: (V | null)[] = new Array<V | null>(8).fill(null);

  /** How many there are. */
  size = 0;

  /** What belongs to an address; null if nothing. */
  get(hi: number, lo: number): V | null {
    const mask = this.#values.length - 1;
    for (let i = slotOf(hi, lo) & mask; ; i = (i + 1) & mask) {
      const value = this.#values[i] as V | null;
      if (value === null || (this.#lo[i] === lo && this.#hi[i] === hi)) return value;
    }
  }

  /** Adds an address that is not there. */
  add(hi: number, lo: number, value: V): void {
    if (2 * (this.size + 1) > this.#values.length) this.#grow();
    this.#put(hi, lo, value);
    this.size++;
  }

  /** Takes an address out, if it is there. */
  delete(hi: number, lo: number): void {
    const mask = this.#values.length - 1;
    let i = slotOf(hi, lo) & mask;
    while (this.#values[i] !== null && !(this.#lo[i] === lo && this.#hi[i] === hi))
      i = (i + 1) & mask;
    if (this.#values[i] === null) return;
    this.size--;
    this.#closeGap(i, mask);
  }

  /** All values, in no order that means anything. */
  values(): V[] {
    return this.#values.filter((v): v is V => v !== null);
  }

  /** Moves up what was pushed past a slot that is free now. */
  #closeGap(gap: number, mask: number): void {
    for (let i = (gap + 1) & mask; this.#values[i] !== null; i = (i + 1) & mask) {
      const home = slotOf(this.#hi[i] as number, this.#lo[i] as number) & mask;
      if (((i - home) & mask) < ((i - gap) & mask)) continue;
      this.#hi[gap] = this.#hi[i] as number;
      this.#lo[gap] = this.#lo[i] as number;
      this.#values[gap] = this.#values[i] as V;
      gap = i;
    }
    this.#values[gap] = null;
  }

  #put(hi: number, lo: number, value: V): void {
    const mask = this.#values.length - 1;
    let i = slotOf(hi, lo) & mask;
    while (this.#values[i] !== null) i = (i + 1) & mask;
    this.#hi[i] = hi;
    this.#lo[i] = lo;
    this.#values[i] = value;
  }

  #grow(): void {
    const [his, los, values] = [this.#hi, this.#lo, this.#values];
    const n = 2 * values.length;
    this.#hi = new Int32Array(n);
    this.#lo = new Int32Array(n);
    this.#values = new Array<V | null>(n).fill(null);
    for (const [i, value] of values.entries())
      if (value !== null) this.#put(his[i] as number, los[i] as number, value);
  }
}

function slotOf(hi: number, lo: number): number {
  const h = Math.imul(lo ^ Math.imul(hi, 0x9e3779b1), 0x85ebca6b);
  return h ^ (h >>> 15);
}
