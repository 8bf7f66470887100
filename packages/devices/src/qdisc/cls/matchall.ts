import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { TC_ACT_UNSPEC } from './actions.ts';
import { Classifier, type FilterInfo, type FilterOptions, FilterResult } from './classifier.ts';
import { NOT_IN_HW } from './u32.ts';

/** Picks every packet. Linux net/sched/cls_matchall.c */
export class Matchall extends Classifier {
  readonly kind = 'matchall';
  #handle = 0;
  #result: FilterResult | null = null;
  #picked = 0;

  classify(skb: SkBuff): number {
    if (this.#result === null) return TC_ACT_UNSPEC;
    this.#picked++;
    return this.#result.take(skb, this.block);
  }

  change(handle: number, options: FilterOptions): void {
    if (this.#result !== null) throw new KernelError('EEXIST');
    this.#result = new FilterResult(this.block, options);
    this.#handle = handle || 1;
  }

  remove(handle: number): boolean {
    if (this.#result === null || handle !== this.#handle) return false;
    this.block.release(this.#result);
    this.#result = null;
    return true;
  }

  get isEmpty(): boolean {
    return this.#result === null;
  }

  list(): readonly FilterInfo[] {
    const filters =
      this.#result === null
        ? []
        : [
            {
              handle: this.#handle,
              options: {
                ...this.#result.info,
                flags: NOT_IN_HW,
                pcnt: { rhit: this.#picked },
              },
            },
          ];
    return [{ handle: 0, options: undefined }, ...filters];
  }

  results(): readonly FilterResult[] {
    return this.#result === null ? [] : [this.#result];
  }
}
