import { type Nanos, Timer, type TimerOwner } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../link/index.ts';
import type { Netns } from '../netns/netns.ts';
import type { Clsact } from './clsact.ts';
import { type Qdisc, tcMajor } from './qdisc.ts';

/**
 * What `tc` has put on a device: a root qdisc in place of the one that holds nothing back, and filters at both ends.
 * A device without has none of this on its path.
 */
export class TcScheduler implements TimerOwner {
  readonly dev: NetDevice;
  root: Qdisc | null = null;
  /** The qdisc `ingress` or `clsact`. */
  clsact: Clsact | null = null;
  #timer: Timer | null = null;
  #running = false;

  constructor(dev: NetDevice) {
    this.dev = dev;
  }

  get now(): Nanos {
    return (this.dev.netns as Netns).sim.now;
  }

  /** Takes a packet that is to be sent, and sends what may leave. Takes ownership. `__dev_xmit_skb()` */
  send(skb: SkBuff): void {
    if (this.clsact?.sends(skb) === false) return;
    const { root } = this;
    if (root === null) {
      this.dev.transmit(skb);
      return;
    }
    if (!root.enqueue(skb)) this.dev.stats.txDropped++;
    this.run();
  }

  /** Sends all that may leave now. `__qdisc_run()` */
  run(): void {
    const { root } = this;
    if (root === null || this.#running) return;
    this.#running = true;
    for (let skb = root.dequeue(); skb !== null; skb = root.dequeue()) {
      if (this.dev.running) this.dev.transmit(skb);
      else this.dev.drop(skb, 'dev_ready');
    }
    this.#running = false;
  }

  /** Looks again at `at`, or earlier if somebody asked for that. */
  watch(at: Nanos): void {
    this.#timer ??= new Timer((this.dev.netns as Netns).sim, this, 0);
    if (this.#timer.armed && this.#timer.deadline <= at) return;
    this.#timer.arm(Math.max(0, at - this.now));
  }

  onTimer(): void {
    this.run();
  }

  /** A handle for a qdisc whose maker names none. `qdisc_alloc_handle()` */
  allocHandle(): number {
    const { kernel } = this.dev.netns as Netns;
    let handle: number;
    do handle = kernel.allocQdiscHandle();
    while (this.byHandle(handle) !== undefined);
    return handle;
  }

  /** The qdisc of a handle. `qdisc_lookup()` */
  byHandle(handle: number): Qdisc | undefined {
    if (handle === 0) return undefined;
    if (this.clsact !== null && this.clsact.handle === handle) return this.clsact;
    return this.all().find((q) => q.handle === handle);
  }

  /** The root and all below it, as far as users see them: the root, then the others in the order of the kernel's hash. */
  all(): Qdisc[] {
    const { root } = this;
    if (root === null) return [];
    const below = childrenOf(root).reverse(); // the newest first within a bucket
    return [root, ...below.sort((a, b) => bucketOf(a.handle) - bucketOf(b.handle))];
  }

  /** Frees all that waits: the device goes down. */
  reset(): void {
    this.#timer?.cancel();
    this.root?.reset();
  }

  /** Nothing of `tc` is left on the device. */
  get isIdle(): boolean {
    return this.root === null && this.clsact === null;
  }
}

function childrenOf(qdisc: Qdisc): Qdisc[] {
  const leaves = (qdisc.classes?.list() ?? []).flatMap(({ leaf }) => (leaf === null ? [] : [leaf]));
  return leaves.flatMap((leaf) => [leaf, ...childrenOf(leaf)]);
}

/** `hash_32()` of a handle into four bits: the kernel lists qdiscs in this order. */
function bucketOf(handle: number): number {
  return Math.imul(tcMajor(handle), 0x61c8_8647) >>> 28;
}
