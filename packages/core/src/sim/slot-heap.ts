import type { Nanos } from './time.ts';

/** A min-heap of numbered slots on (time, insertion number): four children a node, one array per field. */
export class SlotHeap {
  #time = new Float64Array(64);
  #seq = new Float64Array(64);
  #slot = new Int32Array(64);

  /** How many slots are in it. */
  size = 0;

  /** The time of the first slot; `Infinity` if there is none. */
  get firstTime(): Nanos {
    return this.size === 0 ? Infinity : (this.#time[0] as number);
  }

  /** The first slot; the heap must not be empty. */
  get firstSlot(): number {
    return this.#slot[0] as number;
  }

  /** Adds a slot. */
  push(time: Nanos, seq: number, slot: number): void {
    if (this.size === this.#time.length) this.#grow();
    this.#siftUp(this.size++, time, seq, slot);
  }

  /** Takes the first slot out; the heap must not be empty. */
  pop(): number {
    const slot = this.#slot[0] as number;
    const last = --this.size;
    if (last > 0) {
      this.#siftDown(
        this.#time[last] as number,
        this.#seq[last] as number,
        this.#slot[last] as number,
      );
    }
    return slot;
  }

  #place(i: number, time: Nanos, seq: number, slot: number): void {
    this.#time[i] = time;
    this.#seq[i] = seq;
    this.#slot[i] = slot;
  }

  #copy(to: number, from: number): void {
    this.#time[to] = this.#time[from] as number;
    this.#seq[to] = this.#seq[from] as number;
    this.#slot[to] = this.#slot[from] as number;
  }

  #before(i: number, time: Nanos, seq: number): boolean {
    const t = this.#time[i] as number;
    return t < time || (t === time && (this.#seq[i] as number) < seq);
  }

  #siftUp(start: number, time: Nanos, seq: number, slot: number): void {
    let i = start;
    while (i > 0) {
      const parent = (i - 1) >> 2;
      if (this.#before(parent, time, seq)) break;
      this.#copy(i, parent);
      i = parent;
    }
    this.#place(i, time, seq, slot);
  }

  #siftDown(time: Nanos, seq: number, slot: number): void {
    let i = 0;
    for (;;) {
      const first = 4 * i + 1;
      if (first >= this.size) break;
      const least = this.#leastOf(first, Math.min(first + 4, this.size));
      if (!this.#before(least, time, seq)) break;
      this.#copy(i, least);
      i = least;
    }
    this.#place(i, time, seq, slot);
  }

  #leastOf(from: number, to: number): number {
    let least = from;
    for (let c = from + 1; c < to; c++) {
      if (this.#before(c, this.#time[least] as number, this.#seq[least] as number)) least = c;
    }
    return least;
  }

  #grow(): void {
    const n = this.#time.length * 2;
    const time = new Float64Array(n);
    const seq = new Float64Array(n);
    const slot = new Int32Array(n);
    time.set(this.#time);
    seq.set(this.#seq);
    slot.set(this.#slot);
    this.#time = time;
    this.#seq = seq;
    this.#slot = slot;
  }
}
