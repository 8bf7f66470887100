import { get16 } from '@labwire/core/bytes';
import { type Errno, KernelError } from '@labwire/core/error';
import type { DropReason, SkBuff } from '@labwire/core/skb';
import { IPPROTO_TCP, IPPROTO_UDP, Ipv4Header } from '@labwire/core/wire';
import {
  attachRules,
  Fib,
  FibResult,
  Flow4,
  RT_SCOPE_LINK,
  RT_TABLE_LOCAL,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
} from '../fib/index.ts';
import { Icmp } from '../icmp/icmp.ts';
import { IFF_LOOPBACK, IFF_UP, type NetDevice } from '../link/net-device.ts';
import { ArpResolver } from '../neigh/arp.ts';
import type { NeighTable } from '../neigh/index.ts';
import type { NetdevEvent, Netns } from '../netns/netns.ts';
import type { RouteType } from '../rtnetlink/types.ts';
import type { PingSocket } from '../sock/ping-socket.ts';
import type { RawSocket } from '../sock/raw-socket.ts';
import { RawSockets } from '../sock/raw-sockets.ts';
import { AddrIndex } from './addr/addr-index.ts';
import { AddrLifetimes } from './addr/addr-lifetime.ts';
import { addLoopbackAddress, confirmAddr, deleteAllIfa } from './addr/devinet.ts';
import {
  fibAddIfaddr,
  fibDisableIp,
  fibLinkDown,
  fibSyncMtu,
  fibSyncUp,
} from './addr/fib-frontend.ts';
import { Membership } from './addr/membership.ts';
import { FragmentQueues } from './fragment/reassembly.ts';
import { IdentGenerator } from './ident.ts';
import { InDevice, type InIfaddr } from './in-device.ts';
import { ipRcv } from './input.ts';
import { IpMib } from './mib.ts';
import type { NfHooks } from './nf-hooks.ts';
import { ipSend } from './output.ts';
import { ipRouteInput } from './route/route-input.ts';
import { ipRouteOutput } from './route/route-output.ts';
import type { Rtable } from './rtable.ts';
import { IPV4_ALL_CONF, IPV4_DEV_CONF_DEFAULT, type Ipv4DevConf } from './sysctl/dev-conf.ts';
import { IPV4_CONF_DEFAULT, type Ipv4Conf } from './sysctl/ipv4-conf.ts';
import type { Ipv4TxHeader } from './tx-header.ts';

const typeFlow = new Flow4();
const typeResult = new FibResult();

/** IPv4 of one namespace: addresses, routes, neighbours; input, forwarding, output; ICMP. */
export class Ipv4 {
  readonly netns: Netns;
  readonly fib: Fib = new Fib();
  readonly arp: ArpResolver;
  readonly icmp: Icmp;
  readonly addrIndex: AddrIndex = new AddrIndex();
  readonly lifetimes: AddrLifetimes;
  readonly membership: Membership;
  /** net.ipv4 */
  conf: Ipv4Conf = IPV4_CONF_DEFAULT;
  /**
   * net.ipv4.conf.all and conf.default.
   * @deviation a new namespace begins with the kernel's defaults, as one made inside a container's namespace does
   *   whose host changed nothing, not with what the machine's first namespace has been set to
   */
  allConf: Ipv4DevConf = IPV4_ALL_CONF;
  defaultConf: Ipv4DevConf = IPV4_DEV_CONF_DEFAULT;
  /** Netfilter; null while nothing hangs on its hooks. */
  nf: NfHooks | null = null;
  /** Whether fragments are put together before anything hangs on PRE_ROUTING sees them: connection tracking needs that. */
  defragsEarly = false;
  /** Raw and ping sockets; null while there is none. */
  raw: RawSockets | null = null;
  /** What {@link routeOutput} found last. */
  rt: Rtable | null = null;
  /** Whether the packet that was routed last should have gone to its gateway straight away. */
  doRedirect = false;
  /** Grows when what was learnt of destinations no longer holds. `fnhe_genid` */
  exceptionGenid = 1;
  #mib: IpMib | null = null;
  #ident: IdentGenerator | null = null;
  #fragments: FragmentQueues | null = null;

  constructor(netns: Netns) {
    this.netns = netns;
    this.arp = new ArpResolver(this);
    this.icmp = new Icmp(this);
    this.lifetimes = new AddrLifetimes(this);
    this.membership = new Membership(this);
  }

  /** The neighbours. */
  get neigh(): NeighTable {
    return this.arp.table;
  }

  /** What it counts; made with the first packet. */
  get mib(): IpMib {
    return this.#mib ?? this.#newMib();
  }

  #newMib(): IpMib {
    this.#mib = new IpMib();
    return this.#mib;
  }

  /** Identification fields of packets that belong to no connection. */
  get ident(): IdentGenerator {
    this.#ident ??= new IdentGenerator(this.netns);
    return this.#ident;
  }

  /** Packets that wait for their other parts. */
  get fragments(): FragmentQueues {
    this.#fragments ??= new FragmentQueues(this);
    return this.#fragments;
  }

  /** The namespace ends. `ipv4_frags_exit_net()` */
  close(): void {
    this.#fragments?.purge();
  }

  get #rawSockets(): RawSockets {
    this.raw ??= new RawSockets(this.netns, this.netns.udp);
    return this.raw;
  }

  /** socket(AF_INET, SOCK_RAW, protocol). @throws KernelError EPROTONOSUPPORT */
  openRaw(protocol: number): RawSocket {
    return this.#rawSockets.openRaw(protocol);
  }

  /**
   * socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP).
   * @param gid the caller's group, which `ping_group_range` must hold; absent: not asked
   * @throws KernelError EACCES
   */
  openPing(gid?: number): PingSocket {
    const [low, high] = this.conf.ping_group_range;
    if (gid !== undefined && (gid < low || gid > high)) throw new KernelError('EACCES');
    return this.#rawSockets.openPing();
  }

  /** `ip_rcv()`: `skb.data` is at the IPv4 header. Takes ownership. */
  receive(skb: SkBuff): void {
    ipRcv(this, skb);
  }

  /** `arp_rcv()`: `skb.data` is at the ARP header. Takes ownership. */
  receiveArp(skb: SkBuff): void {
    this.arp.receive(skb);
  }

  /** A copy of a packet of ours to many, for ourselves: has its route. Takes ownership. `dev_loopback_xmit()` */
  loopBack(skb: SkBuff): void {
    this.netns.sim.schedule(0, this, 0, skb);
  }

  onEvent(_kind: number, arg: unknown): void {
    const skb = arg as SkBuff;
    if ((skb.dev as NetDevice).netns !== this.netns) this.netns.drop(skb, 'dev_ready');
    else {
      skb.data = skb.nh;
      ipRcv(this, skb);
    }
  }

  /**
   * Finds the way of a packet of ours; the route is then in {@link rt}, and `flow.saddr` is filled in.
   * @returns why there is none. `ip_route_output_flow()`
   */
  routeOutput(flow: Flow4): Errno | undefined {
    return ipRouteOutput(this, flow);
  }

  /** Finds what to do with a packet that came in, and puts it into `skb.dst`. @returns why it must be dropped */
  routeInput(skb: SkBuff, daddr: number, saddr: number, tos: number): DropReason | undefined {
    return ipRouteInput(this, skb, daddr, saddr, tos);
  }

  /** Puts a header before a transport message and sends it along a route. Takes ownership. @returns false if netfilter dropped it */
  send(skb: SkBuff, rt: Rtable, header: Ipv4TxHeader): boolean {
    return ipSend(this, skb, rt, header);
  }

  /**
   * What an address is to us: local, broadcast, multicast or somebody's.
   * @param dev in whose layer 3 domain; absent or null: outside of any. `inet_addr_type()`, `inet_addr_type_dev_table()`
   */
  addrType(addr: number, dev: NetDevice | null = null): RouteType {
    return this.addrTypeIn(addr, dev?.l3Master?.table ?? RT_TABLE_LOCAL);
  }

  /** What an address is to a table that has local routes. `inet_addr_type_table()` */
  addrTypeIn(addr: number, id: number): RouteType {
    if (addr >>> 24 === 0 || addr === -1) return 'broadcast';
    if (addr >>> 28 === 0xe) return 'multicast';
    const table = this.fib.table(id);
    if (table === undefined) return 'unicast';
    typeFlow.to(addr);
    return table.lookup(typeFlow, typeResult, 1) === undefined ? typeResult.type : 'unicast';
  }

  /** The device of an address of ours, null if it is none; every address of 127.0.0.0/8 is one. `__ip_dev_find()` */
  devOf(addr: number): NetDevice | null {
    const dev = this.addrIndex.devOf(addr);
    if (dev !== null) return dev;
    const table = this.fib.table(255);
    if (table === undefined) return null;
    typeFlow.to(addr);
    const found = table.lookup(typeFlow, typeResult, 1) === undefined;
    return found && typeResult.type === 'local' ? typeResult.dev : null;
  }

  /** The source to use on a device towards `dst` (0: any), no nearer than `scope`; 0 if we have none. `inet_select_addr()` */
  selectAddr(dev: NetDevice, dst: number, scope: number): number {
    const own = dev.inDev?.selectAddr(dst, scope) ?? 0;
    if (own !== 0) return own;
    const domain = dev.l3Master;
    const first = domain?.inDev?.selectAddr(0, scope) ?? 0;
    if (first !== 0) return first;
    for (const other of this.netns.devices.list()) {
      if (other.l3Master !== domain) continue;
      const primary = other.inDev?.ifaList.find(
        (a) => (a.flags & 1) === 0 && a.scope !== RT_SCOPE_LINK && a.scope <= scope,
      );
      if (primary !== undefined) return primary.local;
    }
    return 0;
  }

  /** The address of `idev` (of any device if null) that is `local` (any if 0), on `dst`'s subnet and in scope; 0 if none. */
  confirmAddr(idev: InDevice | null, dst: number, local: number, scope: number): number {
    return confirmAddr(idev === null ? this.netns.devices.list() : [idev.dev], dst, local, scope);
  }

  /** All addresses, device by device. */
  *addresses(): Generator<InIfaddr> {
    for (const dev of this.netns.devices.list()) yield* dev.inDev?.ifaList ?? [];
  }

  /** Fills in what a flow's transport header says. */
  dissect(skb: SkBuff, flow: Flow4): void {
    const h = new Ipv4Header(skb.buf, skb.nh);
    flow.protocol = h.protocol;
    if (h.isFragment || (h.protocol !== IPPROTO_TCP && h.protocol !== IPPROTO_UDP)) return;
    const at = skb.nh + h.hlen;
    if (at + 4 > skb.tail) return;
    flow.sport = get16(skb.buf, at);
    flow.dport = get16(skb.buf, at + 2);
  }

  #attachRules(): void {
    if (this.fib.hasCustomRules) attachRules(this.netns, this.fib.rules());
  }

  /** `inetdev_event()` and `fib_netdev_event()` */
  onDeviceEvent(dev: NetDevice, event: NetdevEvent): void {
    if (event === 'REGISTER') {
      dev.inDev = new InDevice(dev, this, this.defaultConf);
      this.#attachRules();
      return;
    }
    const idev = dev.inDev;
    if (idev === null) return;
    if (event === 'CHANGENAME' || event === 'UNREGISTER') this.#attachRules();
    switch (event) {
      case 'UP':
        this.#deviceUp(dev, idev);
        break;
      case 'DOWN':
        fibDisableIp(this, dev, false);
        this.membership.deviceDown(idev);
        break;
      case 'CHANGE':
        this.#carrierChanged(dev, idev);
        break;
      case 'CHANGEUPPER':
        fibDisableIp(this, dev, true);
        break;
      case 'CHANGEADDR':
        this.neigh.deviceDown(dev);
        this.fib.flushCache();
        if (idev.arpNotify) for (const ifa of idev.ifaList) this.arp.announce(dev, ifa.local);
        break;
      case 'CHANGEMTU':
        fibSyncMtu(this, idev);
        break;
      case 'UNREGISTER':
        this.#deviceGone(dev, idev);
        break;
    }
  }

  #deviceUp(dev: NetDevice, idev: InDevice): void {
    const isLoopback = (dev.flags & IFF_LOOPBACK) !== 0;
    if (isLoopback && idev.ifaList.length === 0) addLoopbackAddress(this, idev);
    this.membership.deviceUp(idev);
    for (const ifa of idev.ifaList) fibAddIfaddr(this, ifa);
    fibSyncUp(this, dev, RTNH_F_DEAD);
    this.fib.flushCache();
    if (idev.arpNotify) for (const ifa of idev.ifaList) this.arp.announce(dev, ifa.local);
  }

  #carrierChanged(dev: NetDevice, idev: InDevice): void {
    if (dev.carrier && (dev.flags & IFF_UP) !== 0) fibSyncUp(this, dev, RTNH_F_LINKDOWN);
    else {
      fibLinkDown(this, dev);
      if (idev.arpEvictNocarrier) this.neigh.carrierDown(dev);
    }
  }

  #deviceGone(dev: NetDevice, idev: InDevice): void {
    deleteAllIfa(this, idev);
    fibDisableIp(this, dev, true);
    this.membership.deviceGone(idev);
    dev.inDev = null;
  }
}
