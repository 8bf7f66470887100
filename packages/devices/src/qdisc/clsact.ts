import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { FilterBlock, TC_ACT_SHOT, TC_ACT_STOLEN, TC_ACT_UNSPEC } from './cls/index.ts';
import {
  type ClassOps,
  Qdisc,
  TC_H_CLSACT_HANDLE,
  TC_H_INGRESS,
  TC_H_MIN_EGRESS,
  TC_H_MIN_INGRESS,
  type TcClass,
  type TcOptions,
} from './qdisc.ts';
import type { TcScheduler } from './scheduler.ts';

/** Filters at a device's two ends, without a queue; `ingress` has those of the receiving end alone. Linux net/sched/sch_ingress.c */
export class Clsact extends Qdisc {
  readonly kind: 'ingress' | 'clsact';
  readonly ingress: FilterBlock;
  readonly egress: FilterBlock;
  override readonly classes: ClassOps;

  constructor(scheduler: TcScheduler, kind: 'ingress' | 'clsact') {
    super(scheduler, TC_H_CLSACT_HANDLE, TC_H_INGRESS);
    this.kind = kind;
    this.ingress = new FilterBlock(scheduler);
    this.egress = new FilterBlock(scheduler);
    this.classes = new Ends(this);
  }

  protected get queued(): number {
    return 0;
  }

  protected get queuedBytes(): number {
    return 0;
  }

  /** Asks the filters about a received frame. @returns false if it is gone. `sch_handle_ingress()` */
  receives(skb: SkBuff): boolean {
    return this.#passes(skb, this.ingress, 'tc_ingress');
  }

  /** Asks the filters about a frame that is to be sent. @returns false if it is gone. `sch_handle_egress()` */
  sends(skb: SkBuff): boolean {
    return this.#passes(skb, this.egress, 'tc_egress');
  }

  #passes(skb: SkBuff, filters: FilterBlock, reason: 'tc_ingress' | 'tc_egress'): boolean {
    if (filters.isEmpty) return true;
    this.countOut(skb);
    const result = filters.classify(skb);
    if (result === TC_ACT_UNSPEC) return true;
    if (result === TC_ACT_SHOT) return this.dropPacket(skb, reason);
    return result !== TC_ACT_STOLEN;
  }

  enqueue(skb: SkBuff): boolean {
    return this.dropPacket(skb);
  }

  protected take(): null {
    return null;
  }

  protected purge(): void {}

  get options(): TcOptions {
    return {};
  }

  change(): void {
    throw new KernelError('EINVAL', 'Change operation not supported by specified qdisc');
  }
}

class Ends implements ClassOps {
  readonly #clsact: Clsact;

  constructor(clsact: Clsact) {
    this.#clsact = clsact;
  }

  list(): readonly TcClass[] {
    return [];
  }

  find(): undefined {
    return undefined;
  }

  change(): string | undefined {
    throw new KernelError('EOPNOTSUPP');
  }

  remove(): void {
    throw new KernelError('EOPNOTSUPP');
  }

  graft(): Qdisc | null {
    throw new KernelError('EOPNOTSUPP');
  }

  filters(classid: number): FilterBlock | undefined {
    const { kind, ingress, egress } = this.#clsact;
    if (kind === 'ingress' || classid === TC_H_CLSACT_HANDLE || classid === TC_H_MIN_INGRESS)
      return ingress;
    return classid === TC_H_MIN_EGRESS ? egress : undefined;
  }
}
