import { MS, type Nanos, type RandomStream, SEC } from '@labwire/core/sim';

/** How one device resolves neighbours of one family: `/proc/sys/net/FAMILY/neigh/DEV`. Linux `struct neigh_parms`. */
export class NeighParams {
  /** Nanos. Half to one and a half of this is {@link reachableTime}. */
  baseReachableTime: Nanos = 30 * SEC;
  /** Nanos between two solicitations. */
  retransTime: Nanos = SEC;
  /** Nanos that a stale entry in use waits for a hint before it is probed. */
  delayProbeTime: Nanos = 5 * SEC;
  /** Nanos after which an unused entry may be collected. */
  gcStaleTime: Nanos = 60 * SEC;
  /** Nanos for which a just-changed entry does not change its address again. */
  lockTime: Nanos;
  /** Nanos within which a proxied solicitation is answered. */
  proxyDelay: Nanos = 800 * MS;
  /** Nanos within which a solicitation of an anycast address is answered. */
  anycastDelay: Nanos = SEC;
  ucastProbes = 3;
  mcastProbes = 3;
  mcastReprobes = 0;
  appProbes = 0;
  /** Bytes of packets that may wait for one neighbour. */
  queueLenBytes = 212_992;
  proxyQueueLen = 64;
  #reachableTime: Nanos = 0;
  #lastDraw: Nanos = 0;
  readonly #random: RandomStream;

  /** @param lockTime Nanos; one second for ARP, none for neighbour discovery */
  constructor(random: RandomStream, lockTime: Nanos) {
    this.#random = random;
    this.lockTime = lockTime;
  }

  /** Nanos for which a confirmation holds; drawn anew from time to time. RFC 4861 section 6.3.2 */
  get reachableTime(): Nanos {
    if (this.#reachableTime === 0) this.#draw();
    return this.#reachableTime;
  }

  #draw(): void {
    this.#reachableTime = Math.floor(this.baseReachableTime * (0.5 + this.#random.fraction()));
  }

  /** Sets the base and draws a new reachable time from it. */
  setBaseReachableTime(base: Nanos): void {
    this.baseReachableTime = base;
    this.#draw();
  }

  /** Draws a new reachable time if the last is 300 s old. `neigh_periodic_work()` */
  age(now: Nanos): void {
    if (now - this.#lastDraw < 300 * SEC) return;
    this.#lastDraw = now;
    this.#draw();
  }

  /** The same for another device. `neigh_parms_alloc()` */
  copy(): NeighParams {
    const copy = new NeighParams(this.#random, this.lockTime);
    copy.baseReachableTime = this.baseReachableTime;
    copy.retransTime = this.retransTime;
    copy.delayProbeTime = this.delayProbeTime;
    copy.gcStaleTime = this.gcStaleTime;
    copy.proxyDelay = this.proxyDelay;
    copy.anycastDelay = this.anycastDelay;
    copy.ucastProbes = this.ucastProbes;
    copy.mcastProbes = this.mcastProbes;
    copy.mcastReprobes = this.mcastReprobes;
    copy.appProbes = this.appProbes;
    copy.queueLenBytes = this.queueLenBytes;
    copy.proxyQueueLen = this.proxyQueueLen;
    return copy;
  }
}
