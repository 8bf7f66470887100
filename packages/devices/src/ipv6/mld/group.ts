import { IPV6_ALL_NODES, type Ipv6Addr, sameIpv6 } from '@labwire/core/addr';
import { type Nanos, Timer, type TimerOwner } from '@labwire/core/sim';
import { mcAdd, mcDel } from '../../link/mc-list.ts';
import { ARPHRD_ETHER } from '../../link/net-device.ts';
import type { Inet6Dev } from '../inet6-dev.ts';
import type { Ipv6 } from '../ipv6.ts';
import { multicastMac6 } from '../nd-resolver.ts';

/** RFC 4291 section 2.7: link-local scope. */
const SCOPE_LINK = 2;

/** The scope field of a group's address. */
const scopeOf = (group: Ipv6Addr): number => (group.w0 >>> 16) & 0xf;

/** Whether a group is ever reported: not all-nodes, nor one that stays on the node. RFC 3810 section 6 */
export function isReported(group: Ipv6Addr): boolean {
  return !sameIpv6(group, IPV6_ALL_NODES) && scopeOf(group) >= SCOPE_LINK;
}

/** A group that a device has joined, or has just left. Linux `struct ifmcaddr6`. */
export class McastGroup implements TimerOwner {
  readonly addr: Ipv6Addr;
  /** How often it was joined; 0 once left. */
  users = 1;
  /** Reports of the last change still to be sent. */
  reportsLeft = 0;
  /** The device listens to its address. MAF_LOADED */
  loaded = false;
  /** Was the last to report it by itself. MAF_LAST_REPORTER */
  lastReporter = false;
  readonly #ip6: Ipv6;
  readonly #idev: Inet6Dev;
  #timer: Timer | null = null;

  constructor(ip6: Ipv6, idev: Inet6Dev, addr: Ipv6Addr) {
    this.#ip6 = ip6;
    this.#idev = idev;
    this.addr = addr;
  }

  /** When it is reported by itself, Nanos; -1 if it is not going to be. */
  get deadline(): Nanos {
    return this.#timer?.deadline ?? -1;
  }

  /** Reports it by itself in `delay`. */
  reportIn(delay: Nanos): void {
    this.#timer ??= new Timer(this.#ip6.netns.sim, this, 0);
    this.#timer.arm(delay);
  }

  /** Somebody else has reported it, or it was left. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** `mld_mca_work()` */
  onTimer(): void {
    this.#timer = null;
    this.lastReporter = true;
    this.#ip6.mcast.reportGroup(this.#idev, this);
  }

  /**
   * Makes the device listen to it, or no longer, if it is one that leaves the machine.
   * `igmp6_group_added()`, `igmp6_group_dropped()`
   */
  setLoaded(loaded: boolean): void {
    const { dev } = this.#idev;
    if (this.loaded === loaded || scopeOf(this.addr) < SCOPE_LINK) return;
    if (dev.arphrd !== ARPHRD_ETHER) return;
    this.loaded = loaded;
    const mac = multicastMac6(this.addr);
    if (loaded) mcAdd(dev, mac);
    else mcDel(dev, mac);
  }
}
