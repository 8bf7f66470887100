import { MAC_ZERO, type MacAddr } from '@labwire/core/addr';
import { put16, put32 } from '@labwire/core/bytes';
import { MS, type Nanos, Timer, type TimerOwner } from '@labwire/core/sim';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../link/net-device.ts';
import type { InetAddr } from '../rtnetlink/types.ts';
import {
  isConnected,
  isInTimer,
  isValid,
  type NeighAction,
  type NeighEvent,
  type NeighMachine,
  type Nud,
  stepNeigh,
} from './neigh-machine.ts';
import type { NeighParams } from './neigh-params.ts';
import type { NeighTable } from './neigh-table.ts';

/** Flags of {@link Neigh.update}. Linux include/net/neighbour.h, NEIGH_UPDATE_F_*. */
export const NEIGH_UPDATE_F_OVERRIDE = 1;
export const NEIGH_UPDATE_F_WEAK_OVERRIDE = 2;
export const NEIGH_UPDATE_F_OVERRIDE_ISROUTER = 4;
export const NEIGH_UPDATE_F_ISROUTER = 8;
export const NEIGH_UPDATE_F_ADMIN = 16;

const ETH_HLEN = 14;
/** Bookkeeping that a queued packet counts beside its bytes: `skb->truesize` */
const TRUESIZE_OVERHEAD = 704;
const MIN_WAIT: Nanos = 10 * MS;

/** Why {@link Neigh.update} refused. */
export type NeighUpdateError = 'EPERM' | 'EINVAL';

/** One neighbour: who has an address on a link, and how sure we are. Linux `struct neighbour`. */
export class Neigh implements NeighMachine, TimerOwner {
  readonly table: NeighTable;
  readonly dev: NetDevice;
  readonly dst: InetAddr;
  readonly params: NeighParams;
  nud: Nud = 'none';
  lladdr: MacAddr = MAC_ZERO;
  /** Solicitations sent since the last answer. */
  probes = 0;
  used: Nanos = 0;
  confirmed: Nanos = 0;
  updated: Nanos = 0;
  /** NTF_ROUTER */
  router = false;
  /** NDA_PROTOCOL */
  protocol = 0;
  /** Taken out of its table. */
  dead = false;
  /** Next of its hash chain. */
  next: Neigh | null = null;
  #queueHead: SkBuff | null = null;
  #queueTail: SkBuff | null = null;
  #queueBytes = 0;
  readonly #timer: Timer;
  /** The Ethernet addresses of a frame to it, as three words. `struct hh_cache` */
  #hh0 = 0;
  #hh1 = 0;
  #hh2 = 0;

  constructor(table: NeighTable, dev: NetDevice, dst: InetAddr, params: NeighParams) {
    this.table = table;
    this.dev = dev;
    this.dst = dst;
    this.params = params;
    const { now } = table.sim;
    this.used = now;
    this.updated = now;
    this.confirmed = now - 2 * params.baseReachableTime;
    this.#timer = new Timer(table.sim, this, 0);
  }

  /** Whether something happens to it by time. */
  get hasTimer(): boolean {
    return this.#timer.armed;
  }

  /** The oldest packet that waits for it. */
  get firstQueued(): SkBuff | null {
    return this.#queueHead;
  }

  /** Sets the link-layer address and the header made of it. */
  setLladdr(lladdr: MacAddr): void {
    this.lladdr = lladdr;
    const hi = Math.floor(lladdr / 0x1_0000);
    const src = this.dev.addr;
    this.#hh0 = hi | 0;
    this.#hh1 = ((lladdr % 0x1_0000) << 16) | Math.floor(src / 0x1_0000_0000);
    this.#hh2 = (src % 0x1_0000_0000) | 0;
  }

  /**
   * Sends an L3 packet to it, or keeps the packet until it answers. Takes ownership.
   * `neigh_output()`, `neigh_resolve_output()`
   */
  output(skb: SkBuff): void {
    if (this.nud !== 'reachable' && !isConnected(this.nud)) {
      if (!this.eventSend(skb)) return;
    }
    this.used = this.table.sim.now;
    const at = skb.push(ETH_HLEN);
    put32(skb.buf, at, this.#hh0);
    put32(skb.buf, at + 4, this.#hh1);
    put32(skb.buf, at + 8, this.#hh2);
    put16(skb.buf, at + 12, skb.protocol);
    this.dev.xmit(skb);
  }

  /**
   * Notes that it is wanted. With a packet, takes it if it cannot be sent yet.
   * @returns whether its address is known. `neigh_event_send()`
   */
  eventSend(skb: SkBuff | null): boolean {
    this.used = this.table.sim.now;
    if (this.dead) {
      if (skb !== null) this.table.drop(skb, 'neigh_dead');
      return false;
    }
    const asks = this.nud === 'none' || this.nud === 'failed';
    if (asks && this.params.mcastProbes + this.params.appProbes === 0) {
      this.nud = 'failed';
      if (skb !== null) this.table.drop(skb, 'neigh_failed');
      return false;
    }
    const waits = asks || this.nud === 'incomplete';
    if (waits && skb !== null) this.#enqueue(skb);
    this.#step('use');
    return !waits;
  }

  /** It was heard of by a protocol above: a TCP acknowledgement came. `neigh_confirm()` */
  confirm(): void {
    this.confirmed = this.table.sim.now;
  }

  #step(event: NeighEvent): void {
    const was = this.nud;
    if (stepNeigh(this, event)) {
      this.updated = this.table.sim.now;
      this.table.changed(this, was);
    }
  }

  run(action: NeighAction): void {
    const { params } = this;
    switch (action) {
      case 'firstProbe':
        this.probes = params.ucastProbes;
        break;
      case 'restartProbes':
        this.probes = 0;
        break;
      case 'armRetrans':
        this.#arm(params.retransTime);
        break;
      case 'armReachable':
        this.#arm(this.confirmed + params.reachableTime - this.table.sim.now);
        break;
      case 'armDelay':
        this.#arm(params.delayProbeTime);
        break;
      case 'solicit':
        this.table.resolver.solicit(this, this.#queueHead);
        this.probes++;
        break;
      case 'fail':
        this.#invalidate();
        break;
    }
  }

  /** `neigh_timer_handler()` looks again after a hundredth of a second at the earliest. */
  #arm(delay: Nanos): void {
    this.#timer.arm(Math.max(delay, MIN_WAIT));
  }

  onTimer(): void {
    if (!this.dead) this.#step(this.#timerEvent());
  }

  #timerEvent(): NeighEvent {
    const { params } = this;
    const { now } = this.table.sim;
    switch (this.nud) {
      case 'reachable':
        if (now < this.confirmed + params.reachableTime) return 'confirmed';
        return now <= this.used + params.delayProbeTime ? 'recent' : 'timeout';
      case 'delay':
        return now <= this.confirmed + params.delayProbeTime ? 'confirmed' : 'timeout';
      default:
        return this.probes >= this.#maxProbes() ? 'exhausted' : 'timeout';
    }
  }

  #maxProbes(): number {
    const { ucastProbes, appProbes, mcastProbes, mcastReprobes } = this.params;
    return ucastProbes + appProbes + (this.nud === 'probe' ? mcastReprobes : mcastProbes);
  }

  /**
   * Takes in what was learnt or configured about it.
   * @param lladdr null to keep the address it has
   * @returns why it was refused, if it was. `__neigh_update()`
   */
  update(lladdr: MacAddr | null, wanted: Nud, flags: number): NeighUpdateError | undefined {
    const was = this.nud;
    const admin = (flags & NEIGH_UPDATE_F_ADMIN) !== 0;
    if (!admin && (was === 'noarp' || was === 'permanent')) return 'EPERM';
    if (!isValid(wanted)) {
      this.#becomeInvalid(was, wanted);
      return undefined;
    }
    if (lladdr === null && !isValid(was)) return 'EINVAL';
    const { now } = this.table.sim;
    let addr = lladdr ?? this.lladdr;
    let next = wanted;
    let keepsRouter = false;
    if (isConnected(wanted)) this.confirmed = now;
    if (isValid(was)) {
      const differs = addr !== this.lladdr;
      if (differs && (flags & NEIGH_UPDATE_F_OVERRIDE) === 0) {
        keepsRouter = true;
        if ((flags & NEIGH_UPDATE_F_WEAK_OVERRIDE) === 0 || !isConnected(was)) return undefined;
        addr = this.lladdr;
        next = 'stale';
      } else if (!differs && next === 'stale' && !admin) next = was;
    }
    this.#change(addr, next, was);
    if (!keepsRouter && (flags & NEIGH_UPDATE_F_OVERRIDE_ISROUTER) !== 0) {
      this.router = (flags & NEIGH_UPDATE_F_ISROUTER) !== 0;
    }
    return undefined;
  }

  #becomeInvalid(was: Nud, wanted: Nud): void {
    this.#timer.cancel();
    this.nud = wanted;
    if ((was === 'incomplete' || was === 'probe') && wanted === 'failed') this.#invalidate();
    this.table.changed(this, was);
  }

  #change(addr: MacAddr, next: Nud, was: Nud): void {
    const { now } = this.table.sim;
    const moved = addr !== this.lladdr || !isValid(was);
    if (next !== was || moved) this.updated = now;
    if (next !== was) {
      this.#timer.cancel();
      if (next === 'probe') this.probes = 0;
      if (isInTimer(next)) this.#timer.arm(next === 'reachable' ? this.params.reachableTime : 0);
      this.nud = next;
    }
    if (moved) {
      this.setLladdr(addr);
      if (!isConnected(next)) this.confirmed = now - 2 * this.params.baseReachableTime;
    }
    if (next !== was || moved) this.table.changed(this, was);
    if (!isValid(was)) this.#flushQueue();
  }

  #enqueue(skb: SkBuff): void {
    const size = skb.len + TRUESIZE_OVERHEAD;
    while (this.#queueHead !== null && this.#queueBytes + size > this.params.queueLenBytes) {
      const oldest = this.#dequeue() as SkBuff;
      this.table.counters.unresolvedDiscards++;
      this.table.drop(oldest, 'neigh_queuefull');
    }
    skb.next = null;
    if (this.#queueTail === null) this.#queueHead = skb;
    else this.#queueTail.next = skb;
    this.#queueTail = skb;
    this.#queueBytes += size;
  }

  #dequeue(): SkBuff | null {
    const skb = this.#queueHead;
    if (skb === null) return null;
    this.#queueHead = skb.next;
    if (this.#queueHead === null) this.#queueTail = null;
    skb.next = null;
    this.#queueBytes -= skb.len + TRUESIZE_OVERHEAD;
    return skb;
  }

  /** Sends what waited. */
  #flushQueue(): void {
    for (;;) {
      const skb = this.#dequeue();
      if (skb === null) return;
      this.output(skb);
    }
  }

  /** Tells the senders of what waited that nobody answers. `neigh_invalidate()` */
  #invalidate(): void {
    this.table.counters.resFailed++;
    this.updated = this.table.sim.now;
    for (;;) {
      const skb = this.#dequeue();
      if (skb === null) return;
      this.table.resolver.errorReport(this, skb);
    }
  }

  /** Is being taken out of its table: nothing more happens to it. */
  kill(): void {
    this.dead = true;
    this.#timer.cancel();
    for (;;) {
      const skb = this.#dequeue();
      if (skb === null) return;
      freeSkb(skb);
    }
  }
}
