/** Smallest ring that is allocated, in bytes. */
const MIN_CAPACITY = 4096;

/**
 * A queue of bytes in one power-of-two array that grows by doubling. Offsets count from the first byte that
 * has not been {@link drop}ped; bytes may be written ahead of each other (a receive queue with holes).
 */
export class ByteRing {
  #bytes: Uint8Array | null = null;
  #head = 0;
  #extent = 0;

  /** Bytes that it can hold without growing. */
  get capacity(): number {
    return this.#bytes?.length ?? 0;
  }

  /** Copies `n` bytes of `src` from `from` to offset `at`. */
  write(at: number, src: Uint8Array, from: number, n: number): void {
    if (n === 0) return;
    const end = at + n;
    if (end > this.capacity) this.#grow(end);
    if (end > this.#extent) this.#extent = end;
    const ring = this.#bytes as Uint8Array;
    const start = (this.#head + at) & (ring.length - 1);
    const first = Math.min(n, ring.length - start);
    if (from === 0 && n === src.length && first === n) ring.set(src, start);
    else {
      ring.set(src.subarray(from, from + first), start);
      if (first < n) ring.set(src.subarray(from + first, from + n), 0);
    }
  }

  /** Copies `n` bytes from offset `at` to `dst` at `to`. */
  read(at: number, dst: Uint8Array, to: number, n: number): void {
    if (n === 0) return;
    const ring = this.#bytes as Uint8Array;
    const start = (this.#head + at) & (ring.length - 1);
    const first = Math.min(n, ring.length - start);
    dst.set(ring.subarray(start, start + first), to);
    if (first < n) dst.set(ring.subarray(0, n - first), to + first);
  }

  /** Forgets the first `n` bytes. */
  drop(n: number): void {
    if (n >= this.#extent) {
      this.#extent = 0;
      this.#head = 0; // what comes next fits in a row, and into memory that is in the cache
      return;
    }
    this.#extent -= n;
    this.#head = (this.#head + n) & (this.capacity - 1);
  }

  /** Forgets everything and gives the memory back. */
  release(): void {
    this.#bytes = null;
    this.#head = 0;
    this.#extent = 0;
  }

  #grow(need: number): void {
    let n = Math.max(MIN_CAPACITY, this.capacity);
    while (n < need) n *= 2;
    const bytes = new Uint8Array(n);
    if (this.#extent > 0) this.read(0, bytes, 0, this.#extent);
    this.#bytes = bytes;
    this.#head = 0;
  }
}
