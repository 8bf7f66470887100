import type { Nanos } from './time.ts';

/** What an event calls: one object with many kinds of event, so that scheduling makes no closure. */
export interface EventHandler {
  /** Handles an event that was scheduled with this `kind` and `arg`. Must not throw, must not wait. */
  onEvent(kind: number, arg: unknown): void;
  /** Names the handler in diagnostics: `bridge br0 (ports veth1, veth2)`. */
  describe?(): string;
}

/** A min-heap of events on (time, insertion number): four children a node, one array per field. */
export class EventHeap {
  #time = new Float64Array(64);
  #seq = new Float64Array(64);
  #slot = new Int32Array(64);
  #handlers: (EventHandler | undefined)[] = [];
  #kinds: number[] = [];
  #args: unknown[] = [];
  #free: number[] = [];
  #nextSeq = 0;

  /** How many events wait. */
  size = 0;

  /** The time of the first event; `Infinity` if there is none. */
  get firstTime(): Nanos {
    return this.size === 0 ? Infinity : (this.#time[0] as number);
  }

  /** Adds an event. Events of equal time come out in the order they went in. */
  push(time: Nanos, handler: EventHandler, kind: number, arg: unknown): void {
    if (this.size === this.#time.length) this.#grow();
    const slot = this.#free.pop() ?? this.#handlers.length;
    this.#handlers[slot] = handler;
    this.#kinds[slot] = kind;
    this.#args[slot] = arg;
    this.#siftUp(this.size++, time, this.#nextSeq++, slot);
  }

  /** Takes the first event out and calls its handler. */
  popAndRun(): void {
    const slot = this.#slot[0] as number;
    const handler = this.#handlers[slot] as EventHandler;
    const kind = this.#kinds[slot] as number;
    const arg = this.#args[slot];
    this.#handlers[slot] = undefined;
    this.#args[slot] = undefined;
    this.#free.push(slot);
    const last = --this.size;
    if (last > 0)
      this.#siftDown(
        this.#time[last] as number,
        this.#seq[last] as number,
        this.#slot[last] as number,
      );
    handler.onEvent(kind, arg);
  }

  /** The handlers of the events that wait, in no order that means anything. */
  pendingHandlers(): EventHandler[] {
    return this.#handlers.filter((h) => h !== undefined);
  }

  #place(i: number, time: Nanos, seq: number, slot: number): void {
    this.#time[i] = time;
    this.#seq[i] = seq;
    this.#slot[i] = slot;
  }

  #copy(to: number, from: number): void {
    this.#place(
      to,
      this.#time[from] as number,
      this.#seq[from] as number,
      this.#slot[from] as number,
    );
  }

  #siftUp(start: number, time: Nanos, seq: number, slot: number): void {
    let i = start;
    while (i > 0) {
      const parent = (i - 1) >> 2;
      if ((this.#time[parent] as number) <= time) break; // an equal time went in earlier
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

  #before(i: number, time: Nanos, seq: number): boolean {
    const t = this.#time[i] as number;
    return t < time || (t === time && (this.#seq[i] as number) < seq);
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
