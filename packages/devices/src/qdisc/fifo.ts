import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { SkbQueue } from '../link/index.ts';
import { Qdisc, type TcOptions } from './qdisc.ts';
import type { TcScheduler } from './scheduler.ts';

/** What a fifo counts its limit in, and whom it drops when it is full. */
export type FifoKind = 'pfifo' | 'bfifo' | 'pfifo_head_drop';

/** First in, first out, up to a number of packets or bytes. Linux net/sched/sch_fifo.c */
export class Fifo extends Qdisc {
  readonly kind: FifoKind;
  limit: number;
  readonly #queue = new SkbQueue();

  constructor(scheduler: TcScheduler, handle: number, parent: number, kind: FifoKind) {
    super(scheduler, handle, parent);
    this.kind = kind;
    this.limit = this.dev.txQueueLen || 1;
    if (kind === 'bfifo') this.limit *= this.dev.mtu + 14;
  }

  protected get queued(): number {
    return this.#queue.length;
  }

  protected get queuedBytes(): number {
    return this.#queue.bytes;
  }

  enqueue(skb: SkBuff): boolean {
    const full =
      this.kind === 'bfifo' ? this.backlog + skb.len > this.limit : this.qlen >= this.limit;
    if (full && this.kind !== 'pfifo_head_drop') return this.dropPacket(skb);
    if (full) {
      if (this.limit === 0) return this.dropPacket(skb);
      const first = this.#queue.shift();
      if (first !== null) this.dropPacket(first);
    }
    this.#queue.push(skb);
    return true;
  }

  protected take(): SkBuff | null {
    const skb = this.#queue.shift();
    if (skb !== null) this.countOut(skb);
    return skb;
  }

  protected purge(): void {
    this.#queue.purge();
  }

  get options(): TcOptions {
    return { limit: this.limit };
  }

  change({ limit }: TcOptions): void {
    if (limit === undefined) return;
    if (!(Number(limit) >= 0)) throw new KernelError('EINVAL');
    this.limit = Number(limit);
  }
}
