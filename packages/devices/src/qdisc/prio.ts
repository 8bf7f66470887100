import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import {
  FilterBlock,
  TC_ACT_QUEUED,
  TC_ACT_SHOT,
  TC_ACT_STOLEN,
  TC_ACT_TRAP,
} from './cls/index.ts';
import { Fifo } from './fifo.ts';
import { type ClassOps, Qdisc, type TcClass, type TcOptions, tcMajor, tcMinor } from './qdisc.ts';
import type { TcScheduler } from './scheduler.ts';

/** Priorities of packets. TC_PRIO_MAX and one */
const PRIORITIES = 16;
const MAX_BANDS = 16;
const DEFAULT_MAP: readonly number[] = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];

/** Bands that are emptied one after the other, chosen by priority or by filters. Linux net/sched/sch_prio.c */
export class Prio extends Qdisc {
  readonly kind: 'prio' | 'pfifo_fast';
  override readonly classes: ClassOps | undefined;
  bands: Qdisc[] = [];
  #map: readonly number[] = DEFAULT_MAP;
  readonly filters: FilterBlock;

  constructor(scheduler: TcScheduler, handle: number, parent: number, fast = false) {
    super(scheduler, handle, parent);
    this.kind = fast ? 'pfifo_fast' : 'prio';
    this.filters = new FilterBlock(scheduler);
    this.classes = fast ? undefined : new PrioClasses(this);
    this.change({ bands: 3, priomap: DEFAULT_MAP });
  }

  protected get queued(): number {
    let n = 0;
    for (let i = 0; i < this.bands.length; i++) n += (this.bands[i] as Qdisc).qlen;
    return n;
  }

  protected get queuedBytes(): number {
    let n = 0;
    for (let i = 0; i < this.bands.length; i++) n += (this.bands[i] as Qdisc).backlog;
    return n;
  }

  enqueue(skb: SkBuff): boolean {
    const band = this.#classify(skb);
    if (band === null) return this.dropPacket(skb);
    if (band === 'stolen') return true;
    if (band.enqueue(skb)) return true;
    this.stats.drops++;
    return false;
  }

  /** `prio_classify()` */
  #classify(skb: SkBuff): Qdisc | 'stolen' | null {
    let { priority } = skb;
    if (tcMajor(priority) !== this.handle) {
      const result = this.filters.classify(skb);
      if (result === TC_ACT_SHOT) return null;
      if (result === TC_ACT_STOLEN || result === TC_ACT_QUEUED || result === TC_ACT_TRAP)
        return 'stolen';
      if (result < 0) return this.#bandOf(skb.priority);
      priority = this.filters.classid;
    }
    const band = tcMinor(priority) - 1;
    return this.bands[band] ?? this.#bandOf(0);
  }

  #bandOf(priority: number): Qdisc {
    return this.bands[this.#map[priority & (PRIORITIES - 1)] as number] as Qdisc;
  }

  protected take(): SkBuff | null {
    for (let i = 0; i < this.bands.length; i++) {
      const skb = (this.bands[i] as Qdisc).dequeue();
      if (skb === null) continue;
      this.countOut(skb);
      return skb;
    }
    return null;
  }

  protected purge(): void {
    for (const band of this.bands) band.reset();
  }

  get options(): TcOptions {
    return { bands: this.bands.length, priomap: this.#map };
  }

  /** `prio_tune()` @throws {@link KernelError} EINVAL */
  change({ bands, priomap }: TcOptions): void {
    const count = Number(bands ?? this.bands.length);
    const map = (priomap ?? this.#map) as readonly number[];
    if (count > MAX_BANDS || count < 2 || map.some((band) => band >= count))
      throw new KernelError('EINVAL');
    for (const band of this.bands.splice(count)) band.reset();
    while (this.bands.length < count) this.bands.push(this.plainBand());
    this.#map = map;
  }

  /** What a band has before a qdisc is put there. */
  plainBand(): Qdisc {
    return new Fifo(this.scheduler, 0, 0, 'pfifo');
  }
}

class PrioClasses implements ClassOps {
  readonly #prio: Prio;

  constructor(prio: Prio) {
    this.#prio = prio;
  }

  list(): readonly TcClass[] {
    return this.#prio.bands.map((band, i) => ({
      classid: this.#prio.handle + i + 1,
      parent: this.#prio.handle,
      leaf: band.handle === 0 ? null : band,
      options: undefined,
      stats: band.stats,
      qlen: band.qlen,
      backlog: band.backlog,
      xstats: undefined,
    }));
  }

  find(classid: number): TcClass | undefined {
    return this.list().find((c) => c.classid === classid);
  }

  change(classid: number): string | undefined {
    if (this.find(classid) === undefined) throw new KernelError('ENOENT');
    throw new KernelError('EOPNOTSUPP');
  }

  remove(): void {
    throw new KernelError('EOPNOTSUPP');
  }

  graft(classid: number, qdisc: Qdisc | null): Qdisc | null {
    const at = tcMinor(classid) - 1;
    const old = this.#prio.bands[at] as Qdisc;
    this.#prio.bands[at] = qdisc ?? this.#prio.plainBand();
    return old.handle === 0 ? null : old;
  }

  filters(classid: number): FilterBlock | undefined {
    return tcMinor(classid) === 0 ? this.#prio.filters : undefined;
  }
}
