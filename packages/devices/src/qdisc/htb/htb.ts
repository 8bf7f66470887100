import { KernelError } from '@labwire/core/error';
import type { Nanos } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { SkbQueue } from '../../link/index.ts';
import {
  FilterBlock,
  TC_ACT_QUEUED,
  TC_ACT_SHOT,
  TC_ACT_STOLEN,
  TC_ACT_TRAP,
} from '../cls/index.ts';
import { Fifo } from '../fifo.ts';
import { type ClassOps, Qdisc, type TcOptions, tcMajor } from '../qdisc.ts';
import type { TcScheduler } from '../scheduler.ts';
import { type HtbClass, MAX_DEPTH } from './class.ts';
import { HtbClasses } from './classes.ts';

const PRIOS = 8;

/**
 * Shares a device among classes: each has a rate of its own and may borrow from its parent up to a ceiling.
 * Linux net/sched/sch_htb.c. Where the kernel keeps trees of who may send at which level, this walks the leaves: a lab has few.
 */
export class Htb extends Qdisc {
  readonly kind = 'htb';
  override readonly classes: HtbClasses = new HtbClasses(this);
  readonly filters: FilterBlock;
  defaultClass = 0;
  r2q = 10;
  #directLimit: number;
  readonly #direct = new SkbQueue();
  #directPackets = 0;
  /** Leaves in the order of their ids. */
  #leaves: HtbClass[] = [];
  /** Whose turn it was last, by level and priority. */
  readonly #turn: (HtbClass | null)[] = new Array<HtbClass | null>(MAX_DEPTH * PRIOS).fill(null);

  constructor(scheduler: TcScheduler, handle: number, parent: number) {
    super(scheduler, handle, parent);
    this.filters = new FilterBlock(scheduler);
    this.#directLimit = this.dev.txQueueLen;
  }

  protected get queued(): number {
    let n = this.#direct.length;
    for (let i = 0; i < this.#leaves.length; i++) n += this.#leafAt(i).qlen;
    return n;
  }

  protected get queuedBytes(): number {
    let n = this.#direct.bytes;
    for (let i = 0; i < this.#leaves.length; i++) n += this.#leafAt(i).backlog;
    return n;
  }

  #leafAt(i: number): Qdisc {
    return (this.#leaves[i] as HtbClass).leaf as Qdisc;
  }

  /** The classes have changed. */
  classesChanged(all: readonly HtbClass[]): void {
    this.#leaves = all.filter((c) => c.level === 0).sort((a, b) => a.classid - b.classid);
    this.#turn.fill(null);
  }

  /** `htb_enqueue()` */
  enqueue(skb: SkBuff): boolean {
    const cl = this.#classify(skb);
    if (cl === 'direct') {
      if (this.#direct.length >= this.#directLimit) return this.dropPacket(skb);
      this.#direct.push(skb);
      this.#directPackets++;
      return true;
    }
    if (cl === null) return this.dropPacket(skb);
    if (cl === 'stolen') return true;
    if ((cl.leaf as Qdisc).enqueue(skb)) return true;
    this.stats.drops++;
    cl.stats.drops++;
    return false;
  }

  /** `htb_classify()` */
  #classify(skb: SkBuff): HtbClass | 'direct' | 'stolen' | null {
    if (skb.priority >>> 0 === this.handle) return 'direct';
    let block = this.filters;
    const chosen =
      tcMajor(skb.priority) === this.handle ? this.classes.byId(skb.priority >>> 0) : undefined;
    if (chosen !== undefined) {
      if (chosen.level === 0) return chosen;
      block = chosen.filters;
    }
    for (;;) {
      const result = block.classify(skb);
      if (result === TC_ACT_SHOT) return null;
      if (result === TC_ACT_STOLEN || result === TC_ACT_QUEUED || result === TC_ACT_TRAP)
        return 'stolen';
      if (result < 0) break;
      if (block.classid === this.handle) return 'direct';
      const cl = this.classes.byId(block.classid);
      if (cl === undefined) break;
      if (cl.level === 0) return cl;
      block = cl.filters;
    }
    const fallback = this.classes.byId(this.handle + this.defaultClass);
    return fallback === undefined || fallback.level > 0 ? 'direct' : fallback;
  }

  /** `htb_dequeue()` */
  protected take(): SkBuff | null {
    const skb = this.#direct.shift() ?? this.#takeFromLeaves();
    if (skb !== null) this.countOut(skb);
    return skb;
  }

  #takeFromLeaves(): SkBuff | null {
    const { now } = this;
    let best = -1;
    let soonest: Nanos = Number.POSITIVE_INFINITY;
    let waiting = false;
    for (let i = 0; i < this.#leaves.length; i++) {
      const cl = this.#leaves[i] as HtbClass;
      if ((cl.leaf as Qdisc).qlen === 0) continue;
      waiting = true;
      const level = levelOf(cl, now);
      if (level >= 0) {
        const rank = level * PRIOS + cl.prio;
        if (best < 0 || rank < best) best = rank;
      } else soonest = Math.min(soonest, waitOf(cl, now));
    }
    if (best >= 0) return this.#serve(best, now);
    if (waiting) {
      this.stats.overlimits++;
      if (soonest < Number.POSITIVE_INFINITY) this.watch(now + Math.max(1, soonest));
    }
    return null;
  }

  /** Gives the leaves of one level and priority their turns. `htb_dequeue_tree()` */
  #serve(rank: number, now: Nanos): SkBuff | null {
    const level = Math.floor(rank / PRIOS);
    const count = this.#leaves.length;
    const last = this.#turn[rank] ?? null;
    const start = last === null ? 0 : this.#leaves.indexOf(last);
    for (let k = 0; k < count; k++) {
      const cl = this.#leaves[(start + k) % count] as HtbClass;
      if ((cl.leaf as Qdisc).qlen === 0 || cl.prio !== rank % PRIOS || levelOf(cl, now) !== level)
        continue;
      const skb = (cl.leaf as Qdisc).dequeue();
      if (skb === null) continue; // its qdisc holds packets back
      cl.deficit[level] = (cl.deficit[level] as number) - skb.len;
      this.#turn[rank] = cl;
      if ((cl.deficit[level] as number) < 0) {
        cl.deficit[level] = (cl.deficit[level] as number) + cl.quantum;
        this.#turn[rank] = this.#leaves[((start + k) % count) + 1] ?? (this.#leaves[0] as HtbClass);
      }
      charge(cl, level, skb.len, now);
      return skb;
    }
    return null;
  }

  protected purge(): void {
    this.#direct.purge();
    for (const cl of this.#leaves) cl.leaf?.reset();
  }

  get options(): TcOptions {
    return {
      rate2quantum: this.r2q,
      defcls: this.defaultClass,
      version: 0x30011,
      direct_pkts: this.#directPackets,
      direct_qlen: this.#directLimit,
    };
  }

  /** Parameters are for the beginning only. @throws {@link KernelError} EINVAL */
  change(): void {
    throw new KernelError('EINVAL', 'Change operation not supported by specified qdisc');
  }

  /** `htb_init()` */
  init(o: TcOptions): void {
    if (o.offload !== undefined)
      throw new KernelError('EOPNOTSUPP', 'sch_htb: hw-tc-offload ethtool feature flag must be on');
    this.r2q = Number(o.rate2quantum ?? 10) || 1;
    this.defaultClass = Number(o.defcls ?? 0);
    if (o.direct_qlen !== undefined) this.#directLimit = Number(o.direct_qlen);
  }

  /** What a class holds its packets in before a qdisc is put there. */
  plainLeaf(): Qdisc {
    return new Fifo(this.scheduler, 0, 0, 'pfifo');
  }

  get ops(): ClassOps {
    return this.classes;
  }
}

/** The level of the first class upwards that can send, where all below may borrow; -1 if there is none. */
function levelOf(leaf: HtbClass, now: Nanos): number {
  for (let cl: HtbClass | null = leaf; cl !== null; cl = cl.parent) {
    const mode = cl.mode(now);
    if (mode === 'canSend') return cl.level;
    if (mode === 'cantSend') return -1;
  }
  return -1;
}

/** How long until something changes on the way up. */
function waitOf(leaf: HtbClass, now: Nanos): Nanos {
  let least = Number.POSITIVE_INFINITY;
  for (let cl: HtbClass | null = leaf; cl !== null; cl = cl.parent) {
    least = Math.min(least, cl.wait(now));
    if (cl.mode(now) === 'cantSend') break;
  }
  return least;
}

function charge(leaf: HtbClass, level: number, bytes: number, now: Nanos): void {
  for (let cl: HtbClass | null = leaf; cl !== null; cl = cl.parent) {
    cl.charge(level, bytes, now);
    cl.stats.bytes += bytes;
    cl.stats.packets++;
  }
}
