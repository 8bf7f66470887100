import { KernelError } from '@labwire/core/error';
import { removeRoutesOf4, syncRoutes4 } from '../ipv4/rtnetlink/nexthop-routes.ts';
import { hasRoutes6, removeRoutesOf6, syncRoutes6 } from '../ipv6/nexthop-routes.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { NetdevEvent } from '../netns/netdev-event.ts';
import type { Netns } from '../netns/netns.ts';
import type { NewFlags, NexthopRequest } from '../rtnetlink/requests.ts';
import { Nexthop, type NexthopWay } from './nexthop.ts';
import { makeWay } from './way.ts';

/** The nexthops of one namespace. Linux net/ipv4/nexthop.c */
export class Nexthops {
  readonly #netns: Netns;
  readonly #byId = new Map<number, Nexthop>();
  #lastId = 0;
  /** net.ipv4.nexthop_compat_mode */
  compatMode = 1;

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  /** `nexthop_find_by_id()` */
  find(id: number): Nexthop | undefined {
    return this.#byId.get(id);
  }

  /** All, by id. */
  list(): Nexthop[] {
    return [...this.#byId.values()].sort((a, b) => a.id - b.id);
  }

  /** RTM_NEWNEXTHOP. @throws {@link KernelError} with the kernel's words. `nexthop_add()` */
  add(req: NexthopRequest, flags: NewFlags): void {
    const way = makeWay(this.#netns, this, req);
    const id = req.id === undefined || req.id === 0 ? this.#unusedId() : req.id;
    const old = this.#byId.get(id);
    if (old === undefined) {
      if (flags.create !== true)
        throw new KernelError('ENOENT', 'Entry does not exist and NLM_F_CREATE flag not set');
      const made = new Nexthop(id, way);
      this.#byId.set(id, made);
      this.#netns.rtnl.tell('nexthop', false, made);
      return;
    }
    if (flags.replace !== true) throw new KernelError('EEXIST');
    this.#replace(old, way);
  }

  /** `nh_find_unused_id()` */
  #unusedId(): number {
    do this.#lastId++;
    while (this.#byId.has(this.#lastId));
    return this.#lastId;
  }

  /** `replace_nexthop()` @throws {@link KernelError} EINVAL */
  #replace(nh: Nexthop, way: NexthopWay): void {
    this.#checkReplacement(nh, way);
    nh.way = way;
    this.#changed(nh);
    this.#netns.rtnl.tell('nexthop', false, nh);
  }

  #checkReplacement(nh: Nexthop, way: NexthopWay): void {
    const refuse = (text: string): never => {
      throw new KernelError('EINVAL', text);
    };
    if (way.group !== null && nh.way.group === null)
      refuse('Can not replace a nexthop with a nexthop group');
    if (way.group === null && nh.way.group !== null)
      refuse('Can not replace a nexthop group with a nexthop');
    const groups = this.#groupsOf(nh);
    if (way.blackhole && groups.some((g) => g.members.length > 1))
      refuse('Blackhole nexthop can not be a member of a group with more than one path');
    const ways = way.group?.map((m) => m.nh.way) ?? [way];
    if (
      ways.some((w) => w.family === 'inet') &&
      [nh, ...groups].some((each) => hasRoutes6(this.#netns, each))
    )
      refuse('IPv6 routes can not use an IPv4 nexthop');
  }

  /** RTM_DELNEXTHOP: what goes by way of it goes too. @throws {@link KernelError} EINVAL, ENOENT */
  delete(id: number | undefined): void {
    if (id === undefined) throw new KernelError('EINVAL', 'Nexthop id is missing');
    const nh = id === 0 ? undefined : this.#byId.get(id);
    if (id === 0) throw new KernelError('EINVAL', 'Invalid nexthop id');
    if (nh === undefined) throw new KernelError('ENOENT');
    this.#remove(nh, true);
  }

  /** `remove_nexthop()` @param told programs hear of it: not when its device has gone */
  #remove(nh: Nexthop, told: boolean): void {
    if (!this.#byId.delete(nh.id)) return;
    if (told) this.#netns.rtnl.tell('nexthop', true, nh);
    removeRoutesOf4(this.#netns, nh);
    removeRoutesOf6(this.#netns, nh);
    for (const group of this.#groupsOf(nh)) {
      const left = group.members.filter((m) => m.nh !== nh);
      if (left.length === 0) {
        this.#remove(group, told);
        continue;
      }
      group.way = { ...group.way, group: left };
      this.#changed(group);
      if (told) this.#netns.rtnl.tell('nexthop', false, group);
    }
  }

  #groupsOf(nh: Nexthop): Nexthop[] {
    return [...this.#byId.values()].filter((g) => g.way.group?.some((m) => m.nh === nh) === true);
  }

  /** Routes lead where it leads now. */
  #changed(nh: Nexthop): void {
    for (const each of [nh, ...this.#groupsOf(nh)]) {
      syncRoutes4(this.#netns, each);
      syncRoutes6(this.#netns, each);
    }
  }

  /** `nh_netdev_event()` */
  onDeviceEvent(dev: NetDevice, event: NetdevEvent): void {
    const gone =
      event === 'DOWN' ||
      event === 'UNREGISTER' ||
      (event === 'CHANGE' && !(dev.isUp && dev.carrier));
    if (!gone) return;
    for (const nh of this.list()) if (nh.way.dev === dev) this.#remove(nh, false);
  }
}
