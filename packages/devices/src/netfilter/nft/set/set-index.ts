/**
 * Finding an element by a packet's key: a hash table of bytes, sorted intervals, or, where a concatenation has ranges, a
 * walk. Made anew when elements have come or gone. Linux net/netfilter/nft_set_hash.c, nft_set_rbtree.c, nft_set_pipapo.c.
 */
import type { NftElement, NftSet } from '../data/index.ts';
import { bytesOf } from '../expr/loader.ts';

/** An element with the bytes of its key. */
interface Entry {
  readonly lo: Uint8Array;
  readonly hi: Uint8Array;
  readonly element: NftElement;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

function hash(key: Uint8Array, size: number): number {
  let h = FNV_OFFSET;
  for (let i = 0; i < size; i++) h = Math.imul(h ^ (key[i] as number), FNV_PRIME);
  return h >>> 0;
}

function compare(a: Uint8Array, b: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) {
    const d = (a[i] as number) - (b[i] as number);
    if (d !== 0) return d;
  }
  return 0;
}

function keyBytes(set: NftSet, e: NftElement, side: 'lo' | 'hi', size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  e.key.forEach((k, i) => {
    const part = bytesOf(k[side], set.key[i]?.bits ?? 0);
    out.set(part, at);
    at += part.length;
  });
  return out;
}

/** The elements of one set, to be found by key. */
export class SetIndex {
  readonly set: NftSet;
  /** Bytes of a key. */
  readonly size: number;
  /** A packet's key is written here. */
  readonly key: Uint8Array;
  readonly #ends: readonly number[];
  #version = -1;
  #buckets: Entry[][] = [];
  #list: Entry[] = [];
  #rest: NftElement | null = null;

  constructor(set: NftSet) {
    this.set = set;
    const ends: number[] = [];
    let size = 0;
    for (const p of set.key) {
      size += Math.ceil(p.bits / 8);
      ends.push(size);
    }
    this.#ends = ends;
    this.size = size;
    this.key = new Uint8Array(size);
  }

  #build(): void {
    this.#version = this.set.version;
    this.#rest = null;
    const entries: Entry[] = [];
    for (const element of this.set.elements.values()) {
      if (element.key.length === 0) this.#rest = element;
      else
        entries.push({
          lo: keyBytes(this.set, element, 'lo', this.size),
          hi: keyBytes(this.set, element, 'hi', this.size),
          element,
        });
    }
    if (this.set.interval) {
      this.#list = entries.sort((a, b) => compare(a.lo, b.lo, 0, this.size));
      return;
    }
    let count = 8;
    while (count < entries.length) count *= 2;
    this.#buckets = Array.from({ length: count }, () => []);
    for (const e of entries) this.#buckets[hash(e.lo, this.size) & (count - 1)]?.push(e);
  }

  /** The element that has {@link key}; null if none has. @param now elements that have timed out by then are not there */
  find(now: number): NftElement | null {
    if (this.#version !== this.set.version) this.#build();
    const found = this.#lookUp() ?? this.#rest;
    return found === null || (found.expires !== undefined && found.expires <= now) ? null : found;
  }

  #lookUp(): NftElement | null {
    if (!this.set.interval) return this.#exact();
    return this.#ends.length === 1 ? this.#interval() : this.#walk();
  }

  #exact(): NftElement | null {
    const bucket = this.#buckets[hash(this.key, this.size) & (this.#buckets.length - 1)];
    if (bucket === undefined) return null;
    for (let i = 0; i < bucket.length; i++) {
      const e = bucket[i] as Entry;
      if (compare(e.lo, this.key, 0, this.size) === 0) return e.element;
    }
    return null;
  }

  /** The last interval that begins at or before the key. */
  #interval(): NftElement | null {
    let [lo, hi] = [0, this.#list.length - 1];
    while (lo <= hi) {
      const mid = (lo + hi) >>> 1;
      const e = this.#list[mid] as Entry;
      if (compare(e.lo, this.key, 0, this.size) > 0) hi = mid - 1;
      else if (compare(e.hi, this.key, 0, this.size) < 0) lo = mid + 1;
      else return e.element;
    }
    return null;
  }

  #walk(): NftElement | null {
    for (let i = 0; i < this.#list.length; i++) {
      const e = this.#list[i] as Entry;
      if (this.#holds(e)) return e.element;
    }
    return null;
  }

  #holds(e: Entry): boolean {
    let from = 0;
    for (let i = 0; i < this.#ends.length; i++) {
      const to = this.#ends[i] as number;
      if (compare(e.lo, this.key, from, to) > 0 || compare(e.hi, this.key, from, to) < 0)
        return false;
      from = to;
    }
    return true;
  }
}

/** The indexes of all sets that rules have asked. */
export class SetIndexes {
  readonly #of = new WeakMap<NftSet, SetIndex>();

  /** The index of a set; made when first asked for. */
  of(set: NftSet): SetIndex {
    let index = this.#of.get(set);
    if (index === undefined) {
      index = new SetIndex(set);
      this.#of.set(set, index);
    }
    return index;
  }
}
