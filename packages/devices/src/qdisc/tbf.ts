import { KernelError } from '@labwire/core/error';
import type { Nanos } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { Fifo } from './fifo.ts';
import { type ClassOps, Qdisc, type TcClass, type TcOptions } from './qdisc.ts';
import { fromTicks, Rate, type RateSpec, toTicks } from './rate.ts';
import type { TcScheduler } from './scheduler.ts';

/** A bucket of tokens: packets leave at a rate, and in bursts up to a size. Linux net/sched/sch_tbf.c */
export class Tbf extends Qdisc {
  readonly kind = 'tbf';
  override readonly classes: ClassOps = new TbfClass(this);
  /** Holds the packets. */
  child: Qdisc;
  #rate = new Rate({ rate: 1, overhead: 0, mpu: 0, cellLog: 0, linklayer: 1 });
  #peak: Rate | null = null;
  #limit = 0;
  /** What the buckets hold, in Nanos at their rates. */
  #buffer: Nanos = 0;
  #mtu: Nanos = 0;
  #tokens: Nanos = 0;
  #ptokens: Nanos = 0;
  /** When the tokens were counted. */
  #checked: Nanos;
  #maxSize = 0;

  constructor(scheduler: TcScheduler, handle: number, parent: number) {
    super(scheduler, handle, parent);
    this.child = this.plainChild();
    this.#checked = this.now;
  }

  /** What it holds packets in before a qdisc is put there: a fifo of its own limit. */
  plainChild(): Qdisc {
    const fifo = new Fifo(this.scheduler, 0, 0, 'bfifo');
    fifo.limit = this.#limit;
    return fifo;
  }

  protected get queued(): number {
    return this.child.qlen;
  }

  protected get queuedBytes(): number {
    return this.child.backlog;
  }

  /** `tbf_enqueue()` */
  enqueue(skb: SkBuff): boolean {
    if (skb.len > this.#maxSize) return this.dropPacket(skb);
    if (this.child.enqueue(skb)) return true;
    this.stats.drops++;
    return false;
  }

  /** `tbf_dequeue()` */
  protected take(): SkBuff | null {
    const next = this.child.peek();
    if (next === null) return null;
    const { now } = this;
    const { len } = next;
    const passed = Math.min(now - this.#checked, this.#buffer);
    let ptokens = 0;
    if (this.#peak !== null) {
      ptokens = Math.min(passed + this.#ptokens, this.#mtu) - this.#peak.time(len);
    }
    const tokens = Math.min(passed + this.#tokens, this.#buffer) - this.#rate.time(len);
    if (tokens >= 0 && ptokens >= 0) {
      const skb = this.child.dequeue() as SkBuff;
      this.#checked = now;
      this.#tokens = tokens;
      this.#ptokens = ptokens;
      this.countOut(skb);
      return skb;
    }
    this.watch(now + Math.max(-tokens, -ptokens));
    this.stats.overlimits++;
    return null;
  }

  protected purge(): void {
    this.child.reset();
    this.#checked = this.now;
    this.#tokens = this.#buffer;
    this.#ptokens = this.#mtu;
  }

  get options(): TcOptions {
    return {
      rate: this.#rate.shown,
      peakrate: this.#peak?.shown,
      limit: this.#limit,
      buffer: toTicks(this.#buffer),
      mtu: toTicks(this.#mtu),
    };
  }

  /** `tbf_change()`: `burst` and `pburst` are bytes. @throws {@link KernelError} EINVAL */
  change(o: TcOptions): void {
    if (o.rate === undefined) throw new KernelError('EINVAL');
    const rate = new Rate(o.rate as RateSpec);
    const peak = o.peakrate === undefined ? null : new Rate(o.peakrate as RateSpec);
    const burst = Number(o.burst);
    let maxSize = burst;
    if (peak !== null) {
      if (peak.spec.rate <= rate.spec.rate) {
        this.dev.netns?.kernel.log(
          `sch_tbf: peakrate ${peak.spec.rate} is lower than or equals to rate ${rate.spec.rate} !`,
        );
        throw new KernelError('EINVAL');
      }
      maxSize = Math.min(burst, Number(o.pburst));
    }
    if (maxSize === 0) throw new KernelError('EINVAL');
    this.#rate = rate;
    this.#peak = peak;
    this.#maxSize = maxSize;
    this.#buffer = rate.time(burst);
    this.#mtu = peak === null ? fromTicks(Number(o.mtu ?? 0)) : peak.time(Number(o.pburst));
    this.#limit = Number(o.limit);
    this.#tokens = this.#buffer;
    this.#ptokens = this.#mtu;
    if (this.child instanceof Fifo && this.child.handle === 0) this.child.limit = this.#limit;
  }
}

class TbfClass implements ClassOps {
  readonly #tbf: Tbf;

  constructor(tbf: Tbf) {
    this.#tbf = tbf;
  }

  list(): readonly TcClass[] {
    const { child, handle } = this.#tbf;
    const leaf = child.handle === 0 ? null : child;
    return [
      {
        classid: handle + 1,
        parent: handle,
        leaf,
        options: undefined,
        stats: undefined,
        qlen: 0,
        backlog: 0,
        xstats: undefined,
      },
    ];
  }

  find(): TcClass | undefined {
    return this.list()[0];
  }

  change(): string | undefined {
    throw new KernelError('EOPNOTSUPP');
  }

  remove(): void {
    throw new KernelError('EOPNOTSUPP');
  }

  graft(_classid: number, qdisc: Qdisc | null): Qdisc | null {
    const old = this.#tbf.child;
    this.#tbf.child = qdisc ?? this.#tbf.plainChild();
    return old.handle === 0 ? null : old;
  }

  filters(): undefined {
    return undefined;
  }
}
