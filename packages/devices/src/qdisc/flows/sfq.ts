import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { flowHash } from '../../link/index.ts';
import { Qdisc, type TcOptions } from '../qdisc.ts';
import type { TcScheduler } from '../scheduler.ts';
import { Flow, FlowList } from './drr.ts';

const DEFAULT_DEPTH = 127;
const DEFAULT_FLOWS = 128;
const DEFAULT_DIVISOR = 1024;

/** Gives each flow its turn. Linux net/sched/sch_sfq.c */
export class Sfq extends Qdisc {
  readonly kind = 'sfq';
  #limit = DEFAULT_DEPTH;
  #quantum: number;
  #divisor = DEFAULT_DIVISOR;
  #depth = DEFAULT_DEPTH;
  #flows = DEFAULT_FLOWS;
  #perturbPeriod = 0;
  #headdrop = false;
  #perturbation: number;
  #perturbedAt: number;
  readonly #byHash = new Map<number, Flow>();
  readonly #active = new FlowList();
  #count = 0;
  #bytes = 0;

  constructor(scheduler: TcScheduler, handle: number, parent: number) {
    super(scheduler, handle, parent);
    this.#quantum = this.dev.mtu + 14;
    this.#perturbation = this.dev.netns?.kernel.random.u32() ?? 0;
    this.#perturbedAt = this.now;
  }

  protected get queued(): number {
    return this.#count;
  }

  protected get queuedBytes(): number {
    return this.#bytes;
  }

  /** `sfq_enqueue()`: when there is no room, the longest flow loses a packet. */
  enqueue(skb: SkBuff): boolean {
    const flow = this.#flowOf(skb);
    if (flow.queue.length >= this.#depth) {
      if (!this.#headdrop) return this.dropPacket(skb);
      this.#dropFrom(flow);
    }
    flow.queue.push(skb);
    this.#count++;
    this.#bytes += skb.len;
    if (!flow.active) {
      flow.active = true;
      flow.deficit = this.#quantum;
      this.#active.push(flow);
    }
    if (this.#count > this.#limit) this.#dropFrom(this.#longest());
    return true;
  }

  #flowOf(skb: SkBuff): Flow {
    const period = this.#perturbPeriod * 1_000_000_000;
    if (period > 0 && this.now - this.#perturbedAt >= period) {
      this.#perturbedAt = this.now;
      this.#perturbation = this.dev.netns?.kernel.random.u32() ?? 0;
    }
    const bucket = flowHash(skb, this.#perturbation) & (this.#divisor - 1);
    const flow = this.#byHash.get(bucket) ?? new Flow();
    this.#byHash.set(bucket, flow);
    return flow;
  }

  #longest(): Flow {
    let longest = this.#active.first as Flow;
    for (let f = this.#active.first; f !== null; f = f.next)
      if (f.queue.length > longest.queue.length) longest = f;
    return longest;
  }

  /** @deviation the kernel drops the flow's last packet where it is not told to drop the first */
  #dropFrom(flow: Flow): void {
    const skb = flow.queue.shift();
    if (skb === null) return;
    this.#count--;
    this.#bytes -= skb.len;
    this.dropPacket(skb);
  }

  /** `sfq_dequeue()` */
  protected take(): SkBuff | null {
    for (let flow = this.#active.first; flow !== null; flow = this.#active.first) {
      if (flow.deficit <= 0) {
        flow.deficit += this.#quantum;
        this.#active.shift();
        this.#active.push(flow);
        continue;
      }
      const skb = flow.queue.shift();
      if (flow.queue.length === 0) {
        this.#active.shift();
        flow.active = false;
      }
      if (skb === null) continue;
      flow.deficit -= skb.len;
      this.#count--;
      this.#bytes -= skb.len;
      this.countOut(skb);
      return skb;
    }
    return null;
  }

  protected purge(): void {
    for (const flow of this.#byHash.values()) flow.queue.purge();
    this.#active.clear();
    this.#byHash.clear();
    this.#count = 0;
    this.#bytes = 0;
  }

  get options(): TcOptions {
    return {
      quantum: this.#quantum,
      perturb_period: this.#perturbPeriod,
      limit: this.#limit,
      divisor: this.#divisor,
      flows: this.#flows,
      depth: this.#depth,
      headdrop: this.#headdrop,
    };
  }

  change(): void {
    throw new KernelError('EINVAL', 'Change operation not supported by specified qdisc');
  }

  /** `sfq_init()` @throws {@link KernelError} EINVAL */
  init(o: TcOptions): void {
    const divisor = Number(o.divisor ?? 0);
    if (divisor !== 0 && ((divisor & (divisor - 1)) !== 0 || divisor > 65_536))
      throw new KernelError('EINVAL');
    if (o.red === true) throw new KernelError('EOPNOTSUPP', 'Labwire has no RED in sfq');
    if (Number(o.quantum ?? 0) > 0) this.#quantum = Number(o.quantum);
    this.#perturbPeriod = Number(o.perturb_period ?? 0);
    if (Number(o.flows ?? 0) > 0) this.#flows = Number(o.flows);
    if (divisor !== 0) {
      this.#divisor = divisor;
      this.#flows = Math.min(this.#flows, divisor);
    }
    if (Number(o.depth ?? 0) > 0) this.#depth = Math.min(Number(o.depth), DEFAULT_DEPTH);
    this.#headdrop = Boolean(o.headdrop);
    const limit = Number(o.limit ?? 0);
    if (limit > 0) {
      this.#limit = Math.min(limit, this.#depth * this.#flows);
      this.#flows = Math.min(this.#flows, this.#limit);
    }
  }
}
