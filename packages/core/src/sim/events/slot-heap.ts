import type { Nanos } from '../time.ts';
import type { EventRecords } from './event-records.ts';

/*
 * Times and insertion numbers are doubles. They never pass a call as an argument or a result that the compiler might
 * not inline, because each would be boxed: on the packet path that would be garbage with every event.
 */

/** A min-heap of events on (time, insertion number): four children a node, one array per field. */
export class SlotHeap {
  readonly #records: EventRecords;
  #time = new Float64Array(64);
  #seq = new Float64Array(64);
  #slot = new Int32Array(64);

  /** How many slots are in it. */
  size = 0;

  constructor(records: EventRecords) {
    this.#records = records;
  }

  /** The time of the first slot; `Infinity` if there is none. */
  get firstTime(): Nanos {
    return this.size === 0 ? Infinity : (this.#time[0] as number);
  }

  /** The first slot; the heap must not be empty. */
  get firstSlot(): number {
    return this.#slot[0] as number;
  }

  /** Adds a slot. */
  push(slot: number): void {
    if (this.size === this.#time.length) this.#grow();
    const time = this.#records.time(slot);
    const seq = this.#records.seq(slot);
    let i = this.size++;
    while (i > 0) {
      const parent = (i - 1) >> 2;
      const t = this.#time[parent] as number;
      if (t < time || (t === time && (this.#seq[parent] as number) < seq)) break;
      this.#copy(i, parent);
      i = parent;
    }
    this.#time[i] = time;
    this.#seq[i] = seq;
    this.#slot[i] = slot;
  }

  /** Takes the first slot out; the heap must not be empty. */
  pop(): number {
    const slot = this.#slot[0] as number;
    if (--this.size > 0) this.#fillTop(this.size);
    return slot;
  }

  /** Puts the slot at `last` to where it belongs, from the top. */
  #fillTop(last: number): void {
    const time = this.#time[last] as number;
    const seq = this.#seq[last] as number;
    let i = 0;
    for (let first = 1; first < this.size; first = 4 * i + 1) {
      const least = this.#leastOf(first, Math.min(first + 4, this.size));
      const t = this.#time[least] as number;
      if (t > time || (t === time && (this.#seq[least] as number) > seq)) break;
      this.#copy(i, least);
      i = least;
    }
    this.#copy(i, last);
  }

  #copy(to: number, from: number): void {
    this.#time[to] = this.#time[from] as number;
    this.#seq[to] = this.#seq[from] as number;
    this.#slot[to] = this.#slot[from] as number;
  }

  #leastOf(from: number, to: number): number {
    let least = from;
    for (let c = from + 1; c < to; c++) {
      const t = this.#time[c] as number;
      const best = this.#time[least] as number;
      if (t < best || (t === best && (this.#seq[c] as number) < (this.#seq[least] as number)))
        least = c;
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
