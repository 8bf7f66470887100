/** Packet sockets: raw frames of a device. packet(7); Linux net/packet/af_packet.c. */
import type { MacAddr } from '@labwire/core/addr';
import { get16, get48, put16, put48 } from '@labwire/core/bytes';
import { type Errno, KernelError } from '@labwire/core/error';
import { POLLERR, POLLIN, POLLOUT, type Pollable, WaitQueue } from '@labwire/core/sim';
import { allocSkb, PACKET_OUTGOING, type SkBuff } from '@labwire/core/skb';
import { ETH_HLEN, ETH_P_ALL } from '@labwire/core/wire';
import { IFF_UP, type NetDevice } from '../link/net-device.ts';
import type { Netns } from '../netns/netns.ts';

/** Bookkeeping that a queued frame counts beside its bytes: `skb->truesize` */
const TRUESIZE_OVERHEAD = 768;

/** Where a frame came from or is to go: `struct sockaddr_ll`. */
export interface PacketAddr {
  readonly ifindex: number;
  /** EtherType. */
  readonly protocol: number;
  /** PACKET_HOST, PACKET_BROADCAST, …; PACKET_OUTGOING for what this host sent. */
  readonly pktType: number;
  /** The frame's source. */
  readonly lladdr: MacAddr;
}

/** One received frame. */
export interface ReceivedPacket {
  /** From the Ethernet header on, or on a `dgram` socket from what is behind it. */
  readonly data: Uint8Array;
  readonly from: PacketAddr;
  /** When it was received or sent. */
  readonly tstamp: number;
}

/** socket(AF_PACKET, SOCK_RAW or SOCK_DGRAM, protocol): sends frames of a device and receives copies of them. */
export class PacketSocket implements Pollable {
  readonly netns: Netns;
  /** `raw` has Ethernet headers in what it sends and receives, `dgram` has not. */
  readonly type: 'raw' | 'dgram';
  readonly wq: WaitQueue = new WaitQueue();
  /** EtherType that it receives; ETH_P_ALL for all, and then also what this host sends; 0 for none. */
  protocol: number;
  /** Bytes. SO_RCVBUF */
  rcvBuf = 212_992;
  /** Frames received, and dropped for want of room. PACKET_STATISTICS */
  packets = 0;
  drops = 0;
  /** SO_ERROR: that its device is down, until it is told. */
  pendingError: Errno | undefined;
  #dev: NetDevice | null = null;
  readonly #queue: ReceivedPacket[] = [];
  #memory = 0;
  #unlisten: (() => void) | null = null;

  constructor(netns: Netns, type: 'raw' | 'dgram', protocol: number) {
    this.netns = netns;
    this.type = type;
    this.protocol = protocol;
    this.#listen();
  }

  /** The device that it is bound to; null for all. */
  get dev(): NetDevice | null {
    return this.#dev;
  }

  /** Receives the frames of one device (0: of all) and EtherType. @throws {@link KernelError} ENODEV. `packet_do_bind()` */
  bind(ifindex: number, protocol: number = this.protocol): void {
    const dev = ifindex === 0 ? null : this.#device(ifindex);
    if (dev !== null && (dev.flags & IFF_UP) === 0) this.pendingError = 'ENETDOWN';
    this.#dev = dev;
    this.protocol = protocol;
    this.#listen();
  }

  #device(ifindex: number): NetDevice {
    const dev = this.netns.devices.byIndex(ifindex);
    if (dev === undefined) throw new KernelError('ENODEV');
    return dev;
  }

  #listen(): void {
    this.#unlisten?.();
    this.#unlisten = null;
    if (this.protocol === 0) return;
    const tap = this.#dev === null ? this.netns.openTap() : this.#dev.openTap();
    this.#unlisten = tap.listen((skb, dev) => this.#receive(skb, dev));
  }

  /** `packet_rcv()`: the frame stays the sender's; a socket does not see what it sent itself. */
  #receive(skb: SkBuff, dev: NetDevice): void {
    if (skb.sk === this) return;
    const protocol = get16(skb.buf, skb.mac + 12);
    if (
      this.protocol !== ETH_P_ALL &&
      (this.protocol !== protocol || skb.pktType === PACKET_OUTGOING)
    )
      return;
    const at = this.type === 'raw' ? skb.mac : skb.mac + ETH_HLEN;
    const size = skb.tail - at + TRUESIZE_OVERHEAD;
    if (this.#memory + size > this.rcvBuf) {
      this.drops++;
      return;
    }
    this.packets++;
    this.#memory += size;
    const lladdr = get48(skb.buf, skb.mac + 6) as MacAddr;
    this.#queue.push({
      data: skb.buf.slice(at, skb.tail),
      from: { ifindex: dev.ifindex, protocol, pktType: skb.pktType, lladdr },
      tstamp: this.netns.sim.now,
    });
    this.wq.wake();
  }

  poll(): number {
    const error = this.pendingError === undefined ? 0 : POLLERR;
    return (this.#queue.length > 0 ? POLLIN | POLLOUT : POLLOUT) | error;
  }

  /** SO_ERROR: the pending error, which it clears. */
  takeError(): Errno | undefined {
    const e = this.pendingError;
    this.pendingError = undefined;
    return e;
  }

  /** @returns undefined if it would block. @throws {@link KernelError} ENETDOWN */
  recv(): ReceivedPacket | undefined {
    const error = this.takeError();
    if (error !== undefined) throw new KernelError(error);
    const got = this.#queue.shift();
    if (got !== undefined) this.#memory -= got.data.length + TRUESIZE_OVERHEAD;
    return got;
  }

  /**
   * Sends a frame out of a device.
   * @param to for a `dgram` socket, whose Ethernet header the kernel writes; the device may be the bound one (0)
   * @throws {@link KernelError} ENXIO without a device, ENETDOWN, EMSGSIZE, EINVAL. `packet_snd()`
   */
  send(
    data: Uint8Array,
    to: { ifindex?: number; protocol?: number; lladdr?: MacAddr } = {},
  ): number {
    const ifindex = to.ifindex ?? 0;
    const dev = ifindex === 0 ? this.#dev : (this.netns.devices.byIndex(ifindex) ?? null);
    if (dev === null) throw new KernelError('ENXIO');
    if ((dev.flags & IFF_UP) === 0) throw new KernelError('ENETDOWN');
    const header = this.type === 'raw' ? 0 : ETH_HLEN;
    if (data.length + header > dev.mtu + ETH_HLEN) throw new KernelError('EMSGSIZE');
    if (data.length + header < ETH_HLEN) throw new KernelError('EINVAL');
    const skb = allocSkb(data.length + header);
    const at = skb.put(data.length + header);
    skb.buf.set(data, at + header);
    if (header > 0) {
      put48(skb.buf, at, to.lladdr ?? 0);
      put48(skb.buf, at + 6, dev.addr);
      put16(skb.buf, at + 12, to.protocol ?? this.protocol);
    }
    skb.mac = at;
    skb.nh = at + ETH_HLEN;
    skb.protocol = get16(skb.buf, at + 12);
    skb.sk = this;
    dev.xmit(skb);
    return data.length;
  }

  /** Stops receiving. */
  close(): void {
    this.#unlisten?.();
    this.#unlisten = null;
    this.#queue.length = 0;
    this.wq.wake();
  }
}
