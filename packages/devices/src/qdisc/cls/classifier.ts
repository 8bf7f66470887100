import type { SkBuff } from '@labwire/core/skb';
import { type ActionRequest, execActions, TC_ACT_OK, type TcAction } from './actions.ts';
import type { FilterBlock } from './block.ts';

/** Parameters of a filter, by the names of the kernel's attributes. */
export interface FilterOptions {
  readonly classid?: number;
  readonly actions?: readonly ActionRequest[];
  /** A `police` that was asked for without the word `action`, and is shown so. */
  readonly police?: ActionRequest;
  readonly [name: string]: unknown;
}

/** One filter as `tc filter` shows it. */
export interface FilterInfo {
  /** 0 for the priority itself. */
  readonly handle: number;
  /** Absent for the priority itself. */
  readonly options: Readonly<Record<string, unknown>> | undefined;
}

/** What every filter has: a class to send packets to, and what to do with them. Linux `struct tcf_exts`, `struct tcf_result` */
export class FilterResult {
  classid: number;
  readonly hasClass: boolean;
  readonly actions: readonly TcAction[];
  readonly #isPolice: boolean;

  constructor(block: FilterBlock, options: FilterOptions) {
    this.hasClass = options.classid !== undefined;
    this.classid = options.classid ?? 0;
    const { police, actions = [] } = options;
    this.#isPolice = police !== undefined;
    this.actions = (police === undefined ? actions : [police]).map((a) => block.createAction(a));
  }

  /** A packet was picked. @returns TC_ACT_* */
  take(skb: SkBuff, block: FilterBlock): number {
    block.classid = this.classid;
    if (this.actions.length === 0) return TC_ACT_OK;
    return execActions(this.actions, skb, block.isIngress);
  }

  get info(): Readonly<Record<string, unknown>> {
    const actions = this.actions.map((a) => a.info);
    return {
      ...(this.hasClass ? { classid: this.classid } : {}),
      ...(this.#isPolice ? { police: actions[0] } : actions.length > 0 ? { actions } : {}),
    };
  }
}

/** All filters of one priority: one kind, one protocol. Linux `struct tcf_proto` */
export abstract class Classifier {
  abstract readonly kind: string;
  readonly block: FilterBlock;
  readonly prio: number;
  /** EtherType; 3 for all. */
  readonly protocol: number;

  constructor(block: FilterBlock, prio: number, protocol: number) {
    this.block = block;
    this.prio = prio;
    this.protocol = protocol;
  }

  /** @param nh where the packet's network header is. @returns TC_ACT_*, TC_ACT_UNSPEC if no filter picks it */
  abstract classify(skb: SkBuff, nh: number): number;
  /** Makes or changes a filter. @throws {@link KernelError} EINVAL, EEXIST */
  abstract change(handle: number, options: FilterOptions, excl: boolean): void;
  /** @returns whether there was such a filter */
  abstract remove(handle: number): boolean;
  abstract get isEmpty(): boolean;
  abstract list(): readonly FilterInfo[];
  /** What its filters do: for counting who uses a class. */
  abstract results(): readonly FilterResult[];
  /** The priority goes, with all in it. */
  destroy(): void {
    for (const r of this.results()) this.block.release(r);
  }
}
