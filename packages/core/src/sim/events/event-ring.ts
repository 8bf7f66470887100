import type { EventHandler } from './event-records.ts';

/** The events of the present instant, first in, first out; grows by doubling and never shrinks. */
export class EventRing {
  #handlers: (EventHandler | undefined)[] = new Array(64).fill(undefined);
  #kinds: number[] = new Array(64).fill(0);
  #args: unknown[] = new Array(64).fill(undefined);
  #head = 0;

  /** How many events wait. */
  size = 0;

  /** Adds an event at the end. */
  push(handler: EventHandler, kind: number, arg: unknown): void {
    if (this.size === this.#kinds.length) this.#grow();
    const i = (this.#head + this.size) & (this.#kinds.length - 1);
    this.#handlers[i] = handler;
    this.#kinds[i] = kind;
    this.#args[i] = arg;
    this.size++;
  }

  /** Takes the first event out and calls its handler. */
  popAndRun(): void {
    const i = this.#head;
    const handler = this.#handlers[i] as EventHandler;
    const kind = this.#kinds[i] as number;
    const arg = this.#args[i];
    this.#handlers[i] = undefined;
    this.#args[i] = undefined;
    this.#head = (i + 1) & (this.#kinds.length - 1);
    this.size--;
    handler.onEvent(kind, arg);
  }

  /** The handlers of the events that wait, in order. */
  pendingHandlers(): EventHandler[] {
    return this.#handlers.filter((h) => h !== undefined);
  }

  #grow(): void {
    const n = this.#kinds.length;
    const turn = <T>(a: T[], fill: T): T[] => [
      ...a.slice(this.#head),
      ...a.slice(0, this.#head),
      ...new Array<T>(n).fill(fill),
    ];
    this.#handlers = turn<EventHandler | undefined>(this.#handlers, undefined);
    this.#kinds = turn(this.#kinds, 0);
    this.#args = turn<unknown>(this.#args, undefined);
    this.#head = 0;
  }
}
