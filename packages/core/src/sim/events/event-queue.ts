import type { Nanos } from '../time.ts';
import { type EventHandler, EventRecords, NONE } from './event-records.ts';
import { SlotHeap } from './slot-heap.ts';

/*
 * A hierarchical timing wheel between two heaps.
 *
 * Time is cut into ticks of 1.024 us. Events of the wheel's present tick and before it are in the *near* heap, which
 * puts them into their exact order; it seldom holds more than a few. Later ones are in a bucket: four levels
 * of 256, where an event's level is that of the highest of the tick's four low bytes in which it differs from the
 * present tick, and its bucket there is that byte. So a bucket of a level is emptied into lower levels when the
 * present tick reaches it, and an event is moved at most four times. What differs above the four bytes (it is
 * an *era* of 73 minutes or more away) waits in the *far* heap.
 *
 * All times in the wheel are later than the present tick and all times in the near heap are not: so the near heap's
 * first event is the first of all. Buckets need no order, because the near heap orders by (time, insertion).
 */

/** Ticks per nanosecond. */
const TICKS = 1 / 1024;
/** Ticks per era. */
const ERA = 0x1_0000_0000;
const LEVELS = 4;
const BUCKETS = 256;
/** 32-bit words of bucket bits per level. */
const WORDS = BUCKETS / 32;

/** The clock, and the events to come in order of (time, insertion). */
export class EventQueue {
  readonly #records = new EventRecords();
  readonly #near = new SlotHeap(this.#records);
  readonly #far = new SlotHeap(this.#records);
  /** First slot of each bucket's list, level by level. */
  readonly #buckets = new Int32Array(LEVELS * BUCKETS).fill(NONE);
  /** A bit for each bucket that is not empty. */
  readonly #bits = new Int32Array(LEVELS * WORDS);
  /** The present tick: its era, and its low four bytes as a signed integer. */
  #era = 0;
  #low = 0;
  /** Cancelled events whose slots are still in a heap. */
  #dead = 0;

  /** Nanoseconds since the beginning: the time of the last event run, or what was set later than that. */
  now: Nanos = 0;
  /** How many events wait. */
  size = 0;

  /**
   * Adds an event that is due `delay` from now, a whole number of at least 0.
   * @returns what {@link cancel} takes, until the event has run
   */
  push(delay: Nanos, handler: EventHandler, kind: number, arg: unknown): number {
    const slot = this.#records.add(handler, kind, arg);
    this.#records.setTime(slot, this.now + delay);
    this.size++;
    this.#file(slot);
    return slot;
  }

  /** Takes an event out that has not run. */
  cancel(slot: number): void {
    const records = this.#records;
    this.size--;
    if (records.inHeap(slot)) {
      records.kill(slot);
      this.#dead++;
      return;
    }
    const bucket = records.firstOf(slot);
    if (bucket !== NONE) this.#setFirst(bucket, records.next(slot));
    records.unlink(slot);
    records.remove(slot);
  }

  /** Whether an event is due now. */
  dueNow(): boolean {
    if (this.#dead > 0) this.#dropDead();
    return this.#near.firstTime <= this.now;
  }

  /**
   * Whether an event is due by `until`. Never looks further ahead, so that the wheel stays fine for what is
   * scheduled before.
   */
  dueBy(until: Nanos): boolean {
    for (;;) {
      if (this.#dead > 0) this.#dropDead();
      if (this.#near.size > 0) return this.#near.firstTime <= until;
      if (!this.#advance(until)) return false;
    }
  }

  /** When the first event is due; only after {@link dueBy} has found it. */
  get firstTime(): Nanos {
    return this.#near.firstTime;
  }

  /** Goes to the time of the first event and runs it; only after {@link dueNow} or {@link dueBy} has found it. */
  runFirst(): void {
    this.size--;
    const slot = this.#near.pop();
    this.now = this.#records.time(slot);
    this.#records.run(slot);
  }

  /** The handlers of the events that wait, in no order that means anything. */
  pendingHandlers(): EventHandler[] {
    return this.#records.handlers();
  }

  /** Puts an event where it belongs. */
  #file(slot: number): void {
    const tick = Math.floor(this.#records.time(slot) * TICKS);
    const era = Math.floor(tick / ERA);
    const low = tick | 0;
    if (era !== this.#era) (era < this.#era ? this.#near : this.#far).push(slot);
    else if (low >>> 0 <= this.#low >>> 0) this.#near.push(slot);
    else {
      const differs = low ^ this.#low;
      const level = (31 - Math.clz32(differs)) >>> 3;
      const bucket = level * BUCKETS + ((low >>> (8 * level)) & 0xff);
      this.#records.link(slot, bucket, this.#buckets[bucket] as number);
      this.#setFirst(bucket, slot);
    }
  }

  #setFirst(bucket: number, slot: number): void {
    this.#buckets[bucket] = slot;
    const word = bucket >>> 5;
    const bit = 1 << (bucket & 31);
    if (slot === NONE) this.#bits[word] = (this.#bits[word] as number) & ~bit;
    else this.#bits[word] = (this.#bits[word] as number) | bit;
  }

  /** The first bucket of a level that is not empty; -1 if there is none. All up to that of the present tick are. */
  #nextBucket(level: number): number {
    const present = (this.#low >>> (8 * level)) & 0xff;
    for (let word = present >>> 5; word < WORDS; word++) {
      const bits = this.#bits[level * WORDS + word] as number;
      if (bits !== 0) return word * 32 + 31 - Math.clz32(bits & -bits);
    }
    return -1;
  }

  /** Moves the present tick to the next bucket and empties that. @returns false if that is later than `until` */
  #advance(until: Nanos): boolean {
    for (let level = 0; level < LEVELS; level++) {
      const index = this.#nextBucket(level);
      if (index < 0) continue;
      const shift = 8 * level;
      const above = level === LEVELS - 1 ? 0 : -1 << (shift + 8);
      const low = (this.#low & above) | (index << shift);
      if ((this.#era * ERA + (low >>> 0)) / TICKS > until) return false;
      this.#low = low;
      this.#emptyBucket(level * BUCKETS + index);
      return true;
    }
    return this.#nextEra(until);
  }

  #emptyBucket(bucket: number): void {
    const records = this.#records;
    let slot = this.#buckets[bucket] as number;
    this.#setFirst(bucket, NONE);
    while (slot !== NONE) {
      const next = records.next(slot);
      records.leaveList(slot);
      this.#file(slot);
      slot = next;
    }
  }

  /** Moves on to the era of the first far event and takes in all of that era. */
  #nextEra(until: Nanos): boolean {
    const far = this.#far;
    if (far.size === 0 || far.firstTime > until) return false;
    const tick = Math.floor(far.firstTime * TICKS);
    this.#era = Math.floor(tick / ERA);
    this.#low = tick | 0;
    const end = ((this.#era + 1) * ERA) / TICKS;
    while (far.firstTime < end) this.#file(far.pop());
    return true;
  }

  /** Frees the slots of cancelled events at the front of the heaps. */
  #dropDead(): void {
    this.#dropDeadOf(this.#near);
    this.#dropDeadOf(this.#far);
  }

  #dropDeadOf(heap: SlotHeap): void {
    while (heap.size > 0 && !this.#records.alive(heap.firstSlot)) {
      this.#records.remove(heap.pop());
      this.#dead--;
    }
  }
}
