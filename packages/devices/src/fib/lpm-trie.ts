/**
 * A path-compressed binary trie from IPv4 prefixes to small integers, in one Int32Array.
 *
 * A node is six words: its prefix, mask, length, two children and its value. Children are word offsets, 0 for
 * none (the root is at 0 and nobody's child); a value is -1 where no prefix ends. A node without a value has two
 * children: that is the compression.
 */
const PREFIX = 0;
const MASK = 1;
const PLEN = 2;
const LEFT = 3; // RIGHT is LEFT + 1, so that a bit of the address chooses
const VALUE = 5;
const WORDS = 6;

function maskOf(plen: number): number {
  return plen === 0 ? 0 : -1 << (32 - plen);
}

/** Bit `i` of an address, counted from the most significant. */
function bit(addr: number, i: number): number {
  return (addr >>> (31 - i)) & 1;
}

/** How many leading bits two prefixes share, at most `limit`. */
function sharedBits(a: number, b: number, limit: number): number {
  return Math.min(Math.clz32(a ^ b), limit);
}

/** Longest-prefix match over many prefixes. */
export class LpmTrie {
  #mem = new Int32Array(16 * WORDS);
  #end = 0;

  constructor() {
    this.#node(0, 0, -1);
  }

  #node(prefix: number, plen: number, value: number): number {
    const at = this.#end;
    if (at + WORDS > this.#mem.length) {
      const bigger = new Int32Array(this.#mem.length * 2);
      bigger.set(this.#mem);
      this.#mem = bigger;
    }
    const mem = this.#mem;
    mem[at + PREFIX] = prefix & maskOf(plen);
    mem[at + MASK] = maskOf(plen);
    mem[at + PLEN] = plen;
    mem[at + LEFT] = 0;
    mem[at + LEFT + 1] = 0;
    mem[at + VALUE] = value;
    this.#end += WORDS;
    return at;
  }

  /** Gives a prefix its value, -1 to take it away (its node stays until the trie is built anew). */
  set(prefix: number, plen: number, value: number): void {
    let at = 0;
    for (;;) {
      const mem = this.#mem;
      if ((mem[at + PLEN] as number) === plen) {
        mem[at + VALUE] = value;
        return;
      }
      const slot = at + LEFT + bit(prefix, mem[at + PLEN] as number);
      const child = mem[slot] as number;
      if (child === 0) {
        const leaf = this.#node(prefix, plen, value);
        this.#mem[slot] = leaf;
        return;
      }
      const childLen = mem[child + PLEN] as number;
      const shared = sharedBits(prefix, mem[child + PREFIX] as number, Math.min(plen, childLen));
      if (shared < childLen) {
        this.#split(slot, child, prefix, plen, shared, value);
        return;
      }
      at = child;
    }
  }

  /** Puts a node between a slot and its child, and the new prefix there or beside the child. */
  #split(
    slot: number,
    child: number,
    prefix: number,
    plen: number,
    shared: number,
    value: number,
  ): void {
    const fork = this.#node(prefix, shared, shared === plen ? value : -1);
    const childBit = bit(this.#mem[child + PREFIX] as number, shared);
    this.#mem[fork + LEFT + childBit] = child;
    this.#mem[slot] = fork;
    if (shared === plen) return;
    const leaf = this.#node(prefix, plen, value);
    this.#mem[fork + LEFT + 1 - childBit] = leaf;
  }

  /** Writes the values of all prefixes that hold `addr` into `out`, shortest first. @returns how many (at most 33) */
  matches(addr: number, out: Int32Array): number {
    const mem = this.#mem;
    let n = 0;
    let at = 0;
    for (;;) {
      if (((addr ^ (mem[at + PREFIX] as number)) & (mem[at + MASK] as number)) !== 0) return n;
      const value = mem[at + VALUE] as number;
      if (value >= 0) out[n++] = value;
      const plen = mem[at + PLEN] as number;
      if (plen === 32) return n;
      at = mem[at + LEFT + bit(addr, plen)] as number;
      if (at === 0) return n;
    }
  }
}
