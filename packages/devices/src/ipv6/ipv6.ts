import {
  formatIpv6,
  type Ipv6Addr,
  isMulticast6,
  type MacAddr,
  sameIpv6,
} from '@labwire/core/addr';
import { put16, put48 } from '@labwire/core/bytes';
import { insertAt, removeAt } from '@labwire/core/list';
import { type Nanos, SEC } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { ETH_HLEN, ETH_P_IPV6, IPV6_MIN_MTU, Ipv6Chain, walkIpv6 } from '@labwire/core/wire';
import { attachRules } from '../fib/index.ts';
import type { NfHooks } from '../ipv4/nf-hooks.ts';
import { IFF_LOOPBACK, IFF_SLAVE, type NetDevice } from '../link/net-device.ts';
import { NeighTable } from '../neigh/index.ts';
import type { NetdevEvent, Netns } from '../netns/netns.ts';
import type { RouteType } from '../rtnetlink/types.ts';
import type { PingSocket } from '../sock/ping-socket.ts';
import type { Raw6Socket } from '../sock/raw6-socket.ts';
import { Addrconf } from './addrconf.ts';
import { IPV6_ALL_CONF, IPV6_CONF_DEFAULT, type Ipv6Conf } from './conf.ts';
import { Fib6, Fib6Expiry } from './fib6.ts';
import type { Fib6Route } from './fib6-route.ts';
import { Icmp6 } from './icmp6.ts';
import { Inet6Dev } from './inet6-dev.ts';
import { Ip6Frags } from './ip6-frags.ts';
import { Ip6Input } from './ip6-input.ts';
import { type Flow6, Ip6Output } from './ip6-output.ts';
import { Mcast } from './mld/index.ts';
import type { Multipath6Conf } from './multipath6.ts';
import { multicastMac6, NdResolver } from './nd-resolver.ts';
import { Ndisc } from './ndisc.ts';
import { Ping6Sockets } from './ping6-sockets.ts';
import { Raw6Sockets } from './raw6-sockets.ts';
import { selectSource6, usableHop } from './route6.ts';

/** Number of a route's metric. Linux include/uapi/linux/rtnetlink.h */
const RTAX_MTU = 2;

/** A path MTU that was learnt. */
interface LearntMtu {
  readonly dst: Ipv6Addr;
  readonly mtu: number;
  readonly expires: Nanos;
}

/** Shared by the namespaces that have learnt none: most. */
const NO_MTUS: readonly LearntMtu[] = [];

/** How long a learnt path MTU is believed. net.ipv6.route.mtu_expires */
const MTU_EXPIRES: Nanos = 600 * SEC;
const MAX_LEARNT_MTUS = 1024;
/** What a walk over headers found, of all namespaces. */
const chain = new Ipv6Chain();
/** After these a rule's device may be another. */
const RENAMING: readonly NetdevEvent[] = ['REGISTER', 'CHANGENAME', 'UNREGISTER'];

/** IPv6 of one namespace: addresses, routes, neighbours; input, forwarding, output; ICMPv6. */
export class Ipv6 {
  readonly netns: Netns;
  readonly fib: Fib6 = new Fib6();
  readonly addrconf: Addrconf;
  readonly mcast: Mcast;
  readonly resolver: NdResolver;
  readonly neigh: NeighTable;
  readonly ndisc: Ndisc;
  readonly icmp: Icmp6;
  readonly input: Ip6Input;
  readonly output: Ip6Output;
  /** Ping sockets; null while there is none. */
  ping: Ping6Sockets | null = null;
  /** Raw sockets; null until the first is opened. */
  raw: Raw6Sockets | null = null;
  /** Netfilter; null while no table is there. */
  nf: NfHooks | null = null;
  /** `conf/all` and `conf/default` */
  confAll: Ipv6Conf = IPV6_ALL_CONF;
  confDefault: Ipv6Conf = IPV6_CONF_DEFAULT;
  /** net.ipv6.fib_multipath_hash_policy and _fields */
  readonly multipath: Multipath6Conf = { policy: 0, fields: 7 };
  /** net.ipv6.bindv6only */
  bindv6only = 0;
  /** net.ipv6.fwmark_reflect */
  fwmarkReflect = 0;
  /** In the order in which they came. */
  #idevs: Inet6Dev[] = [];
  #frags: Ip6Frags | null = null;
  #gathered: Ip6Frags | null = null;
  /** Whether fragments are put together before anything hangs on PRE_ROUTING sees them: connection tracking needs that. */
  defragsEarly = false;
  #expiry: Fib6Expiry | null = null;
  #mtus: readonly LearntMtu[] = NO_MTUS;

  constructor(netns: Netns) {
    this.netns = netns;
    this.addrconf = new Addrconf(this);
    this.mcast = new Mcast(this);
    this.resolver = new NdResolver(this);
    this.neigh = new NeighTable(netns.sim, this.resolver);
    this.ndisc = new Ndisc(this);
    this.icmp = new Icmp6(this);
    this.input = new Ip6Input(this);
    this.output = new Ip6Output(this);
  }

  /** What IPv6 knows of a device; undefined if it has no IPv6. */
  idev(dev: NetDevice): Inet6Dev | undefined {
    return dev.in6Dev ?? undefined;
  }

  /** All devices with IPv6, in the order they came. */
  idevs(): readonly Inet6Dev[] {
    return this.#idevs;
  }

  /** Packets for this machine that wait for their other parts. */
  get frags(): Ip6Frags {
    this.#frags ??= new Ip6Frags(this);
    return this.#frags;
  }

  /** The namespace ends. `ipv6_frags_exit_net()` */
  close(): void {
    this.#frags?.purge();
    this.#gathered?.purge();
  }

  /** Takes in what may be a fragment, before routing. Takes ownership. @returns the packet if it is whole, or is by now; else null. `ipv6_defrag()` */
  defrag(skb: SkBuff): SkBuff | null {
    const { buf, nh, tail } = skb;
    walkIpv6(buf, nh, tail, chain);
    if (chain.fragment < 0) return skb;
    this.#gathered ??= new Ip6Frags(this);
    return this.#gathered.gather(skb);
  }

  /** `ipv6_rcv()`: `skb.data` is at the IPv6 header. Takes ownership. */
  receive(skb: SkBuff): void {
    const idev = (skb.dev as NetDevice).in6Dev;
    if (idev === null) this.netns.drop(skb, 'ipv6disabled');
    else this.input.receive(skb, idev);
  }

  /** `addrconf_notify()` */
  onDeviceEvent(dev: NetDevice, event: NetdevEvent): void {
    const { fib } = this;
    if (fib.hasCustomRules && RENAMING.includes(event)) attachRules(this.netns, fib.rules());
    switch (event) {
      case 'REGISTER':
        this.#add(dev);
        break;
      case 'UP':
      case 'CHANGE':
        this.#linkChanged(dev, event);
        break;
      case 'DOWN':
        this.#down(dev);
        break;
      case 'UNREGISTER':
        this.#down(dev, true);
        this.#remove(dev);
        this.resolver.forget(dev);
        break;
      case 'CHANGEMTU':
        this.#mtuChanged(dev);
        break;
      case 'CHANGEADDR':
        this.neigh.deviceDown(dev);
        break;
      case 'CHANGEUPPER':
        this.#down(dev);
        break;
      case 'GOING_DOWN':
      case 'CHANGENAME':
        break;
    }
  }

  /** `ipv6_add_dev()` */
  #add(dev: NetDevice): Inet6Dev | undefined {
    if (dev.mtu < IPV6_MIN_MTU) return undefined;
    const idev = new Inet6Dev(this, dev, this.confDefault);
    dev.in6Dev = idev;
    this.#idevs = insertAt(this.#idevs, this.#idevs.length, idev);
    this.mcast.joinInitial(idev);
    return idev;
  }

  #remove(dev: NetDevice): void {
    if (dev.in6Dev === null) return;
    this.#idevs = removeAt(this.#idevs, this.#idevs.indexOf(dev.in6Dev));
    dev.in6Dev = null;
  }

  #linkChanged(dev: NetDevice, event: 'UP' | 'CHANGE'): void {
    const idev = dev.in6Dev;
    // a bond's port has no addresses
    if (idev === null || !dev.isUp || (dev.flags & IFF_SLAVE) !== 0) return;
    if (!dev.carrier) {
      this.neigh.carrierDown(dev);
      return;
    }
    if (idev.conf.disable_ipv6 !== 0) return;
    if (idev.ready && event === 'CHANGE') {
      this.mcast.deviceReady(idev);
      if (
        idev.linkLocal() !== undefined &&
        idev.conf.accept_ra !== 0 &&
        idev.conf.forwarding === 0
      ) {
        this.ndisc.startSolicitingRouters(idev);
      }
      return;
    }
    this.addrconf.deviceReady(idev);
    this.mcast.deviceReady(idev);
  }

  /** `addrconf_ifdown()` */
  #down(dev: NetDevice, unregister = false): void {
    const idev = dev.in6Dev;
    this.neigh.deviceDown(dev);
    this.ndisc.deviceDown(dev);
    if (idev === null) return;
    const wasReady = idev.ready;
    this.ndisc.stopSolicitingRouters(idev);
    this.addrconf.deviceDown(idev);
    idev.groups.stop(wasReady || unregister);
  }

  #mtuChanged(dev: NetDevice): void {
    const idev = dev.in6Dev;
    if (dev.mtu < IPV6_MIN_MTU) {
      this.#down(dev, true);
      this.#remove(dev);
    } else if (idev !== null) idev.mtu = dev.mtu;
    else {
      this.#add(dev);
      this.#linkChanged(dev, 'UP');
    }
  }

  /** Turns IPv6 of a device off or on: net.ipv6.conf.DEV.disable_ipv6. `dev_disable_change()` */
  setDisabled(idev: Inet6Dev, disabled: number): void {
    const was = idev.conf.disable_ipv6;
    idev.setConf('disable_ipv6', disabled);
    if ((was === 0) === (disabled === 0)) return;
    if (disabled !== 0) this.#down(idev.dev);
    else this.#linkChanged(idev.dev, 'UP');
  }

  /** Makes a device a router's or a host's: net.ipv6.conf.DEV.forwarding. `dev_forward_change()` */
  setForwarding(idev: Inet6Dev, forwarding: number): void {
    const was = idev.conf.forwarding;
    idev.setConf('forwarding', forwarding);
    if ((was === 0) === (forwarding === 0)) return;
    this.addrconf.forwardingChanged(idev);
  }

  /** The address to send from to `dst` through `dev`; null if there is none. */
  selectSource(dst: Ipv6Addr, dev: NetDevice | null): Ipv6Addr | null {
    return selectSource6(this.#idevs, dst, dev);
  }

  /** Whether an address is one of this machine's, in the layer 3 domain of a device. */
  isLocal(addr: Ipv6Addr, dev: NetDevice | null = null): boolean {
    return this.fib.lookup(addr, dev?.l3Master ?? null, usableHop)?.type === 'local';
  }

  /** What an address is to us, on one device or on any. `ipv6_addr_type()` and the route to it */
  addrType(addr: Ipv6Addr, dev: NetDevice | null): RouteType {
    if (isMulticast6(addr)) return 'multicast';
    const route = this.fib.lookup(addr, dev, usableHop);
    return route?.type === 'local' || route?.type === 'anycast' ? route.type : 'unicast';
  }

  /** The hop limit of packets that leave by a device. */
  hopLimit(dev: NetDevice): number {
    return dev.in6Dev?.conf.hop_limit ?? this.confAll.hop_limit;
  }

  /** The hop limit of packets that go a way. `ip6_dst_hoplimit()` */
  hopLimitOf(flow: Flow6): number {
    return flow.route.metrics.hoplimit || this.hopLimit(flow.dev);
  }

  /** Largest packet in bytes that may leave by a device. */
  mtuOf(dev: NetDevice, route?: Fib6Route): number {
    const own = dev.in6Dev?.mtu ?? dev.mtu;
    const asked = route?.metrics.mtu;
    return asked === undefined || asked === 0 ? own : Math.min(asked, own);
  }

  /** What is looked at before a packet goes on: what a route says counts only if it is locked. `ip6_dst_mtu_maybe_forward()` */
  forwardMtu(dev: NetDevice, route: Fib6Route): number {
    const locked = ((route.metrics.lock ?? 0) & (1 << RTAX_MTU)) !== 0;
    return locked ? this.mtuOf(dev, route) : (dev.in6Dev?.mtu ?? dev.mtu);
  }

  /** {@link mtuOf}, or the smaller path MTU that was learnt. */
  mtuTo(dst: Ipv6Addr, dev: NetDevice, route: Fib6Route): number {
    const { now } = this.netns.sim;
    const learnt = this.#mtus.find((m) => m.expires > now && sameIpv6(m.dst, dst));
    return Math.min(learnt?.mtu ?? Infinity, this.mtuOf(dev, route));
  }

  /** A router has said how large packets to `dst` may be. RFC 8201 section 4 */
  learnMtu(dst: Ipv6Addr, mtu: number): void {
    const { now } = this.netns.sim;
    if (mtu < IPV6_MIN_MTU) return;
    const others = this.#mtus.filter((m) => m.expires > now && !sameIpv6(m.dst, dst));
    const learnt = { dst, mtu, expires: now + MTU_EXPIRES };
    this.#mtus = [...others.slice(-MAX_LEARNT_MTUS), learnt];
  }

  /** What was learnt of the path to `dst`: its MTU and when that is forgotten. */
  learntMtu(dst: Ipv6Addr): { readonly mtu: number; readonly expires: Nanos } | undefined {
    return this.#mtus.find((m) => m.expires > this.netns.sim.now && sameIpv6(m.dst, dst));
  }

  /** The destinations of which {@link learntMtu} knows something. */
  learntDestinations(): Ipv6Addr[] {
    return this.#mtus.filter((m) => m.expires > this.netns.sim.now).map((m) => m.dst);
  }

  /** Forgets what {@link learntMtu} knows. @returns whether there was something */
  forgetMtu(dst: Ipv6Addr): boolean {
    const before = this.#mtus.length;
    this.#mtus = this.#mtus.filter((m) => !sameIpv6(m.dst, dst));
    return this.#mtus.length < before;
  }

  /** Takes a route away when its time has come. */
  expireLater(route: Fib6Route): void {
    if (route.expires === Infinity) return;
    this.#expiry ??= new Fib6Expiry(this.netns.sim, this.fib);
    this.#expiry.watch(route);
  }

  /** Runs a netfilter hook. @returns whether the packet goes on */
  runHook(hook: number, skb: SkBuff, indev: NetDevice | null, outdev: NetDevice | null): boolean {
    return this.nf === null || this.nf.run(hook, skb, indev, outdev);
  }

  /** socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6). */
  openPing(): PingSocket {
    this.ping ??= new Ping6Sockets(this.netns);
    return this.ping.open();
  }

  /** socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6). */
  openRaw(): Raw6Socket {
    this.raw ??= new Raw6Sockets(this.netns);
    return this.raw.open();
  }

  /** The device that an skb came in through, null if it was made here. */
  receivingDevice(skb: SkBuff): NetDevice | null {
    const dev = skb.dev as NetDevice | null;
    return dev === null || (dev.flags & IFF_LOOPBACK) !== 0 ? null : dev;
  }

  /** Sends a packet to a group by a device. Takes ownership. */
  xmitMulticast(skb: SkBuff, dev: NetDevice, group: Ipv6Addr): void {
    this.xmitTo(skb, dev, multicastMac6(group));
  }

  /** Sends a packet to a neighbour, finding out its link-layer address. Takes ownership. */
  xmitNeigh(skb: SkBuff, dev: NetDevice, nexthop: Ipv6Addr): void {
    const neigh = this.neigh.lookupOrCreate(nexthop, dev);
    if (neigh === null) this.netns.drop(skb, 'neigh_createfail');
    else neigh.output(skb);
  }

  /** Sends a packet to a link-layer address. Takes ownership. */
  xmitTo(skb: SkBuff, dev: NetDevice, lladdr: MacAddr): void {
    skb.data = skb.nh;
    const at = skb.push(ETH_HLEN);
    put48(skb.buf, at, lladdr);
    put48(skb.buf, at + 6, dev.addr);
    put16(skb.buf, at + 12, ETH_P_IPV6);
    skb.protocol = ETH_P_IPV6;
    dev.xmit(skb);
  }

  /** Hears its own multicast, as a later event of this instant: no device is in between. Takes ownership. */
  loopBack(skb: SkBuff): void {
    this.netns.sim.schedule(0, this, 0, skb);
  }

  /** A looped multicast comes in. */
  onEvent(_kind: number, arg: unknown): void {
    const skb = arg as SkBuff;
    skb.data = skb.nh;
    this.receive(skb);
  }

  /** An address in words. */
  format(addr: Ipv6Addr): string {
    return formatIpv6(addr);
  }
}
