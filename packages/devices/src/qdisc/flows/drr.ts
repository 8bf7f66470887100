import { SkbQueue } from '../../link/index.ts';

/** One flow of a fair queue. */
export class Flow {
  readonly queue: SkbQueue = new SkbQueue();
  /** Bytes that it may still send in this round. */
  deficit = 0;
  /** In a list of those that have something to send. */
  active = false;
  next: Flow | null = null;
}

/** Flows in turn, first in, first out. */
export class FlowList {
  #first: Flow | null = null;
  #last: Flow | null = null;
  length = 0;

  get first(): Flow | null {
    return this.#first;
  }

  push(flow: Flow): void {
    flow.next = null;
    if (this.#last === null) this.#first = flow;
    else this.#last.next = flow;
    this.#last = flow;
    this.length++;
  }

  shift(): Flow | null {
    const flow = this.#first;
    if (flow === null) return null;
    this.#first = flow.next;
    if (this.#first === null) this.#last = null;
    flow.next = null;
    this.length--;
    return flow;
  }

  clear(): void {
    while (this.shift() !== null);
  }
}
