import { type Simulator, Tracepoint } from '@labwire/core/sim';
import { type DropReason, PACKET_OTHERHOST, type SkBuff } from '@labwire/core/skb';
import { ArpTable } from '../arptables/index.ts';
import { BRNF_CONF_DEFAULT, type BrnfConf } from '../bridge/brnf-conf.ts';
import { Ebtables } from '../bridge/ebtables/index.ts';
import type { Conntrack } from '../conntrack/conntrack.ts';
import { DatagramInet4 } from '../ipv4/datagram-inet4.ts';
import { Ipv4 } from '../ipv4/ipv4.ts';
import { DatagramInet6 } from '../ipv6/datagram-inet6.ts';
import { Ipv6 } from '../ipv6/ipv6.ts';
import { TcpInet6 } from '../ipv6/tcp-inet6.ts';
import { Loopback } from '../link/loopback.ts';
import type { NetDevice, PacketTap } from '../link/net-device.ts';
import { registerNetdevice } from '../link/register.ts';
import { isVlanType, skbVlanUntag } from '../link/vlan-tag.ts';
import type { HookList } from '../netfilter/hook-list.ts';
import { Netfilter } from '../netfilter/netfilter.ts';
import { Nexthops } from '../nexthop/nexthops.ts';
import { ActionIndexes } from '../qdisc/cls/actions.ts';
import type { InetAddr } from '../rtnetlink/types.ts';
import { TcpInet4 } from '../tcp/inet4.ts';
import { TcpLayer } from '../tcp/tcp-layer.ts';
import { UdpLayer } from '../udp/udp-layer.ts';
import { UnixTable } from '../unix/unix-table.ts';
import { AddressChanges } from './address-changes.ts';
import { DeviceTable } from './device-table.ts';
import { ethTypeTrans } from './eth-type-trans.ts';
import type { Kernel } from './kernel.ts';
import type { NetdevEvent } from './netdev-event.ts';
import { NetnsIds } from './netns-ids.ts';
import { RtnlGroups } from './rtnl-groups.ts';
import { SysctlTree } from './sysctl/index.ts';
import { SYSCTL_TABLES } from './sysctl-tables.ts';

const ETH_P_IP = 0x0800;
const ETH_P_ARP = 0x0806;
const ETH_P_IPV6 = 0x86dd;
/** The part of a VLAN tag that is the VLAN's number. IEEE 802.1Q section 9.6 */
const VLAN_VID_MASK = 0xfff;

export type { NetdevEvent } from './netdev-event.ts';

/** Events that programs are told of before the layers hear of them. `__dev_notify_flags()`, `rtnetlink_event()` */
const TOLD_FIRST: readonly NetdevEvent[] = [
  'UP',
  'DOWN',
  'CHANGEADDR',
  'CHANGEMTU',
  'CHANGENAME',
  'CHANGEUPPER',
];

/** Those who listen where nobody does. */
const NOBODY = new RtnlGroups();

/** Who takes packets of protocols other than the transport's. Linux `struct net_protocol` */
export interface PacketTaker {
  /** A packet for us, `skb.data` behind its IPv4 header. Takes ownership if it takes it. @returns whether it does */
  receive(skb: SkBuff, protocol: number): boolean;
}

/** A network namespace: composes the layers below for one set of devices, addresses, routes and sockets. */
export class Netns {
  readonly kernel: Kernel;
  /** Inode number in nsfs. */
  readonly ino: number;
  readonly sim: Simulator;
  readonly devices: DeviceTable = new DeviceTable();
  /** null while no program has watched. */
  #changes: AddressChanges | null = null;
  /** null while it knows no other namespace by an id. */
  #nsids: NetnsIds | null = null;
  /** null while nobody listens. */
  #rtnl: RtnlGroups | null = null;
  /** Who captures the frames of all devices; null for nobody. `net->ptype_all` */
  tap: PacketTap | null = null;
  /** Connections that may wait for accept(2) at one socket. net.core.somaxconn */
  somaxconn = 4096;
  /** net.vrf.strict_mode: no two VRFs have one table. */
  vrfStrictMode = 0;
  /** net.bridge */
  brnf: BrnfConf = BRNF_CONF_DEFAULT;
  /** What hangs on the hooks of bridges, before bridge netfilter; null while there is nothing. `enum nf_br_hook_priorities` */
  bridgeHooks: HookList | null = null;
  /** What filters of `tc` do with packets. */
  #tcActions: ActionIndexes | null = null;
  /** What hangs on the hooks of ARP, NF_ARP_IN and NF_ARP_OUT; null while there is nothing. */
  arpHooks: HookList | null = null;
  /** Tunnels over IPv4; null while there is none. */
  tunnels: PacketTaker | null = null;
  /** Connection tracking; null until something asks for it. */
  conntrack: Conntrack | null = null;
  readonly ipv4: Ipv4;
  readonly ipv6: Ipv6;
  #udp: UdpLayer | null = null;
  #tcp: TcpLayer | null = null;
  #unix: UnixTable | null = null;
  readonly loopback: NetDevice = new Loopback();
  #netfilter: Netfilter | null = null;
  #ebtables: Ebtables | null = null;
  #arptables: ArpTable | null = null;
  #nexthops: Nexthops | null = null;
  #refs = 1;

  constructor(kernel: Kernel, ino: number) {
    this.kernel = kernel;
    this.sim = kernel.sim;
    this.ino = ino;
    this.ipv4 = new Ipv4(this);
    this.ipv6 = new Ipv6(this);
    registerNetdevice(this, this.loopback);
  }

  /** Whom to tell of each change: those who listen by {@link openRtnl}. */
  get rtnl(): RtnlGroups {
    return this.#rtnl ?? NOBODY;
  }

  /** The groups to listen to, as `ip monitor` does; made when first asked for. */
  openRtnl(): RtnlGroups {
    this.#rtnl ??= new RtnlGroups();
    return this.#rtnl;
  }

  /** Whether nexthops were ever asked for. */
  get hasNexthops(): boolean {
    return this.#nexthops !== null;
  }

  /** Nexthops that routes name by their ids; made when first asked for. */
  get nexthops(): Nexthops {
    this.#nexthops ??= new Nexthops(this);
    return this.#nexthops;
  }

  /** Changes of devices and addresses, for programs that watch them: counted from when it is first asked for. */
  get changes(): AddressChanges {
    this.#changes ??= new AddressChanges();
    return this.#changes;
  }

  /** A device or an address came, went or is another. `rtnl_notify()` */
  noteChange(): void {
    this.#changes?.note();
  }

  /** The ids by which it knows other namespaces. */
  get nsids(): NetnsIds {
    this.#nsids ??= new NetnsIds();
    return this.#nsids;
  }

  /** Another namespace is gone. */
  forgetNetns(gone: Netns): void {
    this.#nsids?.forget(gone);
  }

  /** UDP: made when first used, since most namespaces of a large lab only forward. */
  get udp(): UdpLayer {
    return this.#udp ?? this.#newUdp();
  }

  /** TCP: made when first used. */
  get tcp(): TcpLayer {
    return this.#tcp ?? this.#newTcp();
  }

  /** Sockets of AF_UNIX: made when first asked for. */
  get unix(): UnixTable {
    this.#unix ??= new UnixTable(this);
    return this.#unix;
  }

  #newUdp(): UdpLayer {
    const udp = new UdpLayer(this);
    this.#udp = udp;
    udp.attach(new DatagramInet4(this.ipv4));
    udp.attach(new DatagramInet6(this.ipv6));
    return udp;
  }

  #newTcp(): TcpLayer {
    const tcp = new TcpLayer(this);
    this.#tcp = tcp;
    tcp.attach(new TcpInet4(this.ipv4));
    tcp.attach(new TcpInet6(this.ipv6));
    return tcp;
  }

  /** Rules, connections and address translation; made when first asked for. */
  get netfilter(): Netfilter {
    this.#netfilter ??= new Netfilter(this, () => this.kernel.epoch);
    return this.#netfilter;
  }

  /** The tables of ebtables, which hang on {@link bridgeHooks}. */
  get ebtables(): Ebtables {
    this.#ebtables ??= new Ebtables(this);
    return this.#ebtables;
  }

  /** The numbers of what filters of `tc` do; made when first asked for. */
  get tcActions(): ActionIndexes {
    this.#tcActions ??= new ActionIndexes();
    return this.#tcActions;
  }

  /** The table of arptables, which hangs on {@link arpHooks}. */
  get arptables(): ArpTable {
    this.#arptables ??= new ArpTable(this);
    return this.#arptables;
  }

  /** One more holds on to it: a process, a file under /run/netns. */
  ref(): void {
    this.#refs++;
  }

  /** One fewer does; with the last it dies. `put_net()` */
  unref(): void {
    if (--this.#refs === 0) this.kernel.destroyNetns(this);
  }

  /** The tap of all devices, made when first asked for: what a packet socket listens to. */
  openTap(): PacketTap {
    this.tap ??= new Tracepoint();
    return this.tap;
  }

  /** /proc/sys as this namespace shows it. */
  get sysctl(): SysctlTree<Netns> {
    return new SysctlTree<Netns>(this, SYSCTL_TABLES);
  }

  /** Drops a packet of this namespace: counts and traces why, and frees it. */
  drop(skb: SkBuff, reason: DropReason): void {
    this.kernel.drop(skb, reason);
  }

  /**
   * Takes in a frame that arrived at a device of this namespace: `skb.dev` is set, `skb.data` is at the Ethernet
   * header. Takes ownership. `__netif_receive_skb_core()`
   */
  receive(skb: SkBuff): void {
    const dev = skb.dev as NetDevice;
    if (!ethTypeTrans(skb, dev)) {
      dev.stats.rxDropped++;
      this.kernel.drop(skb, 'hdr_trunc');
      return;
    }
    this.receiveCore(skb);
  }

  /** {@link receive} for a frame whose Ethernet header has been pulled: what a bridge gives to its own device. */
  receiveCore(skb: SkBuff): void {
    const dev = skb.dev as NetDevice;
    if (isVlanType(skb.protocol) && !skbVlanUntag(skb)) {
      dev.stats.rxDropped++;
      this.kernel.drop(skb, 'hdr_trunc');
      return;
    }
    // what comes back from an ifb has been seen, and asked about, before
    if (skb.tcSkipClassify) skb.tcSkipClassify = false;
    else {
      this.#tapReceive(skb, dev);
      if (dev.tc?.clsact?.receives(skb) === false) return;
    }
    if (skb.vlanTci >= 0 && dev.vlans !== null) {
      const vlan = dev.vlans.find(skb.vlanProto, skb.vlanTci);
      if (vlan !== undefined) {
        vlan.receive(skb);
        return;
      }
    }
    if (dev.rxHandler?.handleFrame(skb, dev) === true) return;
    this.#deliver(skb, dev);
  }

  #tapReceive(skb: SkBuff, dev: NetDevice): void {
    const trace = this.kernel.openTrace;
    if (trace?.receive.active === true) trace.receive.emit(skb, dev);
    if (dev.tap !== null) dev.tap.emit(skb, dev);
    if (this.tap !== null) this.tap.emit(skb, dev);
  }

  #deliver(skb: SkBuff, dev: NetDevice): void {
    // a tag that no VLAN device took: for another host, unless it only gives a priority
    if (skb.vlanTci >= 0) {
      if ((skb.vlanTci & VLAN_VID_MASK) !== 0) skb.pktType = PACKET_OTHERHOST;
      else {
        skb.vlanTci = -1;
        if (isVlanType(skb.protocol)) {
          this.receiveCore(skb);
          return;
        }
      }
    }
    switch (skb.protocol) {
      case ETH_P_IP:
        this.ipv4.receive(skb);
        break;
      case ETH_P_ARP:
        this.ipv4.receiveArp(skb);
        break;
      case ETH_P_IPV6:
        this.ipv6.receive(skb);
        break;
      default:
        dev.stats.rxDropped++;
        this.kernel.drop(skb, 'unhandled_proto');
    }
  }

  /** Tells those who translate addresses that one is no longer a device's. `inetaddr_chain`, NETDEV_DOWN */
  addressGone(ifindex: number, addr: InetAddr): void {
    this.#netfilter?.onAddressGone(ifindex, addr);
  }

  /** Tells every layer what happened to a device. `call_netdevice_notifiers()` */
  notify(dev: NetDevice, event: NetdevEvent): void {
    if (TOLD_FIRST.includes(event)) this.rtnl.tell('link', false, dev);
    this.ipv4.onDeviceEvent(dev, event);
    this.ipv6.onDeviceEvent(dev, event);
    this.#nexthops?.onDeviceEvent(dev, event);
    this.#netfilter?.onDeviceEvent(dev, event);
    dev.onOwnEvent(event);
    dev.master?.onPortEvent(dev, event);
    for (const upper of dev.uppers) upper.onLowerEvent(dev, event);
    if (event === 'REGISTER' || event === 'CHANGE') this.rtnl.tell('link', false, dev);
    else if (event === 'UNREGISTER') this.rtnl.tell('link', true, dev);
    this.noteChange();
  }
}
