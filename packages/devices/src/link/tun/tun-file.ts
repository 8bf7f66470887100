import { put16 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { POLLERR, POLLIN, POLLOUT, WaitQueue } from '@labwire/core/sim';
import { freeSkb, PACKET_HOST, type SkBuff } from '@labwire/core/skb';
import type { Netns } from '../../netns/netns.ts';
import { isValidIfname } from '../change.ts';
import { carrierOn } from '../link-state.ts';
import { ETH_HLEN } from '../net-device.ts';
import { allocName, registerNetdevice } from '../register.ts';
import { SkbQueue } from '../skb-queue.ts';
import type { TapQueue } from '../tap-queue.ts';
import {
  IFF_MULTI_QUEUE,
  IFF_PERSIST,
  IFF_TAP,
  IFF_TUN,
  IFF_TUN_EXCL,
  TUN_FEATURES,
} from './flags.ts';
import { Tun } from './tun.ts';

const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;

/** Mbit/s that a device claims to have before Linux 6.3, which makes a bridge's port costly. */
const OLD_SPEED = 10;

/** Who asks for a device: 0 has CAP_NET_ADMIN. */
export interface TunCaller {
  readonly uid: number;
  readonly gid: number;
}

/** What takes a device's frames as they leave, in place of the queue: vhost-net, the NIC of a guest. */
export interface TunBackend {
  /** A frame leaves, `skb.data` at its first byte. Takes ownership; delivery is a later event. */
  transmit(skb: SkBuff): void;
  /** Whether `most` frames wait for it already, so that the next is dropped. Absent: it takes any number. */
  full?(most: number): boolean;
  /** The device is gone. */
  gone(): void;
}

/**
 * A program's end of a {@link Tun}: what opening /dev/net/tun gives. It is of no device before {@link setIff}.
 * Linux `struct tun_file`
 */
export class TunFile implements TapQueue {
  readonly wq: WaitQueue = new WaitQueue();
  /** Takes frames in place of {@link recv}. */
  backend: TunBackend | null = null;
  readonly #netns: Netns;
  #device: Tun | null = null;
  readonly #queue = new SkbQueue();

  /** @param netns of the program that opened it: where its device is looked for or made */
  constructor(netns: Netns) {
    this.#netns = netns;
  }

  /** The device that it is attached to. */
  get device(): Tun | null {
    return this.#device;
  }

  /**
   * Attaches to a device, or makes it. TUNSETIFF, `tun_set_iff()`
   * @param name may be a pattern with `%d`; empty for the next `tunN` or `tapN`
   * @returns the device's name
   * @throws {@link KernelError} EBUSY if it is held or was to be new, EINVAL if it is of another kind, EPERM
   */
  setIff(name: string, flags: number, caller: TunCaller): string {
    if (this.#device !== null) throw new KernelError('EINVAL');
    const found = this.#netns.devices.byName(name);
    const dev = found === undefined ? this.#make(name, flags, caller) : found;
    if (found !== undefined) this.#checkExisting(found, flags, caller);
    const tun = dev as Tun;
    tun.attach(this);
    this.#device = tun;
    tun.tunFlags = (tun.tunFlags & ~TUN_FEATURES) | (flags & TUN_FEATURES);
    carrierOn(tun);
    return tun.name;
  }

  #checkExisting(dev: unknown, flags: number, caller: TunCaller): void {
    if ((flags & IFF_TUN_EXCL) !== 0) throw new KernelError('EBUSY');
    const kind = flags & (IFF_TUN | IFF_TAP);
    if (!(dev instanceof Tun) || (dev.tunFlags & kind) === 0) throw new KernelError('EINVAL');
    if (((dev.tunFlags ^ flags) & IFF_MULTI_QUEUE) !== 0) throw new KernelError('EINVAL');
    if (!mayAttach(dev, caller)) throw new KernelError('EPERM');
  }

  #make(name: string, flags: number, caller: TunCaller): Tun {
    if (caller.uid !== 0) throw new KernelError('EPERM');
    const kind = (flags & IFF_TUN) !== 0 ? IFF_TUN : flags & IFF_TAP;
    if (kind === 0) throw new KernelError('EINVAL');
    const pattern = name === '' ? (kind === IFF_TUN ? 'tun%d' : 'tap%d') : name;
    if (!isValidIfname(pattern)) throw new KernelError('EINVAL');
    const netns = this.#netns;
    const tun = new Tun(
      allocName(netns, pattern),
      netns.kernel.randomMac(),
      kind | (flags & TUN_FEATURES),
    );
    if (netns.kernel.profile === '5.x') tun.speed = OLD_SPEED;
    registerNetdevice(netns, tun);
    return tun;
  }

  #attached(): Tun {
    if (this.#device === null) throw new KernelError('EBADFD');
    return this.#device;
  }

  /** Keeps the device when the program goes, or no longer. TUNSETPERSIST @throws {@link KernelError} EBADFD */
  setPersist(persist: boolean): void {
    const tun = this.#attached();
    tun.tunFlags = persist ? tun.tunFlags | IFF_PERSIST : tun.tunFlags & ~IFF_PERSIST;
  }

  /** Says whether it takes super-segments of TCP. TUNSETOFFLOAD with TUN_F_TSO4 and TUN_F_TSO6 @throws {@link KernelError} EBADFD */
  setOffload(tso: boolean): void {
    this.#attached().tso = tso;
  }

  /** Says which user may attach. TUNSETOWNER @throws {@link KernelError} EBADFD */
  setOwner(uid: number): void {
    this.#attached().owner = uid;
  }

  /** Says which group may attach. TUNSETGROUP @throws {@link KernelError} EBADFD */
  setGroup(gid: number): void {
    this.#attached().ownerGroup = gid;
  }

  /** @internal A frame leaves the device. Takes ownership. */
  enqueue(skb: SkBuff, dev: Tun): void {
    if (!dev.isTap) skb.pull(ETH_HLEN);
    const { backend } = this;
    if (backend !== null) {
      if (backend.full?.(dev.txQueueLen) === true) {
        this.#dropFull(skb, dev);
        return;
      }
      dev.stats.txPackets++;
      dev.stats.txBytes += skb.len;
      backend.transmit(skb);
      return;
    }
    if (this.#queue.length >= dev.txQueueLen) {
      this.#dropFull(skb, dev);
      return;
    }
    this.#queue.push(skb);
    this.wq.wake();
  }

  #dropFull(skb: SkBuff, dev: Tun): void {
    dev.stats.txDropped++;
    dev.drop(skb, 'full_ring');
  }

  /** Takes the next frame, which the caller then owns; null if there is none. `tun_do_read()` */
  recv(): SkBuff | null {
    const skb = this.#queue.shift();
    const stats = this.#device?.stats;
    if (skb !== null && stats !== undefined) {
      stats.txPackets++;
      stats.txBytes += skb.len;
    }
    return skb;
  }

  /**
   * Puts a frame into the device as if it had been received; `skb.data` is at its first byte. Takes ownership.
   * `tun_get_user()`
   * @returns false if it was dropped: no device, one that is down, a frame without a header
   */
  send(skb: SkBuff): boolean {
    const dev = this.#device;
    if (dev === null || dev.netns === null) {
      freeSkb(skb);
      return false;
    }
    skb.dev = dev;
    if (!dev.isUp || (dev.isTap && skb.len < ETH_HLEN)) {
      dev.stats.rxDropped++;
      dev.drop(skb, dev.isUp ? 'hdr_trunc' : 'dev_ready');
      return false;
    }
    fromOutside(skb);
    if (!dev.isTap) pushHeader(skb);
    dev.stats.rxPackets++;
    dev.stats.rxBytes += dev.isTap ? skb.len : skb.len - ETH_HLEN;
    dev.netns.receive(skb);
    return true;
  }

  poll(): number {
    if (this.#device === null) return POLLERR;
    return POLLOUT | (this.#queue.length === 0 ? 0 : POLLIN);
  }

  /** @internal The device has been deleted. */
  deviceGone(): void {
    this.#device = null;
    this.#queue.purge();
    this.backend?.gone();
    this.wq.wake();
  }

  /** Lets the device go. `tun_chr_close()` */
  close(): void {
    const dev = this.#device;
    this.#device = null;
    this.#queue.purge();
    dev?.detach(this);
  }
}

/** Whether somebody may take a device that is there. `tun_not_capable()` */
function mayAttach(dev: Tun, { uid, gid }: TunCaller): boolean {
  if (uid === 0) return true;
  return (dev.owner < 0 || dev.owner === uid) && (dev.ownerGroup < 0 || dev.ownerGroup === gid);
}

/** Gives a bare packet the Ethernet header that the layers above expect, all zeros but for its type. */
function pushHeader(skb: SkBuff): void {
  const version = (skb.buf[skb.data] as number) >> 4;
  const at = skb.push(ETH_HLEN);
  skb.buf.fill(0, at, at + 12);
  put16(skb.buf, at + 12, version === 6 ? ETH_P_IPV6 : ETH_P_IP);
}

/** Of whatever a frame was elsewhere only its bytes are left. */
function fromOutside(skb: SkBuff): void {
  skb.pktType = PACKET_HOST;
  skb.mark = 0;
  skb.priority = 0;
  skb.dst = null;
  skb.sk = null;
  skb.ct = null;
  skb.ctinfo = 0;
  skb.nfBridge = null;
}
