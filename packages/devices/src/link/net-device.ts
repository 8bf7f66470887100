import { MAC_BROADCAST, type MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { type EventHandler, type Nanos, Tracepoint } from '@labwire/core/sim';
import { type DropReason, freeSkb, PACKET_OUTGOING, type SkBuff } from '@labwire/core/skb';
import type { InDevice } from '../ipv4/in-device.ts';
import type { Inet6Dev } from '../ipv6/inet6-dev.ts';
import type { NetdevEvent } from '../netns/netdev-event.ts';
import type { Netns } from '../netns/netns.ts';
import type { TcScheduler } from '../qdisc/scheduler.ts';
import type { InetAddr } from '../rtnetlink/types.ts';
import { gsoSegment } from './gso.ts';
import type { L3Master } from './l3-master.ts';
import type { PortOps, RxHandler } from './rx-handler.ts';
import { NO_USERS, type UserCounts } from './user-counts.ts';
import type { VlanGroup } from './vlan/index.ts';
import { skbVlanPush } from './vlan-tag.ts';

/** Device flags. Linux include/uapi/linux/if.h. */
export const IFF_UP = 0x1;
export const IFF_BROADCAST = 0x2;
export const IFF_LOOPBACK = 0x8;
export const IFF_POINTOPOINT = 0x10;
export const IFF_RUNNING = 0x40;
export const IFF_NOARP = 0x80;
export const IFF_PROMISC = 0x100;
export const IFF_ALLMULTI = 0x200;
export const IFF_MASTER = 0x400;
export const IFF_SLAVE = 0x800;
export const IFF_MULTICAST = 0x1000;
export const IFF_LOWER_UP = 0x10000;
export const IFF_DORMANT = 0x20000;

/** Hardware types. Linux include/uapi/linux/if_arp.h. */
export const ARPHRD_ETHER = 1;
export const ARPHRD_LOOPBACK = 772;
export const ARPHRD_NONE = 65_534;

/** Bytes of an Ethernet header. */
export const ETH_HLEN = 14;

/** Bytes of a VLAN tag. */
export const VLAN_HLEN = 4;

/** RFC 2863 states, as Linux include/uapi/linux/if.h numbers and `ip` names them. */
export type OperState =
  | 'UNKNOWN'
  | 'NOTPRESENT'
  | 'DOWN'
  | 'LOWERLAYERDOWN'
  | 'TESTING'
  | 'DORMANT'
  | 'UP';

/** Frame counters: Linux `struct rtnl_link_stats64`. Bytes include the Ethernet header. */
export class LinkStats {
  rxPackets = 0;
  txPackets = 0;
  rxBytes = 0;
  txBytes = 0;
  rxErrors = 0;
  txErrors = 0;
  rxDropped = 0;
  txDropped = 0;
  multicast = 0;
  collisions = 0;
  txCarrierErrors = 0;
}

const NO_UPPERS: readonly NetDevice[] = [];

/** Who looks at the frames of a device or namespace, both ways; the frame begins at `skb.mac` and stays the sender's. */
export type PacketTap = Tracepoint<[skb: SkBuff, dev: NetDevice]>;

/**
 * A network device: the counterpart of Linux `struct net_device` and its `ndo_*` operations.
 * Frames leave by {@link NetDevice.xmit}, which only queues; they come in by {@link Netns.receive}, as later events.
 */
export abstract class NetDevice implements EventHandler {
  /** What `ip -d link` and `type` call it: `veth`, `bridge`, `dummy`; undefined for a NIC and for `lo`. */
  abstract readonly linkType: string | undefined;
  name: string;
  /** Unique in its namespace, and kept when it moves unless another device there has it. */
  ifindex = 0;
  /** The namespace it is in; null before it is registered and after it is gone. */
  netns: Netns | null = null;
  /** IFLA_TSO_MAX_SIZE: bytes of the largest super-segment that the device could take. */
  tsoMaxSize = 65_536;
  /** Takes super-segments whole; what is to leave by another device is cut before. NETIF_F_TSO */
  tso = false;
  /** Whether {@link tso} can be on. `dev->hw_features` */
  canTso = false;
  /** Offloads that were switched by ethtool, by the kernel's names; null for none. `dev->wanted_features` */
  wantedFeatures: Map<string, boolean> | null = null;
  /** What a driver that believes everything was told of its link by ethtool; null for nothing. */
  linkSettings: {
    readonly speed: number | undefined;
    readonly duplex: 'Half' | 'Full' | undefined;
  } | null = null;
  /** Mbit/s as ethtool tells; -1 if unknown. */
  speed = -1;
  /** Is being taken out of its namespace for good. NETREG_UNREGISTERING */
  unregistering = false;
  /** ARPHRD_* */
  readonly arphrd: number = ARPHRD_ETHER;
  addr: MacAddr;
  broadcast: MacAddr = MAC_BROADCAST;
  /** Whether {@link addr} was set by hand. NET_ADDR_SET */
  addrWasSet = false;
  /** The address in a NIC's hardware; undefined for what has none. */
  permAddr: MacAddr | undefined;
  /** Largest L3 packet in bytes, without the 14 bytes of Ethernet. */
  mtu = 1500;
  minMtu = 68;
  maxMtu = 65_535;
  /** IFF_* that were set on purpose; RUNNING and LOWER_UP are derived, see `effectiveFlags`. */
  flags: number = IFF_BROADCAST | IFF_MULTICAST;
  /** PROMISC and ALLMULTI as users set them, which is what users see of the two. */
  gflags = 0;
  /** netif_carrier_ok(); changed by `carrierOn` and `carrierOff` alone. */
  carrier = true;
  /** How often the carrier came or went. */
  carrierChanges = 0;
  /** As last derived by `linkwatch`; what is shown is DOWN while the device is down. */
  operState: OperState = 'UNKNOWN';
  /** IF_LINK_MODE_*: 0 default, 1 dormant. */
  linkMode = 0;
  /** netif_dormant() */
  dormant = false;
  /** Name of the root queueing discipline: noop until first up. */
  qdisc = 'noop';
  /** The queueing discipline that it gets when it first comes up. */
  defaultQdisc = 'noqueue';
  /** What `tc` has put on it; null for nothing. */
  tc: TcScheduler | null = null;
  txQueueLen = 1000;
  numTxQueues = 1;
  numRxQueues = 1;
  group = 0;
  alias: string | undefined;
  /** Alternative names; null for none. */
  altNames: readonly string[] | null = null;
  /** The bridge or bond that it is a port of. */
  master: NetDevice | null = null;
  /** What stands for the layer 3 domain that it is in: a VRF, or itself; null if it is in none. `l3mdev_master_dev()` */
  l3Master: L3Master | null = null;
  /** Its VLANs; null if it has none. `dev->vlan_info` */
  vlans: VlanGroup | null = null;
  /** Whether it carries a VLAN tag beside the frame, as veths and NICs do. NETIF_F_HW_VLAN_CTAG_TX */
  readonly vlanOffload: boolean = false;
  /** Devices that are made upon this one: macvlans, VLANs. `adj_list.upper` */
  uppers: readonly NetDevice[] = NO_UPPERS;
  /** Installed by the master. */
  rxHandler: RxHandler | null = null;
  /** How many want every frame; set by `setPromiscuity`. */
  promiscuity = 0;
  /** How many want every multicast; set by `setAllmulti`. */
  allmulti = 0;
  /** Multicast addresses it listens to. `dev->mc` */
  multicast: UserCounts = NO_USERS;
  /** Unicast addresses it listens to beside its own. `dev->uc` */
  unicast: Map<MacAddr, number> | null = null;
  /** Whether it sorts out unicast addresses by itself; one that does not hears everything in their stead. IFF_UNICAST_FLT */
  readonly unicastFilter: boolean = false;
  /** Hears everything because of {@link unicast}. `dev->uc_promisc` */
  unicastPromisc = false;
  /** Who captures its frames; null for nobody. `dev->ptype_all` */
  tap: PacketTap | null = null;
  /** Its IPv4 side; null while it has none. `dev->ip_ptr` */
  inDev: InDevice | null = null;
  /** Its IPv6 side; null while it has none. `dev->ip6_ptr` */
  in6Dev: Inet6Dev | null = null;
  /** Whether it stays in the namespace it was made in. */
  readonly netnsImmutable: boolean = false;
  /** `ndo_add_slave`; undefined for a device that has no ports. */
  readonly ports: PortOps | undefined = undefined;
  readonly stats: LinkStats = new LinkStats();
  /** Frames on their way to this device. */
  #backlog = 0;
  /** When the last of them arrives. */
  #lastArrival: Nanos = 0;

  constructor(name: string, addr: MacAddr) {
    this.name = name;
    this.addr = addr;
  }

  /** The device at the other end or below, if there is one: a veth's peer, a vlan's parent. Shown as `@name` or `@ifN`. */
  get linkDevice(): NetDevice | null {
    return null;
  }

  /** IFLA_LINK: the index of {@link linkDevice}; undefined for a device that has no such attribute. */
  get iflink(): number | undefined {
    return this.linkDevice?.ifindex;
  }

  /** Where {@link iflink} is an index; null for its own namespace. */
  get linkNetns(): Netns | null {
    return this.linkDevice?.netns ?? null;
  }

  /** Tells it from others with its MAC address; 0 for the only one. `dev->dev_id` */
  devId = 0;

  /** Administratively up. */
  get isUp(): boolean {
    return (this.flags & IFF_UP) !== 0;
  }

  /** netif_oper_up() */
  get operUp(): boolean {
    return this.operState === 'UP' || this.operState === 'UNKNOWN';
  }

  /** Up and with a carrier: frames can pass. */
  get running(): boolean {
    return (this.flags & IFF_UP) !== 0 && this.carrier;
  }

  /** What the kernel keeps per device type for `ip -d link`: IFLA_INFO_DATA; undefined if the type has none. */
  get infoData(): Readonly<Record<string, unknown>> | undefined {
    return undefined;
  }

  /** Simulated time that one frame of `bytes` takes from {@link xmit} to the receiver's stack. */
  latency(_bytes: number): Nanos {
    return (this.netns as Netns).kernel.hopCost();
  }

  /**
   * Sends a whole frame (`skb.data` at its Ethernet header) and takes ownership: it is handed on as a later event,
   * or dropped and counted. `__dev_queue_xmit()`
   */
  xmit(skb: SkBuff): void {
    if (skb.gsoSize > 0 && (!this.tso || this.tc !== null)) {
      this.#xmitSegments(skb);
      return;
    }
    skb.dev = this;
    if (skb.vlanTci >= 0 && !this.vlanOffload) skbVlanPush(skb);
    skb.mac = skb.data;
    if (!this.running || this.netns === null) {
      this.stats.txDropped++;
      this.drop(skb, 'dev_ready');
      return;
    }
    if (this.tc === null) {
      this.#tapXmit(skb, this.netns);
      this.startXmit(skb);
    } else this.tc.send(skb);
  }

  /** Sends a frame that its queueing discipline gave out. Takes ownership. `dev_hard_start_xmit()` */
  transmit(skb: SkBuff): void {
    skb.mac = skb.data;
    this.#tapXmit(skb, this.netns as Netns);
    this.startXmit(skb);
  }

  /** Sends a super-segment in pieces. `validate_xmit_skb()` */
  #xmitSegments(skb: SkBuff): void {
    let segment = gsoSegment(skb);
    if (segment === null) {
      this.stats.txDropped++;
      this.drop(skb, 'skb_gso_seg');
      return;
    }
    freeSkb(skb);
    while (segment !== null) {
      const { next }: SkBuff = segment;
      segment.next = null;
      this.xmit(segment);
      segment = next;
    }
  }

  /** `ndo_start_xmit`: takes ownership of a frame that has passed the queueing discipline. */
  protected abstract startXmit(skb: SkBuff): void;

  /** Whether a frame with its Ethernet header fits the MTU, a VLAN tag allowed for. `is_skb_forwardable()` */
  fits(skb: SkBuff): boolean {
    return skb.len <= this.mtu + ETH_HLEN + VLAN_HLEN || skb.gsoSize > 0;
  }

  /** Drops a frame at this device. Takes ownership. */
  drop(skb: SkBuff, reason: DropReason): void {
    if (this.netns === null) freeSkb(skb);
    else this.netns.drop(skb, reason);
  }

  /** Its tap, made when first asked for: what a packet socket of this device listens to. */
  openTap(): PacketTap {
    this.tap ??= new Tracepoint();
    return this.tap;
  }

  /** `dev_queue_xmit_nit()` */
  #tapXmit(skb: SkBuff, netns: Netns): void {
    const trace = netns.kernel.openTrace;
    if (this.tap === null && netns.tap === null && trace === null) return;
    const was = skb.pktType;
    skb.pktType = PACKET_OUTGOING;
    if (trace?.xmit.active === true) trace.xmit.emit(skb, this);
    this.tap?.emit(skb, this);
    netns.tap?.emit(skb, this);
    skb.pktType = was;
  }

  /**
   * Takes a frame in `delay` from now, never before one that was sent earlier. Takes ownership.
   * @returns whether there was room for it; if not it has been dropped. `enqueue_to_backlog()`
   * @deviation the backlog is counted per receiving device, in the kernel per CPU
   */
  arrive(skb: SkBuff, delay: Nanos): boolean {
    const netns = this.netns;
    skb.dev = this;
    skb.redirectedFrom = null;
    skb.tcSkipClassify = false;
    if (netns === null || (this.flags & IFF_UP) === 0) {
      this.stats.rxDropped++;
      this.drop(skb, 'dev_ready');
      return false;
    }
    if (!this.fits(skb)) {
      this.stats.rxDropped++;
      this.drop(skb, 'pkt_too_big');
      return false;
    }
    if (this.#backlog >= netns.kernel.core.netdevMaxBacklog) {
      this.stats.rxDropped++;
      this.drop(skb, 'cpu_backlog');
      return false;
    }
    const sim = netns.sim;
    const at = Math.max(sim.now + delay, this.#lastArrival);
    this.#lastArrival = at;
    this.#backlog++;
    sim.schedule(at - sim.now, this, 0, skb);
    return true;
  }

  /** A frame has arrived. */
  onEvent(_kind: number, arg: unknown): void {
    const skb = arg as SkBuff;
    this.#backlog--;
    if (this.netns === null || (this.flags & IFF_UP) === 0) this.drop(skb, 'dev_ready');
    else this.netns.receive(skb);
  }

  describe(): string {
    if (this.master !== null) return this.master.describe();
    return `${this.linkType ?? 'NIC'} ${this.name} of ${this.netns?.kernel.name ?? 'nobody'}`;
  }

  /** Something happened to one of its ports. */
  onPortEvent(_port: NetDevice, _event: NetdevEvent): void {}

  /** Something happened to a device below that has this one among its {@link uppers}. */
  onLowerEvent(_lower: NetDevice, _event: NetdevEvent): void {}

  /** What its driver's notifier does about its own events. */
  onOwnEvent(_event: NetdevEvent): void {}

  /** `ndo_change_rx_flags`: IFF_PROMISC or IFF_ALLMULTI came or went. */
  changeRxFlags(_changed: number): void {}

  /** `ndo_set_rx_mode`: the addresses that it listens to have changed, while it is up. */
  setRxMode(): void {}

  /** `ndo_set_mac_address`: takes a valid address. */
  setMacAddress(addr: MacAddr): void {
    this.addr = addr;
  }

  /** Whether it may have an IP address. @throws {@link KernelError} EADDRINUSE. `inetaddr_validator_chain` */
  checkAddress(_addr: InetAddr): void {}

  /** `ndo_change_mtu`: takes an MTU within its limits. */
  changeMtu(mtu: number): void {
    this.mtu = mtu;
  }

  /** `changelink`: takes attributes of its type, as in {@link infoData}. @throws {@link KernelError} */
  changeLink(_data: Readonly<Record<string, unknown>>): void {
    throw new KernelError('EOPNOTSUPP');
  }

  /** `ndo_change_carrier`. @throws {@link KernelError} EOPNOTSUPP unless the type has one */
  changeCarrier(_carrier: boolean): void {
    throw new KernelError('EOPNOTSUPP');
  }

  /** `ndo_open`: has just been set up. @throws {@link KernelError} if it can't be: then it stays down */
  open(): void {}

  /** `ndo_stop`: has just been set down. */
  stop(): void {}

  /** `dellink`: a user deletes it; it is still as it was. */
  dellink(): void {}

  /** `ndo_uninit`: is gone; takes along what cannot be without it (a veth's peer). */
  uninit(): void {}
}
