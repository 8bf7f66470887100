import type { Ipv4Addr } from '@labwire/core/addr';
import { ipv4Mask } from '@labwire/core/addr';
import type { NetDevice } from '../link/net-device.ts';
import { NO_USERS, type UserCounts, usersOf } from '../link/user-counts.ts';
import type { NeighParams } from '../neigh/index.ts';
import type { Lifetimes } from '../rtnetlink/lifetimes.ts';
import type { Igmp } from './igmp/index.ts';
import type { Ipv4DevConf } from './sysctl/dev-conf.ts';

/** Flags of an address. Linux include/uapi/linux/if_addr.h, IFA_F_*. */
export const IFA_F_SECONDARY = 0x01;
export const IFA_F_DEPRECATED = 0x20;
export const IFA_F_PERMANENT = 0x80;
export const IFA_F_NOPREFIXROUTE = 0x200;
/** The device joins the group that the address is. */
export const IFA_F_MCAUTOJOIN = 0x400;

/** One IPv4 address of a device. Linux `struct in_ifaddr`. */
export interface InIfaddr {
  readonly idev: InDevice;
  readonly local: Ipv4Addr;
  /** The peer of a point-to-point address, else the same as `local`. */
  readonly address: Ipv4Addr;
  readonly prefixLen: number;
  /** 0 for none. */
  readonly broadcast: Ipv4Addr;
  /** RT_SCOPE_* */
  readonly scope: number;
  /** IFA_F_* */
  flags: number;
  readonly label: string;
  /** rt_priority of its prefix route. */
  metric: number;
  lifetimes: Lifetimes;
  /** IFA_PROTO */
  readonly proto: number;
}

/** Whether `addr` is within the prefix of an address. `inet_ifa_match()` */
export function inetIfaMatch(addr: number, ifa: InIfaddr): boolean {
  return ((addr ^ ifa.address) & ipv4Mask(ifa.prefixLen)) === 0;
}

/** Whether two addresses have the same prefix. */
export function sameSubnet(a: InIfaddr, b: InIfaddr): boolean {
  return a.prefixLen === b.prefixLen && inetIfaMatch(a.address, b);
}

/** Where a device finds the switches of `conf/all`. */
export interface AllConf {
  allConf: Ipv4DevConf;
}

/** The IPv4 side of a device. Linux `struct in_device`; the properties combine its switches with those of `all` as IN_DEV_*() do. */
export class InDevice {
  readonly dev: NetDevice;
  /** Primary addresses first. */
  ifaList: InIfaddr[] = [];
  conf: Ipv4DevConf;
  readonly #net: AllConf;
  #set: Set<keyof Ipv4DevConf> | 'all' | null = null;
  /** ARP's parameters; made when first needed. */
  arpParams: NeighParams | null = null;
  /** Multicast groups it listens to. `mc_list` */
  groups: UserCounts = NO_USERS;
  /** What others are told and ask of its groups; made when first needed. */
  igmp: Igmp | null = null;
  /** The device's MTU as routes know it. */
  mtu: number;
  /** Being deleted: nothing is promoted. */
  dead = false;

  constructor(dev: NetDevice, net: AllConf, conf: Ipv4DevConf) {
    this.dev = dev;
    this.mtu = dev.mtu;
    this.#net = net;
    this.conf = conf;
  }

  /** Whether somebody has set a switch of this device, so that `default` does not change it any more. `ipv4_devconf.state` */
  isSet(name: keyof Ipv4DevConf): boolean {
    return this.#set === 'all' || (this.#set?.has(name) ?? false);
  }

  /** Notes that somebody has. */
  markSet(name: keyof Ipv4DevConf): void {
    if (this.#set === 'all') return;
    this.#set ??= new Set();
    this.#set.add(name);
  }

  /** A device that got an address keeps all its switches. `ipv4_devconf_setall()` */
  markAllSet(): void {
    this.#set = 'all';
  }

  /** Sets a switch. */
  setConf(name: keyof Ipv4DevConf, v: number): void {
    this.conf = { ...this.conf, [name]: v };
  }

  get forwarding(): boolean {
    return this.conf.forwarding !== 0;
  }
  get rpFilter(): number {
    return Math.max(this.#net.allConf.rp_filter, this.conf.rp_filter);
  }
  get acceptLocal(): boolean {
    return (this.#net.allConf.accept_local | this.conf.accept_local) !== 0;
  }
  get srcValidMark(): boolean {
    return (this.#net.allConf.src_valid_mark | this.conf.src_valid_mark) !== 0;
  }
  get routeLocalnet(): boolean {
    return (this.#net.allConf.route_localnet | this.conf.route_localnet) !== 0;
  }
  get logMartians(): boolean {
    return (this.#net.allConf.log_martians | this.conf.log_martians) !== 0;
  }
  get sourceRoute(): boolean {
    return (this.#net.allConf.accept_source_route & this.conf.accept_source_route) !== 0;
  }
  get sharedMedia(): boolean {
    return (this.#net.allConf.shared_media | this.conf.shared_media) !== 0;
  }
  get sendRedirects(): boolean {
    return (this.#net.allConf.send_redirects | this.conf.send_redirects) !== 0;
  }
  get secureRedirects(): boolean {
    return (this.#net.allConf.secure_redirects | this.conf.secure_redirects) !== 0;
  }
  /** A router believes redirects only if both say so, a host if either does. IN_DEV_RX_REDIRECTS() */
  get acceptRedirects(): boolean {
    const all = this.#net.allConf.accept_redirects;
    const own = this.conf.accept_redirects;
    return (this.forwarding ? all & own : all | own) !== 0;
  }
  /** The version of IGMP that is spoken whoever asks; 0: that of the querier. FORCE_IGMP_VERSION */
  get forceIgmpVersion(): number {
    const all = this.#net.allConf.force_igmp_version;
    const own = this.conf.force_igmp_version;
    if (all === 1 || own === 1) return 1;
    return all === 2 || own === 2 ? 2 : 0;
  }
  get promoteSecondaries(): boolean {
    return (this.#net.allConf.promote_secondaries | this.conf.promote_secondaries) !== 0;
  }
  get ignoreRoutesWithLinkdown(): boolean {
    const all = this.#net.allConf.ignore_routes_with_linkdown;
    return (all | this.conf.ignore_routes_with_linkdown) !== 0;
  }
  get bcForwarding(): boolean {
    return (this.#net.allConf.bc_forwarding & this.conf.bc_forwarding) !== 0;
  }
  get arpIgnore(): number {
    return Math.max(this.#net.allConf.arp_ignore, this.conf.arp_ignore);
  }
  get arpAnnounce(): number {
    return Math.max(this.#net.allConf.arp_announce, this.conf.arp_announce);
  }
  get arpFilter(): boolean {
    return (this.#net.allConf.arp_filter | this.conf.arp_filter) !== 0;
  }
  get arpAccept(): number {
    return Math.max(this.#net.allConf.arp_accept, this.conf.arp_accept);
  }
  get arpNotify(): boolean {
    return Math.max(this.#net.allConf.arp_notify, this.conf.arp_notify) !== 0;
  }
  get arpEvictNocarrier(): boolean {
    return (this.#net.allConf.arp_evict_nocarrier & this.conf.arp_evict_nocarrier) !== 0;
  }
  get proxyArp(): boolean {
    return (this.#net.allConf.proxy_arp | this.conf.proxy_arp) !== 0;
  }
  get proxyArpPvlan(): boolean {
    return (this.#net.allConf.proxy_arp_pvlan | this.conf.proxy_arp_pvlan) !== 0;
  }
  get dropGratuitousArp(): boolean {
    return (this.#net.allConf.drop_gratuitous_arp | this.conf.drop_gratuitous_arp) !== 0;
  }
  get dropUnicastInL2Multicast(): boolean {
    const all = this.#net.allConf.drop_unicast_in_l2_multicast;
    return (all | this.conf.drop_unicast_in_l2_multicast) !== 0;
  }

  /** Whether it is a member of a group. `ip_check_mc_rcu()` */
  isMember(group: number): boolean {
    return usersOf(this.groups, group) > 0;
  }

  /** The first address that may be spoken of in a scope, preferring one of `dst`'s subnet; 0 if there is none. */
  selectAddr(dst: number, scope: number): number {
    let first = 0;
    for (let i = 0; i < this.ifaList.length; i++) {
      const ifa = this.ifaList[i] as InIfaddr;
      if ((ifa.flags & IFA_F_SECONDARY) !== 0 || ifa.scope > scope) continue;
      if (dst === 0 || inetIfaMatch(dst, ifa)) return ifa.local;
      if (first === 0) first = ifa.local;
    }
    return first;
  }
}
