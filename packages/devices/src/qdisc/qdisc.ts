import type { Nanos } from '@labwire/core/sim';
import type { DropReason, SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../link/index.ts';
import type { FilterBlock } from './cls/index.ts';
import type { TcScheduler } from './scheduler.ts';

/** A handle of no qdisc, and the parents that are none: TC_H_UNSPEC, TC_H_ROOT, TC_H_INGRESS. */
export const TC_H_UNSPEC = 0;
export const TC_H_ROOT = 0xffff_ffff;
export const TC_H_INGRESS = 0xffff_fff1;
/** Where ingress and clsact are, and their two ends. */
export const TC_H_CLSACT_HANDLE = 0xffff_0000;
export const TC_H_MIN_INGRESS = 0xffff_fff2;
export const TC_H_MIN_EGRESS = 0xffff_fff3;

/** The major part of a handle, the minor one zero. TC_H_MAJ */
export function tcMajor(handle: number): number {
  return (handle & 0xffff_0000) >>> 0;
}

/** The minor part. TC_H_MIN */
export function tcMinor(handle: number): number {
  return handle & 0xffff;
}

/** What `tc -s` tells of a qdisc or class. Linux `struct gnet_stats_basic`, `struct gnet_stats_queue` */
export class TcStats {
  bytes = 0;
  packets = 0;
  drops = 0;
  overlimits = 0;
  requeues = 0;
}

/** Parameters of a qdisc or class, by the names of the kernel's attributes; in kernel units. */
export type TcOptions = Readonly<Record<string, unknown>>;

/** One class of a classful qdisc, as `tc class` shows it. */
export interface TcClass {
  readonly classid: number;
  /** TC_H_ROOT for one without a class above it. */
  readonly parent: number;
  /** The qdisc that holds its packets; null if it is one that users don't see. */
  readonly leaf: Qdisc | null;
  readonly options: TcOptions | undefined;
  readonly stats: TcStats | undefined;
  readonly qlen: number;
  readonly backlog: number;
  readonly xstats: TcOptions | undefined;
}

/** What a classful qdisc does about its classes. Linux `struct Qdisc_class_ops` */
export interface ClassOps {
  /** In the order in which they are listed. */
  list(): readonly TcClass[];
  find(classid: number): TcClass | undefined;
  /** Makes or changes one. @returns a warning. @throws {@link KernelError} EOPNOTSUPP if there is nothing to choose */
  change(classid: number, parent: number, options: TcOptions): string | undefined;
  /** @throws {@link KernelError} EBUSY */
  remove(classid: number): void;
  /** Puts a qdisc into a class, null for what it had at first. @returns the old one */
  graft(classid: number, qdisc: Qdisc | null): Qdisc | null;
  /** Where filters are attached: to the qdisc with 0, or to a class. */
  filters(classid: number): FilterBlock | undefined;
}

/** A queueing discipline: takes what a device is to send, and gives it out again when it is time. Linux `struct Qdisc` */
export abstract class Qdisc {
  abstract readonly kind: string;
  readonly scheduler: TcScheduler;
  handle: number;
  parent: number;
  readonly stats: TcStats = new TcStats();
  readonly classes: ClassOps | undefined = undefined;
  #peeked: SkBuff | null = null;

  constructor(scheduler: TcScheduler, handle: number, parent: number) {
    this.scheduler = scheduler;
    this.handle = handle;
    this.parent = parent;
  }

  get dev(): NetDevice {
    return this.scheduler.dev;
  }

  /** Packets that wait. */
  get qlen(): number {
    return this.queued + (this.#peeked === null ? 0 : 1);
  }

  /** Bytes that wait. */
  get backlog(): number {
    return this.queuedBytes + (this.#peeked?.len ?? 0);
  }

  /** Packets and bytes inside, one that was looked at not counted. */
  protected abstract get queued(): number;
  protected abstract get queuedBytes(): number;

  /** Takes a packet. Takes ownership. @returns false if it was dropped */
  abstract enqueue(skb: SkBuff): boolean;

  /** The next packet that may leave now; null if none may. */
  protected abstract take(): SkBuff | null;

  /** Gives out the next packet, which the caller then owns. */
  dequeue(): SkBuff | null {
    const skb = this.#peeked;
    if (skb === null) return this.take();
    this.#peeked = null;
    return skb;
  }

  /** Looks at the next packet, which stays here. `qdisc_peek_dequeued()` */
  peek(): SkBuff | null {
    this.#peeked ??= this.take();
    return this.#peeked;
  }

  /** Frees all that waits. */
  reset(): void {
    if (this.#peeked !== null) this.dev.drop(this.#peeked, 'qdisc_drop');
    this.#peeked = null;
    this.purge();
  }

  /** Frees all that waits inside. */
  protected abstract purge(): void;

  /** Its parameters: TCA_OPTIONS; undefined if it has none to show. */
  abstract get options(): TcOptions | undefined;

  /** Sets parameters. @throws {@link KernelError} EINVAL */
  abstract change(options: TcOptions): void;

  /** What only its kind counts: TCA_STATS_APP. */
  get xstats(): TcOptions | undefined {
    return undefined;
  }

  /** Counts a packet that is given out. */
  protected countOut(skb: SkBuff): void {
    this.stats.packets++;
    this.stats.bytes += skb.len;
  }

  /** Drops a packet that there is no room for. Takes ownership. `qdisc_drop()` */
  protected dropPacket(skb: SkBuff, reason: DropReason = 'qdisc_drop'): false {
    this.stats.drops++;
    this.dev.drop(skb, reason);
    return false;
  }

  /** Asks to be looked at again at a time. `qdisc_watchdog_schedule_ns()` */
  protected watch(at: Nanos): void {
    this.scheduler.watch(at);
  }

  protected get now(): Nanos {
    return this.scheduler.now;
  }
}
