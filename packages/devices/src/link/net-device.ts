import type { MacAddr } from '@labwire/core/addr';
import type { Nanos } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import type { Netns } from '../netns/netns.ts';

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

/** RFC 2863 states, as Linux include/uapi/linux/if.h numbers and `ip` names them. */
export type OperState =
  | 'UNKNOWN'
  | 'NOTPRESENT'
  | 'DOWN'
  | 'LOWERLAYERDOWN'
  | 'TESTING'
  | 'DORMANT'
  | 'UP';

/** Frame counters: Linux `struct rtnl_link_stats64`. */
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

/** What a master (a bridge, a bond) wants of frames that come in at a port: takes ownership of `skb`. Linux `rx_handler_func_t`. */
export interface RxHandler {
  handleFrame(skb: SkBuff, port: NetDevice): void;
}

/**
 * A network device: the counterpart of Linux `struct net_device` and its `ndo_*` operations.
 * Frames leave by {@link NetDevice.xmit}, which only queues; they come in by `netifReceive` (netns), as later events.
 */
export abstract class NetDevice {
  /** What `ip -d link` and `type` call it: `veth`, `bridge`, `dummy`; undefined for a NIC and for `lo`. */
  abstract readonly linkType: string | undefined;
  name: string;
  /** Unique in its namespace, and kept when it moves unless another device there has it. */
  ifindex = 0;
  /** The namespace it is in; null before it is registered and after it is gone. */
  netns: Netns | null = null;
  addr: MacAddr;
  /** The address it was made with. */
  permAddr: MacAddr | undefined;
  /** Largest L3 packet in bytes, without the 14 bytes of Ethernet. */
  mtu = 1500;
  minMtu = 68;
  maxMtu = 65_535;
  /** IFF_* that were set on purpose; RUNNING and LOWER_UP are derived, see {@link effectiveFlags}. */
  flags: number = IFF_BROADCAST | IFF_MULTICAST;
  /** netif_carrier_ok() */
  carrier = true;
  operState: OperState = 'DOWN';
  /** Name of the root queueing discipline: noop until first up. */
  qdisc = 'noop';
  /** The queueing discipline that it gets when it first comes up. */
  defaultQdisc = 'noqueue';
  txQueueLen = 1000;
  group = 0;
  alias: string | undefined;
  /** The bridge or bond that it is a port of. */
  master: NetDevice | null = null;
  /** Installed by the master. */
  rxHandler: RxHandler | null = null;
  promiscuity = 0;
  allmulti = 0;
  readonly stats: LinkStats = new LinkStats();

  constructor(name: string, addr: MacAddr) {
    this.name = name;
    this.addr = addr;
  }

  /** The device at the other end or below, if there is one: a veth's peer, a vlan's parent. Shown as `@name` or `@ifN`. */
  get linkDevice(): NetDevice | null {
    return null;
  }

  /** Administratively up. */
  get isUp(): boolean {
    return (this.flags & IFF_UP) !== 0;
  }

  /** Up and with a carrier: frames can pass. */
  get running(): boolean {
    return (this.flags & IFF_UP) !== 0 && this.carrier;
  }

  /** Simulated time that one frame of `bytes` takes from {@link xmit} to the receiver's stack. */
  abstract latency(bytes: number): Nanos;

  /** Takes ownership of a whole frame and hands it on as a later event, or drops and counts it. `ndo_start_xmit` */
  abstract xmit(skb: SkBuff): void;

  /** `ndo_open`: has just been set up. */
  open(): void {}

  /** `ndo_stop`: is about to be set down. */
  stop(): void {}

  /** `ndo_uninit`: is being deleted; takes along what cannot be without it (a veth's peer). */
  uninit(): void {}
}
