/**
 * Multicast listener discovery, host side: RFC 3810 (MLDv2). Each join and leave is reported at once and
 * once more within `mldv2_unsolicited_report_interval`; when a device's first link-local address becomes
 * usable, all groups are reported again from it, since switches may not trust reports from `::`.
 *
 * Linux net/ipv6/mcast.c.
 * @deviation MLDv1 queriers are answered with MLDv2 reports.
 */
import {
  IPV6_ALL_NODES,
  IPV6_ALL_ROUTERS,
  IPV6_ANY,
  type Ipv6Addr,
  ipv6,
  sameIpv6,
} from '@labwire/core/addr';
import { insertAt, removeAt } from '@labwire/core/list';
import { MS, type Nanos, Timer, type TimerOwner } from '@labwire/core/sim';
import {
  fillIcmpv6Checksum,
  IPPROTO_HOPOPTS,
  IPPROTO_ICMPV6,
  MLD2_CHANGE_TO_EXCLUDE,
  MLD2_CHANGE_TO_INCLUDE,
  MLD2_MODE_IS_EXCLUDE,
  type Mld2Record,
  mld2ReportLength,
  ROUTER_ALERT_HLEN,
  writeMld2Report,
  writeRouterAlert,
} from '@labwire/core/wire';
import { mcAdd, mcDel } from '../link/mc-list.ts';
import { ARPHRD_ETHER } from '../link/net-device.ts';
import type { Inet6Dev } from './inet6-dev.ts';
import { newIp6Skb } from './ip6-build.ts';
import type { Ipv6 } from './ipv6.ts';
import { multicastMac6 } from './nd-resolver.ts';

/** All MLDv2-capable routers. RFC 3810 section 5.2.14 */
const ALL_MLDV2_ROUTERS = ipv6(0xff020000, 0, 0, 0x16);
/** All nodes, of interface-local scope. RFC 4291 section 2.7.1 */
const NODE_LOCAL_ALL_NODES = ipv6(0xff010000, 0, 0, 1);
/** RFC 4291 section 2.7: link-local scope. */
const SCOPE_LINK = 2;
/** How often a change is reported: the robustness variable. RFC 3810 section 9.1 */
const ROBUSTNESS = 2;
/** What fits into the smallest MTU. */
const MAX_RECORDS = 60;

/** A group that a device has joined, or has just left. Linux `struct ifmcaddr6`. */
export interface McastGroup {
  readonly addr: Ipv6Addr;
  /** How often it was joined; 0 once left. */
  users: number;
  /** Reports of the last change still to be sent. */
  reportsLeft: number;
  /** The device listens to its address. MAF_LOADED */
  loaded: boolean;
}

/** Timers of {@link Inet6Groups}: changes are to be reported, a query is to be answered. */
const CHANGES = 0;
const ANSWER = 1;

const NO_GROUPS: readonly McastGroup[] = [];

/** The groups of one device, and the timers of their reports. */
export class Inet6Groups implements TimerOwner {
  /** The latest first. */
  joined: McastGroup[] = [];
  /** Those whose leaving is still to be reported. */
  left: readonly McastGroup[] = NO_GROUPS;
  readonly #ip6: Ipv6;
  readonly #idev: Inet6Dev;
  #changes: Timer | null = null;
  #answer: Timer | null = null;

  constructor(ip6: Ipv6, idev: Inet6Dev) {
    this.#ip6 = ip6;
    this.#idev = idev;
  }

  /** Reports changes in `delay`. */
  reportIn(delay: Nanos): void {
    this.#changes ??= new Timer(this.#ip6.netns.sim, this, CHANGES);
    this.#changes.arm(delay);
  }

  /** Whether a query is going to be answered. */
  get answering(): boolean {
    return this.#answer?.armed === true;
  }

  /** Answers a query in `delay`. */
  answerIn(delay: Nanos): void {
    this.#answer ??= new Timer(this.#ip6.netns.sim, this, ANSWER);
    this.#answer.arm(delay);
  }

  /** The device is down: nothing more is reported, and with `unload` it listens to none. `ipv6_mc_down()` */
  stop(unload: boolean): void {
    if (unload) for (const g of this.joined) setLoaded(this.#idev, g, false);
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

/** Whether a group is ever reported: not all-nodes, nor one that stays on the node. RFC 3810 section 6 */
function isReported(group: Ipv6Addr): boolean {
  return !sameIpv6(group, IPV6_ALL_NODES) && ((group.w0 >>> 16) & 15) > 1;
}

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
    if (idev.conf.forwarding !== 0) this.join(idev, IPV6_ALL_ROUTERS);
  }

  /** Joins a group. `ipv6_dev_mc_inc()` */
  join(idev: Inet6Dev, addr: Ipv6Addr, silently = false): void {
    const known = idev.groups.joined.find((g) => sameIpv6(g.addr, addr));
    if (known !== undefined) {
      known.users++;
      return;
    }
    const group: McastGroup = { addr, users: 1, reportsLeft: 0, loaded: false };
    idev.groups.joined = insertAt(idev.groups.joined, 0, group);
    setLoaded(idev, group, true);
    if (!silently && isReported(addr)) this.#change(idev, group);
  }

  /** Leaves a group. `ipv6_dev_mc_dec()` */
  leave(idev: Inet6Dev, addr: Ipv6Addr, report = true): void {
    const i = idev.groups.joined.findIndex((g) => sameIpv6(g.addr, addr));
    const group = idev.groups.joined[i];
    if (group === undefined || --group.users > 0) return;
    idev.groups.joined = removeAt(idev.groups.joined, i);
    setLoaded(idev, group, false);
    if (!report || !isReported(addr)) return;
    idev.groups.left = [...idev.groups.left, group];
    this.#change(idev, group);
  }

  #change(idev: Inet6Dev, group: McastGroup): void {
    group.reportsLeft = ROBUSTNESS;
    if (idev.ready) idev.groups.reportIn(MS);
  }

  /** The device has become ready: what was joined before is reported now. `ipv6_mc_up()` */
  deviceReady(idev: Inet6Dev): void {
    for (const g of idev.groups.joined) {
      setLoaded(idev, g, true);
      if (isReported(g.addr)) this.#change(idev, g);
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
    for (const g of idev.groups.joined) if (isReported(g.addr)) g.reportsLeft = ROBUSTNESS;
    this.reportChanges(idev);
  }

  /** Answers a query within `maxDelay`. RFC 3810 section 5.1.14 */
  answerQuery(idev: Inet6Dev, maxDelayMs: number): void {
    if (idev.groups.answering) return;
    idev.groups.answerIn((1 + this.#ip6.netns.kernel.random.below(Math.max(1, maxDelayMs))) * MS);
  }

  /** @internal The timer of a device's changes has expired. */
  reportChanges(idev: Inet6Dev): void {
    if (!idev.ready) return;
    const { joined, left } = idev.groups;
    const news = joined.filter((g) => g.reportsLeft > 0);
    const gone = left.filter((g) => g.reportsLeft > 0);
    if (news.length + gone.length === 0) return;
    this.#send(idev, [
      ...gone.map((g) => record(MLD2_CHANGE_TO_INCLUDE, g)),
      ...news.map((g) => record(MLD2_CHANGE_TO_EXCLUDE, g)),
    ]);
    for (const g of [...news, ...gone]) g.reportsLeft--;
    const rest = left.filter((g) => g.reportsLeft > 0);
    idev.groups.left = rest.length === 0 ? NO_GROUPS : rest;
    if (news.some((g) => g.reportsLeft > 0) || rest.length > 0) {
      const within = idev.conf.mldv2_unsolicited_report_interval;
      idev.groups.reportIn((1 + this.#ip6.netns.kernel.random.below(within)) * MS);
    }
  }

  /** @internal A query is to be answered now. */
  reportState(idev: Inet6Dev): void {
    const groups = idev.groups.joined.filter((g) => isReported(g.addr));
    if (idev.ready && groups.length > 0)
      this.#send(
        idev,
        groups.map((g) => record(MLD2_MODE_IS_EXCLUDE, g)),
      );
  }

  /** One report. RFC 3810 section 5.2 */
  #send(idev: Inet6Dev, records: readonly Mld2Record[]): void {
    const some = records.slice(0, MAX_RECORDS);
    const src = idev.linkLocal()?.addr ?? IPV6_ANY;
    const len = ROUTER_ALERT_HLEN + mld2ReportLength(some);
    const skb = newIp6Skb(len, src, ALL_MLDV2_ROUTERS, IPPROTO_HOPOPTS, 1);
    writeRouterAlert(skb.buf, skb.th, IPPROTO_ICMPV6);
    skb.th += ROUTER_ALERT_HLEN;
    writeMld2Report(skb.buf, skb.th, some);
    fillIcmpv6Checksum(skb.buf, skb.th, skb.tail, src, ALL_MLDV2_ROUTERS);
    this.#ip6.xmitMulticast(skb, idev.dev, ALL_MLDV2_ROUTERS);
  }
}

function record(type: number, group: McastGroup): Mld2Record {
  return { type, group: group.addr, sources: [] };
}

/**
 * Makes the device listen to a group, or no longer, if it is one that leaves the machine.
 * `igmp6_group_added()`, `igmp6_group_dropped()`
 */
function setLoaded(idev: Inet6Dev, group: McastGroup, loaded: boolean): void {
  if (group.loaded === loaded || ((group.addr.w0 >>> 16) & 0xf) < SCOPE_LINK) return;
  if (idev.dev.arphrd !== ARPHRD_ETHER) return;
  group.loaded = loaded;
  const mac = multicastMac6(group.addr);
  if (loaded) mcAdd(idev.dev, mac);
  else mcDel(idev.dev, mac);
}
