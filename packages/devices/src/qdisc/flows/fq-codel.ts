import { KernelError } from '@labwire/core/error';
import type { Nanos } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { flowHash } from '../../link/index.ts';
import { Qdisc, type TcOptions } from '../qdisc.ts';
import type { TcScheduler } from '../scheduler.ts';
import { Flow, FlowList } from './drr.ts';

const US: Nanos = 1000;

/** A flow with what CoDel knows of it. RFC 8289 section 4, `struct codel_vars` */
class CodelFlow extends Flow {
  dropping = false;
  count = 0;
  lastCount = 0;
  /** When the delay has been above the target for an interval; 0 while it is not. */
  firstAbove: Nanos = 0;
  dropNext: Nanos = 0;
}

/** Gives each flow its turn, and drops where packets wait too long. RFC 8290; Linux net/sched/sch_fq_codel.c */
export class FqCodel extends Qdisc {
  readonly kind = 'fq_codel';
  #limit = 10_240;
  #flowsCount = 1024;
  #quantum: number;
  #target: Nanos = 5000 * US;
  #interval: Nanos = 100_000 * US;
  #memoryLimit = 32 << 20;
  #dropBatch = 64;
  #ecn = true;
  readonly #perturbation: number;
  readonly #flows = new Map<number, CodelFlow>();
  readonly #new = new FlowList();
  readonly #old = new FlowList();
  #count = 0;
  #bytes = 0;
  #maxPacket = 0;
  /** Its flows are counted, for good. */
  #made = false;
  #overlimit = 0;
  #newFlows = 0;

  constructor(scheduler: TcScheduler, handle: number, parent: number) {
    super(scheduler, handle, parent);
    this.#quantum = this.dev.mtu + 14;
    this.#perturbation = this.dev.netns?.kernel.random.u32() ?? 0;
  }

  protected get queued(): number {
    return this.#count;
  }

  protected get queuedBytes(): number {
    return this.#bytes;
  }

  /** `fq_codel_enqueue()` */
  enqueue(skb: SkBuff): boolean {
    const bucket = flowHash(skb, this.#perturbation) % this.#flowsCount;
    const flow = this.#flows.get(bucket) ?? new CodelFlow();
    this.#flows.set(bucket, flow);
    skb.tstamp = this.now;
    flow.queue.push(skb);
    this.#count++;
    this.#bytes += skb.len;
    if (!flow.active) {
      flow.active = true;
      flow.deficit = this.#quantum;
      this.#new.push(flow);
      this.#newFlows++;
    }
    if (this.#count <= this.#limit) return true;
    this.#dropFattest();
    return true;
  }

  /** Makes room in the flow that has most to send. `fq_codel_drop()` */
  #dropFattest(): void {
    let fattest: CodelFlow | null = null;
    for (const flow of this.#flows.values())
      if (fattest === null || flow.queue.bytes > fattest.queue.bytes) fattest = flow;
    const half = (fattest as CodelFlow).queue.bytes / 2;
    for (let n = 0, bytes = 0; n < this.#dropBatch && bytes < half; n++) {
      const skb = this.#pull(fattest as CodelFlow);
      if (skb === null) break;
      bytes += skb.len;
      this.#overlimit++;
      this.dropPacket(skb);
    }
  }

  #pull(flow: CodelFlow): SkBuff | null {
    const skb = flow.queue.shift();
    if (skb === null) return null;
    this.#count--;
    this.#bytes -= skb.len;
    return skb;
  }

  /** `fq_codel_dequeue()` */
  protected take(): SkBuff | null {
    for (;;) {
      const list = this.#new.first === null ? this.#old : this.#new;
      const flow = list.first as CodelFlow | null;
      if (flow === null) return null;
      if (flow.deficit <= 0) {
        flow.deficit += this.#quantum;
        list.shift();
        this.#old.push(flow);
        continue;
      }
      const skb = this.#codel(flow);
      if (skb === null) {
        list.shift();
        // a new flow that ran dry goes once through the old ones, so that it can't starve them
        if (list === this.#new && this.#old.first !== null) this.#old.push(flow);
        else flow.active = false;
        continue;
      }
      flow.deficit -= skb.len;
      skb.tstamp = 0;
      this.#maxPacket = Math.max(this.#maxPacket, skb.len);
      this.countOut(skb);
      return skb;
    }
  }

  /** Whether a packet has waited too long, for too long. `codel_should_drop()` */
  #waitedTooLong(flow: CodelFlow, skb: SkBuff | null): boolean {
    if (skb === null) {
      flow.firstAbove = 0;
      return false;
    }
    if (this.now - skb.tstamp < this.#target || this.#bytes <= this.dev.mtu) {
      flow.firstAbove = 0;
      return false;
    }
    if (flow.firstAbove === 0) {
      flow.firstAbove = this.now + this.#interval;
      return false;
    }
    return this.now > flow.firstAbove;
  }

  /** The next packet of a flow, those that CoDel drops left out. `codel_dequeue()` */
  #codel(flow: CodelFlow): SkBuff | null {
    let skb = this.#pull(flow);
    let late = this.#waitedTooLong(flow, skb);
    if (flow.dropping) {
      if (!late) flow.dropping = false;
      while (flow.dropping && this.now >= flow.dropNext && skb !== null) {
        flow.count++;
        this.dropPacket(skb);
        skb = this.#pull(flow);
        late = this.#waitedTooLong(flow, skb);
        if (!late) flow.dropping = false;
        else flow.dropNext = this.#control(flow.dropNext, flow.count);
      }
    } else if (late && skb !== null) {
      this.dropPacket(skb);
      skb = this.#pull(flow);
      this.#waitedTooLong(flow, skb);
      flow.dropping = true;
      const delta = flow.count - flow.lastCount;
      flow.count = delta > 1 && this.now - flow.dropNext < 16 * this.#interval ? delta : 1;
      flow.lastCount = flow.count;
      flow.dropNext = this.#control(this.now, flow.count);
    }
    return skb;
  }

  /** RFC 8289 section 4.3: the drops come closer by the root of their number. */
  #control(time: Nanos, count: number): Nanos {
    return time + Math.floor(this.#interval / Math.sqrt(count));
  }

  protected purge(): void {
    for (const flow of this.#flows.values()) flow.queue.purge();
    this.#new.clear();
    this.#old.clear();
    this.#flows.clear();
    this.#count = 0;
    this.#bytes = 0;
  }

  get options(): TcOptions {
    return {
      limit: this.#limit,
      flows: this.#flowsCount,
      quantum: this.#quantum,
      target: this.#target / US,
      interval: this.#interval / US,
      memory_limit: this.#memoryLimit,
      ecn: Number(this.#ecn),
      drop_batch_size: this.#dropBatch,
    };
  }

  override get xstats(): TcOptions {
    return {
      maxpacket: this.#maxPacket,
      drop_overlimit: this.#overlimit,
      new_flow_count: this.#newFlows,
      ecn_mark: 0,
      new_flows_len: this.#new.length,
      old_flows_len: this.#old.length,
    };
  }

  /** `fq_codel_change()`; times in microseconds. @throws {@link KernelError} EINVAL */
  change(o: TcOptions): void {
    if (o.flows !== undefined) {
      if (this.#made || Number(o.flows) > 65_536) throw new KernelError('EINVAL');
      this.#flowsCount = Number(o.flows);
    }
    this.#made = true;
    if (o.ce_threshold !== undefined)
      throw new KernelError('EOPNOTSUPP', 'Labwire marks no packets in fq_codel');
    if (o.limit !== undefined) this.#limit = Number(o.limit);
    if (o.quantum !== undefined) this.#quantum = Math.max(256, Number(o.quantum));
    if (o.target !== undefined) this.#target = Number(o.target) * US;
    if (o.interval !== undefined) this.#interval = Number(o.interval) * US;
    if (o.memory_limit !== undefined) this.#memoryLimit = Math.min(2 ** 31, Number(o.memory_limit));
    if (o.ecn !== undefined) this.#ecn = Number(o.ecn) !== 0;
    if (o.drop_batch_size !== undefined) this.#dropBatch = Math.max(1, Number(o.drop_batch_size));
    while (this.#count > this.#limit) this.#dropFattest();
  }
}
