import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { TC_ACT_OK, TC_ACT_UNSPEC } from './actions.ts';
import { Classifier, type FilterInfo, type FilterOptions, FilterResult } from './classifier.ts';

/** Picks packets by their mark; without any filter the mark itself is the class. Linux net/sched/cls_fw.c */
export class Fw extends Classifier {
  readonly kind = 'fw';
  #mask = 0xffff_ffff;
  #filters: readonly { readonly handle: number; readonly result: FilterResult }[] = [];

  classify(skb: SkBuff): number {
    const mark = skb.mark >>> 0;
    if (this.#filters.length === 0) {
      if (mark === 0) return TC_ACT_UNSPEC;
      this.block.classid = mark;
      return TC_ACT_OK;
    }
    const id = (mark & this.#mask) >>> 0;
    for (let i = 0; i < this.#filters.length; i++) {
      const filter = this.#filters[i] as { handle: number; result: FilterResult };
      if (filter.handle === id) return filter.result.take(skb, this.block);
    }
    return TC_ACT_UNSPEC;
  }

  /** `fw_change()` */
  change(handle: number, options: FilterOptions, excl: boolean): void {
    const old = this.#filters.find((f) => f.handle === handle);
    if (old !== undefined && excl) throw new KernelError('EEXIST', 'Filter already exists');
    const plain = Object.keys(options).length === 0;
    if (plain && handle === 0) return;
    if (handle === 0) throw new KernelError('EINVAL');
    if (options.mask !== undefined) {
      if (this.#filters.length > 0 && options.mask !== this.#mask) throw new KernelError('EINVAL');
      this.#mask = Number(options.mask);
    }
    const filter = { handle, result: new FilterResult(this.block, options) };
    if (old !== undefined) this.block.release(old.result);
    this.#filters = [filter, ...this.#filters.filter((f) => f !== old)];
  }

  remove(handle: number): boolean {
    const filter = this.#filters.find((f) => f.handle === handle);
    if (filter === undefined) return false;
    this.block.release(filter.result);
    this.#filters = this.#filters.filter((f) => f !== filter);
    return true;
  }

  get isEmpty(): boolean {
    return this.#filters.length === 0;
  }

  list(): readonly FilterInfo[] {
    const filters = this.#filters.map((f) => ({
      handle: f.handle,
      options: {
        ...f.result.info,
        ...(this.#mask === 0xffff_ffff ? {} : { mask: this.#mask }),
      },
    }));
    return [{ handle: 0, options: undefined }, ...filters];
  }

  results(): readonly FilterResult[] {
    return this.#filters.map((f) => f.result);
  }
}
