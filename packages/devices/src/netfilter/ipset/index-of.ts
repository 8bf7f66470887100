/**
 * Finding the element that a packet belongs to: a hash table of bytes, asked once for each length of prefix that there is.
 * Linux net/netfilter/ipset/ip_set_hash_gen.h, mtype_kadt()
 */
import type { IpSet, IpSetEntry, IpSetPart } from './data.ts';
import type { IpSetDim } from './types.ts';

const WIDTH: Readonly<Record<IpSetDim, number>> = {
  ip: 17,
  net: 17,
  port: 3,
  iface: 16,
  mac: 6,
  set: 0,
};
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

interface Slot {
  readonly key: Uint8Array;
  readonly entry: IpSetEntry;
}

function hash(key: Uint8Array): number {
  let h = FNV_OFFSET;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ (key[i] as number), FNV_PRIME);
  return h >>> 0;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Where each part of a key is. */
export function offsets(dims: readonly IpSetDim[]): number[] {
  const out: number[] = [];
  let at = 0;
  for (const d of dims) {
    out.push(at);
    at += WIDTH[d];
  }
  return out;
}

function putNumber(to: Uint8Array, at: number, size: number, value: bigint): void {
  let v = value;
  for (let i = size - 1; i >= 0; i--) {
    to[at + i] = Number(v & 0xffn);
    v >>= 8n;
  }
}

/** Writes a device's name. */
export function putName(to: Uint8Array, at: number, name: string): void {
  for (let i = 0; i < 16; i++) to[at + i] = i < name.length ? name.charCodeAt(i) : 0;
}

function putPart(to: Uint8Array, at: number, dim: IpSetDim, p: IpSetPart): void {
  if (dim === 'iface') putName(to, at, p.name);
  else if (dim === 'mac') putNumber(to, at, 6, p.value);
  else if (dim === 'port') {
    to[at] = p.extra;
    putNumber(to, at + 1, 2, p.value);
  } else {
    putNumber(to, at, 16, p.value);
    to[at + 16] = dim === 'net' ? p.extra : 0;
  }
}

/** Clears the bits of an address behind a prefix. */
function maskAddr(
  to: Uint8Array,
  at: number,
  from: Uint8Array,
  prefix: number,
  bits: number,
): void {
  const first = 16 - bits / 8;
  for (let i = 0; i < 16; i++) {
    const left = prefix - (i - first) * 8;
    const mask = i < first ? 0 : left >= 8 ? 0xff : left <= 0 ? 0 : (0xff00 >> left) & 0xff;
    to[at + i] = (from[at + i] as number) & mask;
  }
  to[at + 16] = prefix;
}

/** The elements of one set. */
export class IpSetIndex {
  readonly set: IpSet;
  readonly at: readonly number[];
  /** A packet's key is written here: addresses whole. */
  readonly key: Uint8Array;
  readonly #masked: Uint8Array;
  readonly #nets: readonly number[];
  #buckets: Slot[][] = [];
  #version = -1;
  /** Lengths of prefixes that there are, the longest first, for each part that is a network. */
  #prefixes: number[][] = [];

  constructor(set: IpSet) {
    this.set = set;
    const { dims } = set.type;
    this.at = offsets(dims);
    const size = dims.reduce((sum, d) => sum + WIDTH[d], 0);
    this.key = new Uint8Array(size);
    this.#masked = new Uint8Array(size);
    this.#nets = dims.flatMap((d, i) => (d === 'net' ? [i] : []));
  }

  #build(): void {
    this.#version = this.set.version;
    const { dims } = this.set.type;
    let count = 8;
    while (count < this.set.entries.size) count *= 2;
    this.#buckets = Array.from({ length: count }, () => []);
    const prefixes = this.#nets.map(() => new Set<number>());
    for (const entry of this.set.entries.values()) {
      const key = new Uint8Array(this.key.length);
      for (const [i, d] of dims.entries())
        putPart(key, this.at[i] as number, d, entry.parts[i] as IpSetPart);
      for (const [k, n] of this.#nets.entries()) prefixes[k]?.add(entry.parts[n]?.extra ?? 0);
      this.#buckets[hash(key) & (count - 1)]?.push({ key, entry });
    }
    this.#prefixes = prefixes.map((p) => [...p].sort((a, b) => b - a));
  }

  /** The element that {@link key} belongs to; null if none. */
  find(now: number): IpSetEntry | null {
    if (this.#version !== this.set.version) this.#build();
    if (this.#nets.length === 0) return this.#get(this.key, now);
    this.#masked.set(this.key);
    return this.#findNet(0, now);
  }

  #findNet(k: number, now: number): IpSetEntry | null {
    const n = this.#nets[k];
    if (n === undefined) return this.#get(this.#masked, now);
    const bits = this.set.options.family === 'inet' ? 32 : 128;
    const list = this.#prefixes[k] as number[];
    for (let i = 0; i < list.length; i++) {
      maskAddr(this.#masked, this.at[n] as number, this.key, list[i] as number, bits);
      // the part is masked anew from the whole key each time
      const found = this.#findNet(k + 1, now);
      if (found !== null) return found;
    }
    return null;
  }

  #get(key: Uint8Array, now: number): IpSetEntry | null {
    const bucket = this.#buckets[hash(key) & (this.#buckets.length - 1)];
    if (bucket === undefined) return null;
    for (let i = 0; i < bucket.length; i++) {
      const slot = bucket[i] as Slot;
      if (!same(slot.key, key)) continue;
      const { expires } = slot.entry;
      return expires !== undefined && expires <= now ? null : slot.entry;
    }
    return null;
  }
}
