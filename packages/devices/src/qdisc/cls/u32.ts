import { get32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { TC_ACT_UNSPEC } from './actions.ts';
import { Classifier, type FilterInfo, type FilterOptions, FilterResult } from './classifier.ts';

/** A word of the packet, compared under a mask; `off` counts from the network header. Linux `struct tc_u32_key` */
export interface U32Key {
  readonly val: number;
  readonly mask: number;
  readonly off: number;
  readonly offmask: number;
}

/** A filter that picks packets for good. TC_U32_TERMINAL */
const TERMINAL = 1;
const FIRST_TABLE = 0x800;
const FIRST_NODE = 0x800;

/** The numbers of the hash tables of one block: each priority has one. Linux `struct tc_u_common` */
export class U32Tables {
  #next = FIRST_TABLE;
  #users = 0;

  alloc(): number {
    this.#users++;
    return this.#next++ << 20;
  }

  /** The numbers begin anew when the last table is gone. */
  release(): void {
    if (--this.#users === 0) this.#next = FIRST_TABLE;
  }
}

class Node {
  readonly handle: number;
  readonly keys: readonly U32Key[];
  readonly flags: number;
  readonly mark: { readonly val: number; readonly mask: number } | undefined;
  readonly result: FilterResult;

  constructor(handle: number, options: FilterOptions, result: FilterResult) {
    const sel = (options.sel ?? { keys: [], flags: 0 }) as {
      keys: readonly U32Key[];
      flags: number;
    };
    this.handle = handle;
    this.keys = sel.keys;
    this.flags = sel.flags;
    this.mark = options.mark as { val: number; mask: number } | undefined;
    this.result = result;
  }

  matches(skb: SkBuff, nh: number): boolean {
    if (this.mark !== undefined && (skb.mark & this.mark.mask) >>> 0 !== this.mark.val)
      return false;
    for (let i = 0; i < this.keys.length; i++) {
      const key = this.keys[i] as U32Key;
      const at = nh + key.off;
      if (at < 0 || at + 4 > skb.tail) return false;
      if (((get32(skb.buf, at) ^ key.val) & key.mask) !== 0) return false;
    }
    return true;
  }
}

/** Compares words of the packet. Linux net/sched/cls_u32.c, with one hash table of one bucket for each priority */
export class U32 extends Classifier {
  readonly kind = 'u32';
  readonly #table: number = this.block.u32.alloc();
  #nodes: readonly Node[] = [];

  classify(skb: SkBuff, nh: number): number {
    for (let i = 0; i < this.#nodes.length; i++) {
      const node = this.#nodes[i] as Node;
      if (!node.matches(skb, nh) || (node.flags & TERMINAL) === 0) continue;
      const result = node.result.take(skb, this.block);
      if (result >= 0) return result;
    }
    return TC_ACT_UNSPEC;
  }

  change(handle: number, options: FilterOptions, excl: boolean): void {
    const full = handle === 0 ? this.#freeHandle() : this.#complete(handle);
    const old = this.#nodes.find((n) => n.handle === full);
    if (old !== undefined && excl) throw new KernelError('EEXIST', 'Filter already exists');
    if (options.sel === undefined)
      throw new KernelError('EINVAL', 'cls_u32: Selector not specified');
    const node = new Node(full, options, new FilterResult(this.block, options));
    if (old !== undefined) this.block.release(old.result);
    this.#nodes = [...this.#nodes.filter((n) => n !== old), node].sort(
      (a, b) => (a.handle & 0xfff) - (b.handle & 0xfff),
    );
  }

  /** A handle may name the node alone. */
  #complete(handle: number): number {
    return (handle & 0xfff0_0000) === 0 ? (this.#table | handle) >>> 0 : handle;
  }

  #freeHandle(): number {
    let node = FIRST_NODE;
    while (this.#nodes.some((n) => (n.handle & 0xfff) === node)) node++;
    return (this.#table | node) >>> 0;
  }

  remove(handle: number): boolean {
    const full = this.#complete(handle);
    const node = this.#nodes.find((n) => n.handle === full);
    if (node === undefined) return false;
    this.block.release(node.result);
    this.#nodes = this.#nodes.filter((n) => n !== node);
    if (this.isEmpty) this.block.u32.release();
    return true;
  }

  get isEmpty(): boolean {
    return this.#nodes.length === 0;
  }

  list(): readonly FilterInfo[] {
    const nodes = this.#nodes.map((n) => ({
      handle: n.handle,
      options: {
        hash: this.#table >>> 0,
        sel: { keys: n.keys, flags: n.flags },
        ...n.result.info,
        ...(n.mark === undefined ? {} : { mark: n.mark }),
        flags: NOT_IN_HW,
      },
    }));
    return [
      { handle: 0, options: undefined },
      { handle: this.#table >>> 0, options: { divisor: 1 } },
      ...nodes,
    ];
  }

  results(): readonly FilterResult[] {
    return this.#nodes.map((n) => n.result);
  }

  override destroy(): void {
    super.destroy();
    this.block.u32.release();
  }
}

/** TCA_CLS_FLAGS_NOT_IN_HW */
export const NOT_IN_HW = 8;
