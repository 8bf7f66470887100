import { after, before, maxSeq } from './seq.ts';

/** Holes that a receiver keeps track of; a segment that would make one more is dropped. */
const MAX_RANGES = 256;
/** Ranges that one acknowledgement can name. RFC 2018 section 3. */
const MAX_SACK_BLOCKS = 4;

/**
 * Which bytes behind `rcvNxt` have arrived: sorted ranges that neither touch nor overlap, and the order in
 * which they last grew, which is the order in which RFC 2018 section 4 wants them told.
 */
export class Reassembly {
  #start = new Int32Array(8);
  #end = new Int32Array(8);
  /** How many ranges there are. */
  count = 0;
  /** Starts of the ranges that grew last, latest first. */
  readonly #recent = new Int32Array(MAX_SACK_BLOCKS);
  #recentCount = 0;

  /**
   * Notes that `[start, end)` has arrived.
   * @returns false if there are too many holes already
   */
  add(start: number, end: number): boolean {
    let first = 0;
    while (first < this.count && before(this.#end[first] as number, start)) first++;
    let last = first;
    while (last < this.count && !after(this.#start[last] as number, end)) last++;
    if (first === last) {
      if (this.count === MAX_RANGES) return false;
      this.#open(first);
      this.#start[first] = start;
      this.#end[first] = end;
    } else {
      if (before(start, this.#start[first] as number)) this.#start[first] = start;
      this.#end[first] = maxSeq(end, this.#end[last - 1] as number);
      this.#close(first + 1, last);
    }
    this.#remember(this.#start[first] as number);
    return true;
  }

  /** Whether all of `[start, end)` has arrived already. */
  has(start: number, end: number): boolean {
    for (let i = 0; i < this.count; i++) {
      if (!after(this.#start[i] as number, start) && !before(this.#end[i] as number, end))
        return true;
    }
    return false;
  }

  /** @returns which range, from the i-th on, shares bytes with `[start, end)`; -1 for none */
  overlapping(start: number, end: number, i: number): number {
    for (let k = i; k < this.count; k++) {
      if (before(this.startOf(k), end) && after(this.endOf(k), start)) return k;
    }
    return -1;
  }

  startOf(i: number): number {
    return this.#start[i] as number;
  }

  endOf(i: number): number {
    return this.#end[i] as number;
  }

  /** Whether one ends there. */
  endsAt(seq: number): boolean {
    for (let i = 0; i < this.count; i++) if (this.#end[i] === seq) return true;
    return false;
  }

  /** Whether the highest of those that {@link blocks} tells ends there. */
  highestToldEndsAt(seq: number): boolean {
    let highest = -1;
    for (let r = 0; r < this.#recentCount; r++)
      highest = Math.max(highest, this.#indexOf(this.#recent[r] as number));
    return highest >= 0 && this.#end[highest] === seq;
  }

  /** Takes out what `rcvNxt` has reached. @returns the new `rcvNxt`: behind the ranges that it touches */
  advance(rcvNxt: number): number {
    let next = rcvNxt;
    let n = 0;
    while (n < this.count && !after(this.#start[n] as number, next)) {
      next = maxSeq(next, this.#end[n] as number);
      n++;
    }
    if (n > 0) this.#close(0, n);
    return next;
  }

  /**
   * Writes up to `max` ranges, latest first, as pairs of start and end.
   * @returns how many
   */
  blocks(out: Int32Array, max: number): number {
    let n = 0;
    for (let r = 0; r < this.#recentCount && n < max; r++) {
      const i = this.#indexOf(this.#recent[r] as number);
      if (i < 0 || this.#told(out, n, i)) continue;
      out[2 * n] = this.#start[i] as number;
      out[2 * n + 1] = this.#end[i] as number;
      n++;
    }
    return n;
  }

  /** Forgets everything. */
  clear(): void {
    this.count = 0;
    this.#recentCount = 0;
  }

  /** The range that holds `seq`, as an earlier start of one may lie within it. */
  #indexOf(seq: number): number {
    for (let i = 0; i < this.count; i++) {
      if (!after(this.#start[i] as number, seq) && after(this.#end[i] as number, seq)) return i;
    }
    return -1;
  }

  #told(out: Int32Array, n: number, i: number): boolean {
    for (let k = 0; k < n; k++) if (out[2 * k] === this.#start[i]) return true;
    return false;
  }

  #remember(start: number): void {
    let at = 0;
    while (at < this.#recentCount && this.#recent[at] !== start) at++;
    if (at === this.#recentCount) {
      if (this.#recentCount < MAX_SACK_BLOCKS) this.#recentCount++;
      else at = MAX_SACK_BLOCKS - 1;
    }
    this.#recent.copyWithin(1, 0, at);
    this.#recent[0] = start;
  }

  #open(i: number): void {
    if (this.count === this.#start.length) {
      const start = new Int32Array(this.count * 2);
      const end = new Int32Array(this.count * 2);
      start.set(this.#start);
      end.set(this.#end);
      this.#start = start;
      this.#end = end;
    }
    this.#start.copyWithin(i + 1, i, this.count);
    this.#end.copyWithin(i + 1, i, this.count);
    this.count++;
  }

  #close(from: number, to: number): void {
    this.#start.copyWithin(from, to, this.count);
    this.#end.copyWithin(from, to, this.count);
    this.count -= to - from;
  }
}
