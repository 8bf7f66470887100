import { KernelError } from '@labwire/core/error';
import type { Nanos, RandomStream } from '@labwire/core/sim';
import { cloneSkb, type SkBuff } from '@labwire/core/skb';
import type { Netns } from '../../netns/netns.ts';
import { type ClassOps, Qdisc, type TcClass, type TcOptions } from '../qdisc.ts';
import { fromTicks, toTicks } from '../rate.ts';
import type { TcScheduler } from '../scheduler.ts';
import { DIST_SCALE, type DistributionName, distribution } from './distribution.ts';
import { FourStates, GilbertElliott, type LossModel } from './loss.ts';
import { CorrelatedRandom } from './random.ts';

const NSEC_PER_SEC = 1_000_000_000;

/** Delays, loses, doubles, damages and reorders packets. Linux net/sched/sch_netem.c */
export class Netem extends Qdisc {
  readonly kind = 'netem';
  override readonly classes: ClassOps = new NetemClass(this);
  /** A qdisc that packets go through once their delay is over; null for none. */
  child: Qdisc | null = null;
  #o: TcOptions = {};
  #limit = 1000;
  #latency: Nanos = 0;
  #jitter: Nanos = 0;
  #loss = 0;
  #lossModel: LossModel | null = null;
  #duplicate = 0;
  #corrupt = 0;
  #reorder = 0;
  #gap = 0;
  #counter = 0;
  #table: Int16Array | null = null;
  #delayRandom = this.#correlated(0);
  #lossRandom = this.#correlated(0);
  #dupRandom = this.#correlated(0);
  #reorderRandom = this.#correlated(0);
  #corruptRandom = this.#correlated(0);
  /** By the time at which they leave, linked; those of one time in the order in which they came. */
  #first: SkBuff | null = null;
  #last: SkBuff | null = null;
  #count = 0;
  #bytes = 0;
  #random: RandomStream | null = null;

  constructor(scheduler: TcScheduler, handle: number, parent: number) {
    super(scheduler, handle, parent);
  }

  #correlated(rho: number): CorrelatedRandom {
    return new CorrelatedRandom(() => this.random, rho);
  }

  /** What is lost, doubled and damaged, and how long the rest takes: a stream of the device's own. */
  get random(): RandomStream {
    const { kernel } = this.dev.netns as Netns;
    this.#random ??= kernel.sim.random(`netem ${kernel.name} ${this.dev.name}`);
    return this.#random;
  }

  protected get queued(): number {
    return this.#count + (this.child?.qlen ?? 0);
  }

  protected get queuedBytes(): number {
    return this.#bytes + (this.child?.backlog ?? 0);
  }

  /** `netem_enqueue()` */
  enqueue(skb: SkBuff): boolean {
    const twice = this.#duplicate > 0 && this.#duplicate >= this.#dupRandom.next();
    const lost = this.#loses();
    if (lost) this.stats.drops++;
    if (lost && !twice) {
      this.dev.drop(skb, 'qdisc_drop');
      return true; // whoever sent it is not told
    }
    const copy = twice && !lost ? cloneSkb(skb) : null;
    if (this.#corrupt > 0 && this.#corrupt >= this.#corruptRandom.next()) this.#damage(skb);
    if (this.qlen >= this.#limit) {
      if (copy !== null) this.dev.drop(copy, 'qdisc_drop');
      return this.dropPacket(skb);
    }
    if (copy !== null) this.#again(copy);
    this.#schedule(skb);
    return true;
  }

  #loses(): boolean {
    if (this.#lossModel !== null) return this.#lossModel.lose(this.random);
    return this.#loss > 0 && this.#loss >= this.#lossRandom.next();
  }

  /** One bit is another. */
  #damage(skb: SkBuff): void {
    const at = skb.data + this.random.below(skb.len);
    skb.buf[at] = (skb.buf[at] as number) ^ (1 << this.random.below(8));
  }

  /** A copy begins at the root again, and is not doubled there. */
  #again(copy: SkBuff): void {
    const duplicate = this.#duplicate;
    this.#duplicate = 0;
    (this.scheduler.root ?? this).enqueue(copy);
    this.#duplicate = duplicate;
  }

  #schedule(skb: SkBuff): void {
    const { now } = this;
    const inOrder =
      this.#gap === 0 ||
      this.#counter < this.#gap - 1 ||
      this.#reorder < this.#reorderRandom.next();
    if (!inOrder) {
      this.#counter = 0;
      this.stats.requeues++;
      this.#insert(skb, now, true);
      return;
    }
    let delay = this.#delay();
    let from = now;
    if (this.#o.rate !== undefined) {
      if (this.#last !== null) {
        delay = Math.max(0, delay - (this.#last.tstamp - now));
        from = this.#last.tstamp;
      }
      delay += this.#packetTime(skb.len);
    }
    this.#counter++;
    this.#insert(skb, from + delay, false);
  }

  /** `tabledist()` */
  #delay(): Nanos {
    const { sigma, mu } = { sigma: this.#jitter, mu: this.#latency };
    if (sigma === 0) return mu;
    const rnd = this.#delayRandom.next();
    if (this.#table === null) return Math.max(0, Math.floor((rnd % (2 * sigma)) + mu - sigma));
    const t = this.#table[rnd % this.#table.length] as number;
    return Math.max(0, Math.round(mu + (sigma * t) / DIST_SCALE));
  }

  /** How long a packet takes at the rate. `packet_time_ns()` */
  #packetTime(bytes: number): Nanos {
    const o = this.#o.rate as Readonly<Record<string, number>>;
    let len = bytes + (o.packet_overhead ?? 0);
    const { cell_size: cell = 0, cell_overhead: extra = 0, rate = 1 } = o;
    if (cell > 0) len = Math.ceil(len / cell) * (cell + extra);
    return Math.floor((len * NSEC_PER_SEC) / rate);
  }

  /** Puts a packet in its place by time; `tstamp` holds when it leaves. `tfifo_enqueue()` */
  #insert(skb: SkBuff, at: Nanos, atHead: boolean): void {
    skb.tstamp = at;
    this.#count++;
    this.#bytes += skb.len;
    if (!atHead && (this.#last === null || at >= this.#last.tstamp)) {
      skb.next = null;
      if (this.#last === null) this.#first = skb;
      else this.#last.next = skb;
      this.#last = skb;
      return;
    }
    let before: SkBuff | null = null;
    let next = this.#first;
    while (!atHead && next !== null && next.tstamp <= at) {
      before = next;
      next = next.next;
    }
    skb.next = next;
    if (before === null) this.#first = skb;
    else before.next = skb;
    if (next === null) this.#last = skb;
  }

  /** `netem_dequeue()` */
  protected take(): SkBuff | null {
    const { now } = this;
    for (;;) {
      const skb = this.#first;
      if (skb === null || skb.tstamp > now) break;
      this.#first = skb.next;
      if (this.#first === null) this.#last = null;
      skb.next = null;
      skb.tstamp = 0;
      this.#count--;
      this.#bytes -= skb.len;
      if (this.child === null) {
        this.countOut(skb);
        return skb;
      }
      if (!this.child.enqueue(skb)) this.stats.drops++;
    }
    const skb = this.child?.dequeue() ?? null;
    if (skb !== null) this.countOut(skb);
    else if (this.#first !== null) this.watch(this.#first.tstamp);
    return skb;
  }

  protected purge(): void {
    for (let skb = this.#first; skb !== null; ) {
      const { next } = skb;
      skb.next = null;
      this.dev.drop(skb, 'qdisc_drop');
      skb = next;
    }
    this.#first = null;
    this.#last = null;
    this.#count = 0;
    this.#bytes = 0;
    this.child?.reset();
  }

  get options(): TcOptions {
    return {
      ...this.#o,
      limit: this.#limit,
      latency: toTicks(this.#latency),
      jitter: toTicks(this.#jitter),
      loss: this.#loss,
      gap: this.#gap,
      duplicate: this.#duplicate,
      ...(this.#lossModel?.options ?? {}),
    };
  }

  /** `netem_change()`; times are in ticks, probabilities 0 to 2^32 - 1. @throws {@link KernelError} EINVAL */
  change(given: TcOptions): void {
    const o = keepUnnamed(this.#o, given);
    const cor = (o.corr ?? {}) as Readonly<Record<string, number>>;
    const reorder = (o.reorder ?? {}) as Readonly<Record<string, number>>;
    const corrupt = (o.corrupt ?? {}) as Readonly<Record<string, number>>;
    if (o.slot !== undefined) throw new KernelError('EOPNOTSUPP', 'Labwire has no slots in netem');
    this.#o = o;
    this.#limit = Number(o.limit ?? 1000);
    this.#latency = fromTicks(Number(o.latency ?? 0));
    this.#jitter = Math.min(fromTicks(Number(o.jitter ?? 0)), 0x7fff_ffff);
    this.#loss = Number(o.loss ?? 0);
    this.#duplicate = Number(o.duplicate ?? 0);
    this.#gap = Number(o.gap ?? 0);
    this.#counter = 0;
    this.#reorder = reorder.probability ?? (this.#gap > 0 ? 0xffff_ffff : 0);
    this.#corrupt = corrupt.probability ?? 0;
    this.#table = o.delayDist === undefined ? null : distribution(o.delayDist as DistributionName);
    this.#lossModel = lossModel(o);
    this.#delayRandom = this.#correlated(cor.delay_corr ?? 0);
    this.#lossRandom = this.#correlated(cor.loss_corr ?? 0);
    this.#dupRandom = this.#correlated(cor.dup_corr ?? 0);
    this.#reorderRandom = this.#correlated(reorder.correlation ?? 0);
    this.#corruptRandom = this.#correlated(corrupt.correlation ?? 0);
  }
}

/** Attributes that a change does not name stay as they were. */
const KEPT = ['corr', 'reorder', 'corrupt', 'rate', 'delayDist'] as const;

function keepUnnamed(old: TcOptions, given: TcOptions): TcOptions {
  const kept = KEPT.filter((name) => old[name] !== undefined).map((name) => [name, old[name]]);
  return { ...Object.fromEntries(kept), ...given };
}

function lossModel(o: TcOptions): LossModel | null {
  if (o.gemodel !== undefined) return new GilbertElliott(o.gemodel as Record<string, number>);
  if (o.gimodel !== undefined) return new FourStates(o.gimodel as Record<string, number>);
  return null;
}

class NetemClass implements ClassOps {
  readonly #netem: Netem;

  constructor(netem: Netem) {
    this.#netem = netem;
  }

  list(): readonly TcClass[] {
    const { child, handle } = this.#netem;
    if (child === null) return [];
    return [
      {
        classid: handle + 1,
        parent: handle,
        leaf: child,
        options: undefined,
        stats: undefined,
        qlen: 0,
        backlog: 0,
        xstats: undefined,
      },
    ];
  }

  /** There is one class, whatever it is called. `netem_find()` */
  find(classid: number): TcClass | undefined {
    return this.list()[0] ?? { ...EMPTY_CLASS, classid, parent: this.#netem.handle };
  }

  change(): string | undefined {
    throw new KernelError('EOPNOTSUPP');
  }

  remove(): void {
    throw new KernelError('EOPNOTSUPP');
  }

  graft(_classid: number, qdisc: Qdisc | null): Qdisc | null {
    const old = this.#netem.child;
    this.#netem.child = qdisc;
    return old;
  }

  filters(): undefined {
    return undefined;
  }
}

const EMPTY_CLASS: Omit<TcClass, 'classid' | 'parent'> = {
  leaf: null,
  options: undefined,
  stats: undefined,
  qlen: 0,
  backlog: 0,
  xstats: undefined,
};
