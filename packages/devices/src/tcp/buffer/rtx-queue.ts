import { after, before } from './seq.ts';

/** The peer has told that it holds the segment. */
export const SACKED = 1;
/** Taken for lost. */
export const LOST = 2;
/** Sent again, and not yet heard of since. */
export const RETRANS = 4;
/** Sent again at least once: Karn's algorithm asks. */
export const EVER_RETRANS = 8;
/** Ends with a FIN. */
export const HAS_FIN = 16;

function waits(flags: number): number {
  return (flags & (LOST | RETRANS)) === LOST ? 1 : 0;
}

/**
 * The segments in flight, oldest first, with what is known of each: the scoreboard of RFC 6675 and Linux'
 * `tcp_rtx_queue`. One ring of numbers per field; segments are contiguous, so each ends where the next starts.
 */
export class RtxQueue {
  #seq = new Int32Array(16);
  #end = new Int32Array(16);
  #flags = new Uint8Array(16);
  #sentAt = new Float64Array(16);
  #head = 0;
  /** Segments in flight. `packets_out` */
  count = 0;
  /** Segments with {@link SACKED}. */
  sackedOut = 0;
  /** Segments with {@link LOST}. */
  lostOut = 0;
  /** Segments with {@link RETRANS}. */
  retransOut = 0;
  /** Segments that are lost and have not been sent again since. */
  toResend = 0;

  /** Segments that are thought to be in the network. RFC 6675 section 4, "pipe"; `tcp_packets_in_flight()` */
  get inFlight(): number {
    return this.count - this.sackedOut - this.lostOut + this.retransOut;
  }

  #at(i: number): number {
    return (this.#head + i) & (this.#seq.length - 1);
  }

  /** First sequence number of the i-th segment. */
  seq(i: number): number {
    return this.#seq[this.#at(i)] as number;
  }

  /** The sequence number behind the i-th segment, FIN included. */
  end(i: number): number {
    return this.#end[this.#at(i)] as number;
  }

  /** What is known of the i-th segment. */
  flags(i: number): number {
    return this.#flags[this.#at(i)] as number;
  }

  /** When the i-th segment was last sent, Nanos. */
  sentAt(i: number): number {
    return this.#sentAt[this.#at(i)] as number;
  }

  /** Adds a segment behind the last one. */
  push(seq: number, end: number, flags: number, now: number): void {
    if (this.count === this.#seq.length) this.#grow();
    const at = this.#at(this.count++);
    this.#seq[at] = seq;
    this.#end[at] = end;
    this.#flags[at] = flags;
    this.#sentAt[at] = now;
  }

  /** Removes the first segment. */
  shift(): void {
    this.#setFlags(this.#head, 0);
    this.#head = this.#at(1);
    this.count--;
  }

  /** Makes the first segment start at `seq`: its beginning has been acknowledged. */
  trimFirst(seq: number): void {
    this.#seq[this.#head] = seq;
  }

  /** Sets bits of the i-th segment. */
  mark(i: number, bits: number): void {
    const at = this.#at(i);
    this.#setFlags(at, (this.#flags[at] as number) | bits);
  }

  /** Clears bits of the i-th segment. */
  unmark(i: number, bits: number): void {
    const at = this.#at(i);
    this.#setFlags(at, (this.#flags[at] as number) & ~bits);
  }

  /** Notes that the i-th segment has just been sent again. */
  resent(i: number, now: number): void {
    const at = this.#at(i);
    this.#sentAt[at] = now;
    this.#setFlags(at, (this.#flags[at] as number) | RETRANS | EVER_RETRANS);
  }

  /** Cuts the i-th segment in two at `seq`, for a smaller MSS. */
  split(i: number, seq: number): void {
    this.push(0, 0, 0, 0);
    for (let k = this.count - 1; k > i + 1; k--) this.#copy(this.#at(k), this.#at(k - 1));
    const a = this.#at(i);
    const b = this.#at(i + 1);
    this.#seq[b] = seq;
    this.#end[b] = this.#end[a] as number;
    this.#end[a] = seq;
    this.#sentAt[b] = this.#sentAt[a] as number;
    const flags = this.#flags[a] as number;
    this.#flags[b] = 0; // what the copy left there is counted where it went
    this.#setFlags(b, flags);
    this.#setFlags(a, flags & ~HAS_FIN);
  }

  /** The first segment that does not lie wholly before `seq`; `count` if there is none. */
  find(seq: number): number {
    let lo = 0;
    let hi = this.count;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (after(this.end(mid), seq)) hi = mid;
      else lo = mid + 1;
    }
    return lo;
  }

  /** Whether the i-th segment lies within `[start, end)`. */
  within(i: number, start: number, end: number): boolean {
    return !before(this.seq(i), start) && !after(this.end(i), end);
  }

  /** Forgets everything. */
  clear(): void {
    this.count = 0;
    this.sackedOut = 0;
    this.lostOut = 0;
    this.retransOut = 0;
    this.toResend = 0;
  }

  #setFlags(at: number, flags: number): void {
    const old = this.#flags[at] as number;
    this.sackedOut += (flags & SACKED) - (old & SACKED);
    this.lostOut += ((flags & LOST) - (old & LOST)) / LOST;
    this.retransOut += ((flags & RETRANS) - (old & RETRANS)) / RETRANS;
    this.toResend += waits(flags) - waits(old);
    this.#flags[at] = flags;
  }

  #copy(to: number, from: number): void {
    this.#seq[to] = this.#seq[from] as number;
    this.#end[to] = this.#end[from] as number;
    this.#flags[to] = this.#flags[from] as number;
    this.#sentAt[to] = this.#sentAt[from] as number;
  }

  #grow(): void {
    const n = this.#seq.length;
    const [seq, end, flags, sentAt] = [this.#seq, this.#end, this.#flags, this.#sentAt];
    this.#seq = new Int32Array(2 * n);
    this.#end = new Int32Array(2 * n);
    this.#flags = new Uint8Array(2 * n);
    this.#sentAt = new Float64Array(2 * n);
    for (let i = 0; i < n; i++) {
      const from = (this.#head + i) & (n - 1);
      this.#seq[i] = seq[from] as number;
      this.#end[i] = end[from] as number;
      this.#flags[i] = flags[from] as number;
      this.#sentAt[i] = sentAt[from] as number;
    }
    this.#head = 0;
  }
}
