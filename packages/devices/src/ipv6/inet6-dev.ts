import { type Ipv6Addr, sameIpv6 } from '@labwire/core/addr';
import { insertAt, removeAt } from '@labwire/core/list';
import { MS, type Nanos, Timer, type TimerOwner } from '@labwire/core/sim';
import { IFF_MULTICAST, type NetDevice } from '../link/net-device.ts';
import type { Ipv6Conf } from './conf.ts';
import type { Fib6Nexthop } from './fib6-route.ts';
import type { Inet6Addr } from './inet6-addr.ts';
import type { Ipv6 } from './ipv6.ts';
import { Inet6Groups } from './mld/index.ts';

/** The kernel's clock ticks each 4 ms: no timer is due before the next. CONFIG_HZ */
const TICK = 4 * MS;

/** What IPv6 knows of one device. Linux `struct inet6_dev`. */
export class Inet6Dev implements TimerOwner {
  readonly dev: NetDevice;
  conf: Ipv6Conf;
  /** Largest packet in bytes. */
  mtu: number;
  /** In the order in which they are shown: by scope, global first. */
  addrs: Inet6Addr[] = [];
  /** Multicast groups. */
  readonly groups: Inet6Groups;
  /** Its link, as the next hop of the routes that the kernel makes by itself. */
  readonly onLink: readonly Fib6Nexthop[];
  /** IF_READY: up and with a carrier. */
  ready = false;
  /** Router solicitations sent since it became ready. */
  rsProbes = 0;
  /** Time to the next router solicitation. */
  rsInterval: Nanos = 0;
  /** IF_RA_RCVD */
  raReceived = false;

  readonly #ip6: Ipv6;
  /** When the next router solicitation is due; null while none is. */
  #solicit: Timer | null = null;

  constructor(ip6: Ipv6, dev: NetDevice, conf: Ipv6Conf) {
    this.#ip6 = ip6;
    this.dev = dev;
    this.conf = conf;
    this.mtu = dev.mtu;
    this.onLink = [{ dev, gateway: null, weight: 1, onlink: false }];
    this.groups = new Inet6Groups(ip6, this);
  }

  /** Whether the device takes part in multicast: others join no routers' groups. */
  get hasMulticast(): boolean {
    return (this.dev.flags & IFF_MULTICAST) !== 0;
  }

  /** Sets a switch. */
  setConf(name: keyof Ipv6Conf, v: number): void {
    if (this.conf[name] !== v) this.conf = { ...this.conf, [name]: v };
  }

  /** The address entry of `addr`, if the device has it. */
  find(addr: Ipv6Addr): Inet6Addr | undefined {
    for (let i = 0; i < this.addrs.length; i++) {
      const a = this.addrs[i] as Inet6Addr;
      if (sameIpv6(a.addr, addr)) return a;
    }
    return undefined;
  }

  /** Adds an address: wider scopes first, the newest first within a scope. `ipv6_link_dev_addr()` */
  insert(addr: Inet6Addr): void {
    let i = 0;
    while (
      i < this.addrs.length &&
      scopeRank((this.addrs[i] as Inet6Addr).addr) > scopeRank(addr.addr)
    )
      i++;
    this.addrs = insertAt(this.addrs, i, addr);
  }

  /** Takes an address out. */
  remove(addr: Inet6Addr): void {
    this.addrs = removeAt(this.addrs, this.addrs.indexOf(addr));
  }

  /** Sends a router solicitation in `delay`. */
  solicitIn(delay: Nanos): void {
    this.#solicit ??= new Timer(this.#ip6.netns.sim, this, 0);
    this.#solicit.arm(Math.max(TICK, delay));
  }

  /** Sends no more of them. */
  stopSoliciting(): void {
    this.#solicit?.cancel();
    this.#solicit = null;
  }

  onTimer(): void {
    this.#ip6.ndisc.routerSolicitationTimer(this);
  }

  /** The link-local address to send from; undefined while there is none that may be used. `ipv6_get_lladdr()` */
  linkLocal(): Inet6Addr | undefined {
    return this.addrs.find((a) => a.addr.w0 >>> 22 === 0x3fa && a.usable);
  }
}

/** The scope field as in a multicast address: 1 host, 2 link, 5 site, 14 global. RFC 4007 section 5. */
export function scopeRank(a: Ipv6Addr): number {
  if (a.w0 >>> 24 === 0xff) return (a.w0 >>> 16) & 15;
  if (a.w0 >>> 22 === 0x3fa) return 2;
  if (a.w0 >>> 22 === 0x3fb) return 5;
  return a.w0 === 0 && a.w1 === 0 && a.w2 === 0 && a.w3 === 1 ? 1 : 14;
}
