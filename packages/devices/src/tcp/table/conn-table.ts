import type { SkBuff } from '@labwire/core/skb';
import { type Flow, flowHash } from '../flow.ts';

/** Something that the table finds by its addresses and ports. */
export interface Hashed {
  readonly flow: Flow;
}

const MIN_SIZE = 8;

/** The hash of a flow as seen by this side. */
function hashOf(flow: Flow): number {
  const { inet } = flow;
  return flowHash(inet.fold(flow.saddr), inet.fold(flow.daddr), flow.sport, flow.dport);
}

/** Connections by both addresses and ports: open addressing, hashes in ints beside the entries. `inet_ehash` */
export class ConnTable<T extends Hashed> {
  #hash = new Int32Array(MIN_SIZE);
  #entries: (T | undefined)[] = new Array(MIN_SIZE).fill(undefined);
  /** How many there are. */
  size = 0;

  /** The connection that a received segment belongs to. */
  find(skb: SkBuff, hash: number, sport: number, dport: number): T | undefined {
    const mask = this.#entries.length - 1;
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const entry = this.#entries[i];
      if (entry === undefined) return undefined;
      const { flow } = entry;
      if (this.#hash[i] !== hash || flow.sport !== dport || flow.dport !== sport) continue;
      if (flow.inet.matches(flow, skb)) return entry;
    }
  }

  /** The connection that has the ends of `flow`. */
  findFlow(flow: Flow): T | undefined {
    const hash = hashOf(flow);
    const mask = this.#entries.length - 1;
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const entry = this.#entries[i];
      if (entry === undefined) return undefined;
      const f = entry.flow;
      if (this.#hash[i] !== hash || f.sport !== flow.sport || f.dport !== flow.dport) continue;
      if (f.inet !== flow.inet) continue;
      if (f.boundDev !== flow.boundDev && f.boundDev !== null && flow.boundDev !== null) continue;
      if (f.inet.same(f.saddr, flow.saddr) && f.inet.same(f.daddr, flow.daddr)) return entry;
    }
  }

  /** Adds a connection. */
  add(entry: T): void {
    if ((this.size + 1) * 2 > this.#entries.length) this.#grow();
    this.size++;
    this.#place(hashOf(entry.flow), entry);
  }

  /** Takes a connection out and closes the gap. */
  remove(entry: T): void {
    const mask = this.#entries.length - 1;
    let gap = hashOf(entry.flow) & mask;
    while (this.#entries[gap] !== entry) {
      if (this.#entries[gap] === undefined) return;
      gap = (gap + 1) & mask;
    }
    this.size--;
    for (let i = (gap + 1) & mask; this.#entries[i] !== undefined; i = (i + 1) & mask) {
      const home = (this.#hash[i] as number) & mask;
      if (((i - home) & mask) < ((i - gap) & mask)) continue;
      this.#hash[gap] = this.#hash[i] as number;
      this.#entries[gap] = this.#entries[i];
      gap = i;
    }
    this.#entries[gap] = undefined;
  }

  /** All connections, in no order that means anything. */
  list(): T[] {
    return this.#entries.filter((e) => e !== undefined);
  }

  #place(hash: number, entry: T): void {
    const mask = this.#entries.length - 1;
    let i = hash & mask;
    while (this.#entries[i] !== undefined) i = (i + 1) & mask;
    this.#hash[i] = hash;
    this.#entries[i] = entry;
  }

  #grow(): void {
    const hash = this.#hash;
    const entries = this.#entries;
    this.#hash = new Int32Array(hash.length * 2);
    this.#entries = new Array(hash.length * 2).fill(undefined);
    for (let i = 0; i < hash.length; i++) {
      const entry = entries[i];
      if (entry !== undefined) this.#place(hash[i] as number, entry);
    }
  }
}
