import type { Nanos } from '../time.ts';

/** What an event calls: one object with many kinds of event, so that scheduling makes no closure. */
export interface EventHandler {
  /** Handles an event that was scheduled with this `kind` (32 bits) and `arg`. Must not throw, must not wait. */
  onEvent(kind: number, arg: unknown): void;
  /** Names the handler in diagnostics: `bridge br0 (ports veth1, veth2)`. */
  describe?(): string;
}

/** The slot is free, or the last of a list. */
export const NONE = -1;
/** In place of a predecessor: the slot is in a heap, not in a list. */
const IN_HEAP = -2;

/**
 * Storage for events that wait: a slot holds one, free slots are linked to each other, and slots can be linked
 * into lists. What is used together lies together, because with many events waiting each access is a cache miss.
 */
export class EventRecords {
  /** Time and insertion number, by turns. */
  #keys = new Float64Array(128);
  /** Kind, successor and predecessor; a list's first slot has `NONE - 2 - list` for a predecessor. */
  #links = new Int32Array(256);
  /** Handler and argument, by turns. */
  #objects: unknown[] = new Array(128).fill(undefined);
  #free = NONE;
  #used = 0;
  #nextSeq = 0;

  /** Stores an event whose time is then to be set. @returns its slot */
  add(handler: EventHandler, kind: number, arg: unknown): number {
    let slot = this.#free;
    if (slot === NONE) {
      slot = this.#used++;
      if (slot * 2 === this.#keys.length) this.#grow();
    } else this.#free = this.#links[4 * slot + 1] as number;
    this.#keys[2 * slot + 1] = this.#nextSeq++;
    this.#links[4 * slot] = kind;
    this.#links[4 * slot + 2] = IN_HEAP;
    this.#objects[2 * slot] = handler;
    this.#objects[2 * slot + 1] = arg;
    return slot;
  }

  /** Frees a slot. */
  remove(slot: number): void {
    this.#objects[2 * slot] = undefined;
    this.#objects[2 * slot + 1] = undefined;
    this.#links[4 * slot + 1] = this.#free;
    this.#free = slot;
  }

  /** Forgets what a slot calls, keeping the slot. */
  kill(slot: number): void {
    this.#objects[2 * slot] = undefined;
    this.#objects[2 * slot + 1] = undefined;
  }

  /** Frees a slot and calls its handler. */
  run(slot: number): void {
    const handler = this.#objects[2 * slot] as EventHandler;
    const arg = this.#objects[2 * slot + 1];
    const kind = this.#links[4 * slot] as number;
    this.remove(slot);
    handler.onEvent(kind, arg);
  }

  /** Sets when the event is due. */
  setTime(slot: number, time: Nanos): void {
    this.#keys[2 * slot] = time;
  }

  /** When the event is due. */
  time(slot: number): Nanos {
    return this.#keys[2 * slot] as number;
  }

  /** How many events were stored before it. */
  seq(slot: number): number {
    return this.#keys[2 * slot + 1] as number;
  }

  /** Whether its event has not been killed. */
  alive(slot: number): boolean {
    return this.#objects[2 * slot] !== undefined;
  }

  /** The next slot of a list, or {@link NONE}. */
  next(slot: number): number {
    return this.#links[4 * slot + 1] as number;
  }

  /** Puts a slot at the front of list number `list`, whose first slot was `first`. */
  link(slot: number, list: number, first: number): void {
    this.#links[4 * slot + 1] = first;
    this.#links[4 * slot + 2] = -3 - list;
    if (first !== NONE) this.#links[4 * first + 2] = slot;
  }

  /** Notes that a slot is in no list any more but in a heap. */
  leaveList(slot: number): void {
    this.#links[4 * slot + 2] = IN_HEAP;
  }

  /** Whether a slot is in a heap. */
  inHeap(slot: number): boolean {
    return this.#links[4 * slot + 2] === IN_HEAP;
  }

  /** The number of the list that a slot is the first of, or {@link NONE}. */
  firstOf(slot: number): number {
    const previous = this.#links[4 * slot + 2] as number;
    return previous <= -3 ? -3 - previous : NONE;
  }

  /** Takes a slot out of its list; the list's owner deals with one that is the first. */
  unlink(slot: number): void {
    const next = this.#links[4 * slot + 1] as number;
    const previous = this.#links[4 * slot + 2] as number;
    if (next !== NONE) this.#links[4 * next + 2] = previous;
    if (previous >= 0) this.#links[4 * previous + 1] = next;
  }

  /** The handlers of all events, in no order that means anything. */
  handlers(): EventHandler[] {
    return this.#objects.filter((o, i) => i % 2 === 0 && o !== undefined) as EventHandler[];
  }

  #grow(): void {
    const keys = new Float64Array(this.#keys.length * 2);
    const links = new Int32Array(this.#links.length * 2);
    keys.set(this.#keys);
    links.set(this.#links);
    this.#keys = keys;
    this.#links = links;
    const n = this.#objects.length;
    this.#objects.length = 2 * n;
    this.#objects.fill(undefined, n);
  }
}
