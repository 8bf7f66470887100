import { type Ipv4Addr, isMulticast4 } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { Flow4 } from '../../fib/index.ts';
import { mcAdd, mcDel } from '../../link/mc-list.ts';
import { ARPHRD_ETHER, IFF_MULTICAST, IFF_UP, type NetDevice } from '../../link/net-device.ts';
import { NO_USERS, usedAddrs, usersOf, withUsers } from '../../link/user-counts.ts';
import { multicastMac } from '../../neigh/arp.ts';
import { Igmp } from '../igmp/index.ts';
import type { InDevice } from '../in-device.ts';
import type { Ipv4 } from '../ipv4.ts';

/** 224.0.0.1, which every device that is up listens to. */
export const IPV4_ALL_HOSTS: Ipv4Addr = (0xe000_0001 | 0) as Ipv4Addr;

/** For lookups that are over before the next begins. */
const lookup = new Flow4();

/**
 * Multicast groups that devices listen to. Linux net/ipv4/igmp.c.
 */
export class Membership {
  readonly #ip: Ipv4;

  constructor(ip: Ipv4) {
    this.#ip = ip;
  }

  /** One more wants a group on a device. @throws {@link KernelError} EINVAL if it is none. `ip_mc_inc_group()` */
  join(idev: InDevice, group: Ipv4Addr): void {
    if (!isMulticast4(group)) throw new KernelError('EINVAL');
    const users = usersOf(idev.groups, group);
    idev.groups = withUsers(idev.groups, group, users + 1);
    if (users !== 0) return;
    listen(idev.dev, group, 1);
    this.#report(idev, group, true);
  }

  /** One fewer wants it. `ip_mc_dec_group()` */
  leave(idev: InDevice, group: Ipv4Addr): void {
    const users = usersOf(idev.groups, group);
    if (users === 0) return;
    idev.groups = withUsers(idev.groups, group, users - 1);
    if (users !== 1) return;
    listen(idev.dev, group, -1);
    this.#report(idev, group, false);
  }

  /** An IGMP message has come in for one of a device's groups; it stays the caller's. */
  receive(skb: SkBuff): void {
    const idev = (skb.dev as NetDevice).inDev;
    if (idev === null || idev.dev === this.#ip.netns.loopback) return;
    idev.igmp ??= new Igmp(this.#ip, idev);
    idev.igmp.receive(skb);
  }

  /** Tells routers of a change, but for the group that everybody is in. */
  #report(idev: InDevice, group: Ipv4Addr, joined: boolean): void {
    if (group === IPV4_ALL_HOSTS || (idev.dev.flags & IFF_UP) === 0) return;
    idev.igmp ??= new Igmp(this.#ip, idev);
    if (joined) idev.igmp.joined(group);
    else idev.igmp.dropped(group);
  }

  /** The device that a group is joined on when none is named: that of the route to it. `ip_mc_find_dev()` */
  defaultDev(group: Ipv4Addr): NetDevice {
    const err = this.#ip.routeOutput(lookup.to(group));
    if (err !== undefined) throw new KernelError('ENODEV');
    return (this.#ip.rt as NonNullable<Ipv4['rt']>).dev;
  }

  /** `ip_mc_up()` */
  deviceUp(idev: InDevice): void {
    if ((idev.dev.flags & IFF_MULTICAST) !== 0 || idev.dev === this.#ip.netns.loopback) {
      this.join(idev, IPV4_ALL_HOSTS);
    }
    for (const group of usedAddrs(idev.groups)) this.#report(idev, group as Ipv4Addr, true);
  }

  /** `ip_mc_down()` */
  deviceDown(idev: InDevice): void {
    idev.igmp?.stop();
    this.leave(idev, IPV4_ALL_HOSTS);
  }

  /** `ip_mc_destroy_dev()` */
  deviceGone(idev: InDevice): void {
    idev.igmp?.stop();
    for (const group of usedAddrs(idev.groups)) listen(idev.dev, group as Ipv4Addr, -1);
    idev.groups = NO_USERS;
  }
}

/** The device listens to the group's address, or no longer; `lo` hears all of its own. `ip_mc_filter_add()` */
function listen(dev: NetDevice, group: Ipv4Addr, by: 1 | -1): void {
  if (dev.arphrd !== ARPHRD_ETHER) return;
  if (by > 0) mcAdd(dev, multicastMac(group));
  else mcDel(dev, multicastMac(group));
}
