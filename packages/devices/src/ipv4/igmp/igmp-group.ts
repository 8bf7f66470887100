import { type Nanos, Timer, type TimerOwner } from '@labwire/core/sim';
import type { Igmp } from './igmp.ts';

/** One group of a device, and when it is to be reported by itself. Linux `struct ip_mc_list`. */
export class IgmpGroup implements TimerOwner {
  readonly group: number;
  readonly #igmp: Igmp;
  readonly #timer: Timer;
  /** Unasked reports of versions 1 and 2 that are still to be sent. */
  unsolicited = 0;
  /** Was the last to report it. */
  reporter = false;
  /** Reports of version 3 that still say that it was joined. `crcount` */
  changesLeft = 0;

  constructor(igmp: Igmp, group: number) {
    this.#igmp = igmp;
    this.group = group;
    this.#timer = new Timer(igmp.ip.netns.sim, this, 0);
  }

  /** When it is reported, Nanos; -1 if nobody asked. */
  get deadline(): Nanos {
    return this.#timer.deadline;
  }

  /** Reports it some time within `max` ticks. `igmp_start_timer()` */
  start(max: number): void {
    this.#timer.arm(this.#igmp.randomDelay(max));
  }

  /** Reports it within `max` ticks, unless it will be sooner. `igmp_mod_timer()` */
  query(max: number): void {
    this.unsolicited = 0;
    if (!this.#igmp.isDueWithin(this.#timer, max)) this.start(max);
  }

  /** Somebody else has reported it, or it was left. `igmp_stop_timer()` */
  stop(): void {
    this.#timer.cancel();
    this.reporter = false;
    this.unsolicited = 0;
  }

  /** `igmp_timer_expire()` */
  onTimer(): void {
    if (this.unsolicited > 0 && --this.unsolicited > 0) this.start(this.#igmp.unsolicitedTicks);
    this.reporter = true;
    this.#igmp.report(this);
  }
}
