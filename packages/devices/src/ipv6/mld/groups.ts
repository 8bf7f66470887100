import { type Nanos, SEC, Timer, type TimerOwner } from '@labwire/core/sim';
import type { Inet6Dev } from '../inet6-dev.ts';
import type { Ipv6 } from '../ipv6.ts';
import type { McastGroup } from './group.ts';

/** Timers of {@link Inet6Groups}: changes are to be reported, a general query is to be answered. */
const CHANGES = 0;
const ANSWER = 1;

/** MLD_QI_DEFAULT and MLD_QRI_DEFAULT. RFC 3810 section 9 */
const QUERY_INTERVAL: Nanos = 125 * SEC;
const QUERY_RESPONSE_INTERVAL: Nanos = 10 * SEC;
/** How often a change is reported: the robustness variable. RFC 3810 section 9.1 */
const ROBUSTNESS = 2;

/** What the last querier said. Replaced, never changed in place. */
export interface QuerierTold {
  /** How often a change is reported: the robustness variable. */
  readonly robustness: number;
  readonly queryInterval: Nanos;
}

/** Shared by the devices that have heard of none: most. */
const UNTOLD: QuerierTold = Object.freeze({
  robustness: ROBUSTNESS,
  queryInterval: QUERY_INTERVAL,
});

const NO_GROUPS: readonly McastGroup[] = [];

/** The groups of one device, the timers of their reports, and what queriers said. Linux `struct inet6_dev`, mc_* */
export class Inet6Groups implements TimerOwner {
  /** The latest first. */
  joined: McastGroup[] = [];
  /** Those whose leaving is still to be reported. */
  left: readonly McastGroup[] = NO_GROUPS;
  told: QuerierTold = UNTOLD;
  /** Until when a querier of version 1 counts as there. */
  #v1Until: Nanos = -1;
  readonly #ip6: Ipv6;
  readonly #idev: Inet6Dev;
  #changes: Timer | null = null;
  #answer: Timer | null = null;

  constructor(ip6: Ipv6, idev: Inet6Dev) {
    this.#ip6 = ip6;
    this.#idev = idev;
  }

  /** The version that it was told to speak; 0 for that of the querier. `mld_force_mld_version()` */
  get forcedVersion(): number {
    return this.#ip6.confAll.force_mld_version || this.#idev.conf.force_mld_version;
  }

  /** Whether it speaks version 1. `mld_in_v1_mode()` */
  get inV1Mode(): boolean {
    const forced = this.forcedVersion;
    return forced === 0 ? this.#ip6.netns.sim.now < this.#v1Until : forced === 1;
  }

  /** A querier of version 1 was heard. `mld_process_v1()` */
  enterV1Mode(): void {
    const { robustness, queryInterval } = this.told;
    this.#v1Until = this.#ip6.netns.sim.now + robustness * queryInterval + QUERY_RESPONSE_INTERVAL;
    this.#answer?.cancel();
    this.#changes?.cancel();
    this.left = NO_GROUPS;
  }

  /** Reports changes in `delay`. */
  reportIn(delay: Nanos): void {
    this.#changes ??= new Timer(this.#ip6.netns.sim, this, CHANGES);
    this.#changes.arm(delay);
  }

  /** Answers a general query in `delay`. */
  answerIn(delay: Nanos): void {
    this.#answer ??= new Timer(this.#ip6.netns.sim, this, ANSWER);
    this.#answer.arm(delay);
  }

  /** The device is down: nothing more is reported, and with `unload` it listens to none. `ipv6_mc_down()` */
  stop(unload: boolean): void {
    for (const g of this.joined) {
      if (unload) g.setLoaded(false);
      g.stop();
    }
    this.#changes?.cancel();
    this.#answer?.cancel();
    this.left = NO_GROUPS;
  }

  onTimer(kind: number): void {
    const { mcast } = this.#ip6;
    if (kind === CHANGES) {
      this.#changes = null;
      mcast.reportChanges(this.#idev);
    } else {
      this.#answer = null;
      mcast.reportState(this.#idev);
    }
  }
}
