/**
 * Membership reports of one device: RFC 3376, host side. Joining and leaving is told unasked, `igmp_qrv` times; queries
 * are answered some time within what they allow, in the version of the oldest querier heard.
 * Linux net/ipv4/igmp.c.
 */
import { type Nanos, SEC, Timer, type TimerOwner } from '@labwire/core/sim';
import { PACKET_MULTICAST, type SkBuff } from '@labwire/core/skb';
import {
  checksumOk,
  IGMP_LEAVE,
  IGMP_QUERY,
  IGMPV1_REPORT,
  IGMPV2_REPORT,
  IGMPV3_CHANGE_TO_EXCLUDE,
  IGMPV3_CHANGE_TO_INCLUDE,
  IGMPV3_MODE_IS_EXCLUDE,
  type Igmp3Record,
  type IgmpFields,
  igmp3Code,
  readIgmp,
} from '@labwire/core/wire';
import { usedAddrs } from '../../link/user-counts.ts';
import type { InDevice } from '../in-device.ts';
import type { Ipv4 } from '../ipv4.ts';
import { IgmpGroup } from './igmp-group.ts';
import { sendIgmp, sendIgmp3Report } from './send.ts';

/** 224.0.0.1, which nobody reports. */
const ALL_HOSTS = 0xe000_0001 | 0;
/** The tick of the kernel's clock. CONFIG_HZ */
const TICK: Nanos = SEC / 250;
const TICKS_PER_SECOND = 250;
/** What a timer waits beside what chance says. */
const LEAST_TICKS = 2;
/** IGMP_QUERY_INTERVAL and IGMP_QUERY_RESPONSE_INTERVAL */
const QUERY_INTERVAL: Nanos = 125 * SEC;
const QUERY_RESPONSE_INTERVAL: Nanos = 10 * SEC;
const QUERY_RESPONSE_TICKS = 10 * TICKS_PER_SECOND;
/** Ticks of a max resp code's tenth of a second. */
const TICKS_PER_TENTH = TICKS_PER_SECOND / 10;

const CHANGES = 0;
const GENERAL = 1;

/** Whether only this link's machines are in a group: 224.0.0.0/24. */
const isLinkLocal = (group: number): boolean => group >>> 8 === 0xe00000;

/** What a device has to report, and who asked. Linux `struct in_device`, mr_* */
export class Igmp implements TimerOwner {
  readonly ip: Ipv4;
  readonly #idev: InDevice;
  readonly #changes: Timer;
  readonly #general: Timer;
  readonly #groups = new Map<number, IgmpGroup>();
  /** Groups whose leaving is still to be reported, the latest first. `mc_tomb` */
  #left: { readonly group: number; left: number }[] = [];
  #reportsLeft = 0;
  // Until when queriers of old versions count as there, and what the last one of version 3 said.
  #v1Until: Nanos = -1;
  #v2Until: Nanos = -1;
  #robustness = 0;
  #queryInterval = QUERY_INTERVAL;
  #responseInterval = QUERY_RESPONSE_INTERVAL;

  constructor(ip: Ipv4, idev: InDevice) {
    this.ip = ip;
    this.#idev = idev;
    this.#changes = new Timer(ip.netns.sim, this, CHANGES);
    this.#general = new Timer(ip.netns.sim, this, GENERAL);
  }

  /** The version that it speaks. IGMP_V1_SEEN(), IGMP_V2_SEEN() */
  get version(): 1 | 2 | 3 {
    const { now } = this.ip.netns.sim;
    const forced = this.#idev.forceIgmpVersion;
    if (forced === 1 || now < this.#v1Until) return 1;
    return forced === 2 || now < this.#v2Until ? 2 : 3;
  }

  /** What it knows of a group beside that it is in it; undefined if nothing. */
  state(group: number): IgmpGroup | undefined {
    return this.#groups.get(group);
  }

  /** How far unasked reports are apart at most. `unsolicited_report_interval()` */
  get unsolicitedTicks(): number {
    const { conf } = this.#idev;
    const ms =
      this.version === 3
        ? conf.igmpv3_unsolicited_report_interval
        : conf.igmpv2_unsolicited_report_interval;
    return Math.max(1, Math.ceil(ms / 4));
  }

  /** Some time within `max` ticks. */
  randomDelay(max: number): Nanos {
    return (this.ip.netns.kernel.random.below(max) + LEAST_TICKS) * TICK;
  }

  /** Whether a timer expires within `max` ticks. */
  isDueWithin(timer: Timer, max: number): boolean {
    return timer.armed && timer.deadline - this.ip.netns.sim.now < max * TICK;
  }

  /** A group was joined. `igmp_group_added()` */
  joined(group: number): void {
    if (!this.#isReported(group)) return;
    this.#left = this.#left.filter((l) => l.group !== group);
    const state = this.#stateOf(group);
    const { igmp_qrv } = this.ip.conf;
    state.unsolicited = igmp_qrv;
    if (this.version < 3) {
      state.start(1);
      return;
    }
    state.changesLeft = this.#robustness || igmp_qrv;
    this.#changed();
  }

  /** A group was left. `igmp_group_dropped()` */
  dropped(group: number): void {
    const state = this.#groups.get(group);
    const wasReporter = state?.reporter === true;
    state?.stop();
    this.#groups.delete(group);
    if (!this.#isReported(group)) return;
    const { version } = this;
    if (version === 2 && wasReporter) sendIgmp(this.ip, this.#idev.dev, IGMP_LEAVE, group);
    if (version < 3) return;
    this.#left = [
      { group, left: this.#robustness || this.ip.conf.igmp_qrv },
      ...this.#left.filter((l) => l.group !== group),
    ];
    this.#changed();
  }

  /** The device is down: nothing is reported any more. `ip_mc_down()` */
  stop(): void {
    for (const state of this.#groups.values()) state.stop();
    this.#groups.clear();
    this.#left = [];
    this.#reportsLeft = 0;
    this.#changes.cancel();
    this.#general.cancel();
  }

  /** Takes in a message; the packet stays the caller's. `igmp_rcv()` */
  receive(skb: SkBuff): void {
    const { buf, th, tail } = skb;
    if (!checksumOk(buf, th, tail - th)) return;
    const message = readIgmp(buf, th, tail);
    if (message === undefined) return;
    const { type, group } = message;
    if (type === IGMP_QUERY) this.#heardQuery(message);
    else if (type === IGMPV1_REPORT || type === IGMPV2_REPORT) {
      if (skb.pktType === PACKET_MULTICAST && group !== ALL_HOSTS) this.#groups.get(group)?.stop();
    }
  }

  /** Reports one group in the version of now. `igmp_send_report()` */
  report(state: IgmpGroup): void {
    const { group } = state;
    const { dev } = this.#idev;
    if (this.version === 1) sendIgmp(this.ip, dev, IGMPV1_REPORT, group);
    else if (this.version === 2) sendIgmp(this.ip, dev, IGMPV2_REPORT, group);
    else sendIgmp3Report(this.ip, dev, [{ type: IGMPV3_MODE_IS_EXCLUDE, group }]);
  }

  onTimer(kind: number): void {
    if (kind === GENERAL) this.#reportAll();
    else this.#reportChanges();
  }

  #isReported(group: number): boolean {
    if (group === ALL_HOSTS) return false;
    return this.ip.conf.igmp_link_local_mcast_reports !== 0 || !isLinkLocal(group);
  }

  #stateOf(group: number): IgmpGroup {
    let state = this.#groups.get(group);
    if (state === undefined) {
      state = new IgmpGroup(this, group);
      this.#groups.set(group, state);
    }
    return state;
  }

  /** Reported groups of the device, the latest first. */
  #reported(): number[] {
    return usedAddrs(this.#idev.groups)
      .filter((g) => this.#isReported(g))
      .reverse();
  }

  /** `igmp_ifc_event()` */
  #changed(): void {
    this.#reportsLeft = this.#robustness || this.ip.conf.igmp_qrv;
    this.#changes.arm(this.randomDelay(1));
  }

  /** `igmp_ifc_timer_expire()`, `igmpv3_send_cr()` */
  #reportChanges(): void {
    const records: Igmp3Record[] = [];
    for (const change of this.#left) {
      records.push({ type: IGMPV3_CHANGE_TO_INCLUDE, group: change.group });
      change.left--;
    }
    this.#left = this.#left.filter((c) => c.left > 0);
    for (const group of this.#reported()) {
      const state = this.#groups.get(group);
      if (state === undefined || state.changesLeft === 0) continue;
      records.push({ type: IGMPV3_CHANGE_TO_EXCLUDE, group });
      state.changesLeft--;
    }
    sendIgmp3Report(this.ip, this.#idev.dev, records);
    if (--this.#reportsLeft > 0) this.#changes.arm(this.randomDelay(this.unsolicitedTicks));
  }

  /** Answers a general query. `igmp_gq_timer_expire()` */
  #reportAll(): void {
    const records = this.#reported().map((group) => ({ type: IGMPV3_MODE_IS_EXCLUDE, group }));
    sendIgmp3Report(this.ip, this.#idev.dev, records);
  }

  /** `igmp_heard_query()` */
  #heardQuery({ code, group, v3 }: IgmpFields): void {
    if (v3 === undefined) {
      this.#heardOldQuery(code, group);
      return;
    }
    const { version } = this;
    if (version === 1) this.#queryGroups(0, QUERY_RESPONSE_TICKS);
    else if (version === 2) this.#queryGroups(group, ticksOf(igmp3Code(code)));
    else this.#heardQuery3(code, group, v3);
  }

  /** One of version 1 (which allows no time) or 2. */
  #heardOldQuery(code: number, group: number): void {
    const robustness = this.#robustness || this.ip.conf.igmp_qrv;
    const until = this.ip.netns.sim.now + robustness * this.#queryInterval + this.#responseInterval;
    if (code === 0) this.#v1Until = until;
    else this.#v2Until = until;
    this.#reportsLeft = 0;
    this.#changes.cancel();
    this.#left = [];
    if (code === 0) this.#queryGroups(0, QUERY_RESPONSE_TICKS);
    else this.#queryGroups(group, code * TICKS_PER_TENTH);
  }

  #heardQuery3(code: number, group: number, v3: NonNullable<IgmpFields['v3']>): void {
    const max = ticksOf(igmp3Code(code));
    this.#robustness = v3.flags & 7;
    const interval = igmp3Code(v3.qqic) * SEC;
    this.#queryInterval = interval === 0 ? QUERY_INTERVAL : interval;
    if (this.#responseInterval >= this.#queryInterval)
      this.#responseInterval = this.#queryInterval - SEC;
    if (group !== 0) {
      this.#queryGroups(group, max);
      return;
    }
    if (v3.sources.length > 0) return;
    const delay = this.randomDelay(max);
    const { armed, deadline } = this.#general;
    if (!armed || this.ip.netns.sim.now + delay < deadline) this.#general.arm(delay);
  }

  /** Starts the timers of one group, or with 0 of all. */
  #queryGroups(group: number, max: number): void {
    for (const joined of this.#reported())
      if (group === 0 || group === joined) this.#stateOf(joined).query(max);
  }
}

/** Ticks of tenths of a second, at least one. */
function ticksOf(tenths: number): number {
  return Math.max(1, tenths * TICKS_PER_TENTH);
}
