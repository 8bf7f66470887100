/**
 * Multicast listener discovery, host side: RFC 3810 (MLDv2). Each join and leave is reported at once and
 * once more within `mldv2_unsolicited_report_interval`; when a device's first link-local address becomes
 * usable, all groups are reported again from it, since switches may not trust reports from `::`. Queries are answered some
 * time within what they allow, and as long as a querier of version 1 is there in that version (RFC 2710).
 *
 * Linux net/ipv6/mcast.c.
 */
import {
  IPV6_ALL_NODES,
  IPV6_ALL_ROUTERS,
  IPV6_ANY,
  type Ipv6Addr,
  ipv6,
  isMulticast6,
  sameIpv6,
} from '@labwire/core/addr';
import { insertAt, removeAt } from '@labwire/core/list';
import { MS, type Nanos, SEC } from '@labwire/core/sim';
import {
  ICMPV6_MGM_REDUCTION,
  ICMPV6_MGM_REPORT,
  igmp3Code,
  MLD2_CHANGE_TO_EXCLUDE,
  MLD2_CHANGE_TO_INCLUDE,
  MLD2_MODE_IS_EXCLUDE,
  type Mld2Record,
  type MldFields,
  mld2MaxDelay,
} from '@labwire/core/wire';
import type { Inet6Dev } from '../inet6-dev.ts';
import type { Ipv6 } from '../ipv6.ts';
import { isReported, McastGroup } from './group.ts';
import { sendMld, sendMld2Report } from './send.ts';

/** All nodes, of interface-local scope. RFC 4291 section 2.7.1 */
const NODE_LOCAL_ALL_NODES = ipv6(0xff010000, 0, 0, 1);
/** The tick of the kernel's clock. CONFIG_HZ */
const TICK: Nanos = SEC / 250;
/** What answers to general queries wait beside what chance says. */
const LEAST_TICKS = 2;
/** What a code that is linear stands for at most. MLDV1_MRD_MAX_COMPAT */
const MAX_LINEAR_DELAY = 0x7fff;

/** Group membership of one namespace's devices. */
export class Mcast {
  readonly #ip6: Ipv6;

  constructor(ip6: Ipv6) {
    this.#ip6 = ip6;
  }

  /** What a device joins by itself. `ipv6_add_dev()` */
  joinInitial(idev: Inet6Dev): void {
    this.join(idev, NODE_LOCAL_ALL_NODES);
    this.join(idev, IPV6_ALL_NODES);
    if (idev.conf.forwarding !== 0 && idev.hasMulticast) this.join(idev, IPV6_ALL_ROUTERS);
  }

  /** Joins a group. `ipv6_dev_mc_inc()` */
  join(idev: Inet6Dev, addr: Ipv6Addr, silently = false): void {
    const known = idev.groups.joined.find((g) => sameIpv6(g.addr, addr));
    if (known !== undefined) {
      known.users++;
      return;
    }
    const group = new McastGroup(this.#ip6, idev, addr);
    idev.groups.joined = insertAt(idev.groups.joined, 0, group);
    group.setLoaded(true);
    if (!silently && isReported(addr)) this.#added(idev, group);
  }

  /** Leaves a group. `ipv6_dev_mc_dec()` */
  leave(idev: Inet6Dev, addr: Ipv6Addr, report = true): void {
    const i = idev.groups.joined.findIndex((g) => sameIpv6(g.addr, addr));
    const group = idev.groups.joined[i];
    if (group === undefined || --group.users > 0) return;
    idev.groups.joined = removeAt(idev.groups.joined, i);
    group.setLoaded(false);
    group.stop();
    if (report && isReported(addr)) this.#dropped(idev, group);
  }

  /** `igmp6_group_added()` */
  #added(idev: Inet6Dev, group: McastGroup): void {
    if (idev.groups.inV1Mode) this.#joinV1(idev, group);
    else this.#changed(idev, group);
  }

  /** `igmp6_leave_group()` */
  #dropped(idev: Inet6Dev, group: McastGroup): void {
    if (idev.groups.inV1Mode) {
      if (group.lastReporter && idev.ready)
        sendMld(this.#ip6, idev, ICMPV6_MGM_REDUCTION, group.addr);
      return;
    }
    idev.groups.left = [...idev.groups.left, group];
    this.#changed(idev, group);
  }

  /** `igmp6_join_group()` */
  #joinV1(idev: Inet6Dev, group: McastGroup): void {
    if (!idev.ready) return;
    sendMld(this.#ip6, idev, ICMPV6_MGM_REPORT, group.addr);
    group.reportIn(this.#within(idev.conf.mldv1_unsolicited_report_interval));
    group.lastReporter = true;
  }

  #changed(idev: Inet6Dev, group: McastGroup): void {
    group.reportsLeft = idev.groups.told.robustness;
    if (idev.ready) idev.groups.reportIn(MS);
  }

  /** Some time within so many milliseconds. */
  #within(ms: number): Nanos {
    return (1 + this.#ip6.netns.kernel.random.below(Math.max(1, ms))) * MS;
  }

  /** The device has become ready: what was joined before is reported now. `ipv6_mc_up()` */
  deviceReady(idev: Inet6Dev): void {
    for (const g of idev.groups.joined) {
      g.setLoaded(true);
      if (isReported(g.addr)) this.#added(idev, g);
    }
  }

  /** Whether the device listens to a group. `ipv6_chk_mcast_addr()` */
  isJoined(idev: Inet6Dev, addr: Ipv6Addr): boolean {
    const { joined } = idev.groups;
    for (let i = 0; i < joined.length; i++)
      if (sameIpv6((joined[i] as McastGroup).addr, addr)) return true;
    return false;
  }

  /** Reports all groups as new, now. `ipv6_mc_dad_complete()` */
  reportAll(idev: Inet6Dev): void {
    if (idev.groups.inV1Mode) return;
    for (const g of idev.groups.joined)
      if (isReported(g.addr)) g.reportsLeft = idev.groups.told.robustness;
    this.reportChanges(idev);
  }

  /** A query has come in. `__mld_query_work()` */
  heardQuery(idev: Inet6Dev, query: MldFields): void {
    const { group, v2, maxDelay } = query;
    const isGeneral = sameIpv6(group, IPV6_ANY);
    if (!isGeneral && !isMulticast6(group)) return;
    const { groups } = idev;
    if (v2 === undefined || groups.inV1Mode) {
      if (groups.forcedVersion === 2) return;
      groups.enterV1Mode();
      this.#queryGroups(
        idev,
        isGeneral ? null : group,
        v2 === undefined ? maxDelay : Math.min(maxDelay, MAX_LINEAR_DELAY),
      );
      return;
    }
    this.#learnQuerier(idev, v2);
    const delay = mld2MaxDelay(maxDelay);
    if (!isGeneral) this.#queryGroups(idev, group, delay);
    else if (v2.sources.length === 0)
      groups.answerIn((this.#ip6.netns.kernel.random.below(ticksOf(delay)) + LEAST_TICKS) * TICK);
  }

  /** `mld_update_qrv()`, `mld_update_qi()`, `mld_update_qri()` */
  #learnQuerier({ groups }: Inet6Dev, v2: NonNullable<MldFields['v2']>): void {
    const { told } = groups;
    const robustness = v2.flags & 7 || told.robustness;
    const queryInterval = igmp3Code(v2.qqic) * SEC || told.queryInterval;
    if (robustness !== told.robustness || queryInterval !== told.queryInterval)
      groups.told = { robustness, queryInterval };
  }

  /** Reports one group, or with null each, some time within what a query allows. `igmp6_group_queried()` */
  #queryGroups(idev: Inet6Dev, addr: Ipv6Addr | null, maxMs: number): void {
    const max = ticksOf(maxMs);
    const { now } = this.#ip6.netns.sim;
    for (const g of idev.groups.joined) {
      if (!isReported(g.addr) || (addr !== null && !sameIpv6(g.addr, addr))) continue;
      if (g.deadline >= 0 && g.deadline - now < max * TICK) continue;
      g.reportIn(this.#ip6.netns.kernel.random.below(max) * TICK);
    }
  }

  /** Somebody on the link has reported a group in version 1. `igmp6_event_report()` */
  heardReport(idev: Inet6Dev, addr: Ipv6Addr): void {
    const group = idev.groups.joined.find((g) => sameIpv6(g.addr, addr));
    if (group === undefined) return;
    group.stop();
    group.lastReporter = false;
  }

  /** @internal The timer of a group has expired. */
  reportGroup(idev: Inet6Dev, group: McastGroup): void {
    if (!idev.ready) return;
    if (idev.groups.inV1Mode) sendMld(this.#ip6, idev, ICMPV6_MGM_REPORT, group.addr);
    else sendMld2Report(this.#ip6, idev, [record(MLD2_MODE_IS_EXCLUDE, group)]);
  }

  /** @internal The timer of a device's changes has expired. */
  reportChanges(idev: Inet6Dev): void {
    if (!idev.ready) return;
    const { groups } = idev;
    const news = groups.joined.filter((g) => g.reportsLeft > 0);
    const gone = groups.left.filter((g) => g.reportsLeft > 0);
    if (news.length + gone.length === 0) return;
    sendMld2Report(this.#ip6, idev, [
      ...gone.map((g) => record(MLD2_CHANGE_TO_INCLUDE, g)),
      ...news.map((g) => record(MLD2_CHANGE_TO_EXCLUDE, g)),
    ]);
    for (const g of [...news, ...gone]) g.reportsLeft--;
    groups.left = groups.left.filter((g) => g.reportsLeft > 0);
    if (news.some((g) => g.reportsLeft > 0) || groups.left.length > 0)
      groups.reportIn(this.#within(idev.conf.mldv2_unsolicited_report_interval));
  }

  /** @internal A general query is to be answered now. */
  reportState(idev: Inet6Dev): void {
    const reported = idev.groups.joined.filter((g) => isReported(g.addr));
    if (idev.ready && reported.length > 0)
      sendMld2Report(
        this.#ip6,
        idev,
        reported.map((g) => record(MLD2_MODE_IS_EXCLUDE, g)),
      );
  }
}

function ticksOf(ms: number): number {
  return Math.max(1, Math.ceil(ms / 4));
}

function record(type: number, group: McastGroup): Mld2Record {
  return { type, group: group.addr, sources: [] };
}
