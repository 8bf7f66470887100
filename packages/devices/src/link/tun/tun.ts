import { MAC_ZERO, type MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { carrierOff, carrierOn } from '../link-state.ts';
import {
  ARPHRD_ETHER,
  ARPHRD_NONE,
  ETH_HLEN,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_POINTOPOINT,
  NetDevice,
} from '../net-device.ts';
import { unregisterNetdevice } from '../register.ts';
import {
  IFF_MULTI_QUEUE,
  IFF_NO_PI,
  IFF_PERSIST,
  IFF_TAP,
  IFF_TUN,
  IFF_VNET_HDR,
  MAX_TAP_QUEUES,
} from './flags.ts';
import type { TunFile } from './tun-file.ts';

/** Packets that wait for the reader of a tun device. TUN_READQ_SIZE */
const TUN_READQ_SIZE = 500;

/**
 * A device whose other end is a program: `tap` carries Ethernet frames, `tun` bare packets. It has a carrier while a
 * program holds it. Linux drivers/net/tun.c
 */
export class Tun extends NetDevice {
  override readonly linkType = 'tun';
  override readonly arphrd: number;
  /** IFF_TUN or IFF_TAP, with what was set beside it; IFF_PERSIST if it outlives its programs. */
  tunFlags: number;
  /** The user who may attach to it; -1 for whoever may make devices, or anybody if there is no group either. */
  owner = -1;
  /** The group that may. */
  ownerGroup = -1;
  /** The programs' ends, in the order in which they came. */
  readonly files: TunFile[] = [];

  /** @param tunFlags IFF_TUN or IFF_TAP, and what goes with it */
  constructor(name: string, addr: MacAddr, tunFlags: number) {
    const isTap = (tunFlags & IFF_TAP) !== 0;
    super(name, isTap ? addr : MAC_ZERO);
    this.tunFlags = tunFlags;
    this.arphrd = isTap ? ARPHRD_ETHER : ARPHRD_NONE;
    this.maxMtu = 65_535 - (isTap ? ETH_HLEN : 0);
    this.speed = 10_000;
    this.defaultQdisc = 'pfifo_fast';
    if ((tunFlags & IFF_MULTI_QUEUE) !== 0) {
      this.numTxQueues = MAX_TAP_QUEUES;
      this.numRxQueues = MAX_TAP_QUEUES;
      this.defaultQdisc = 'mq';
    }
    if (isTap) return;
    this.flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
    this.txQueueLen = TUN_READQ_SIZE;
  }

  /** Carries frames with their Ethernet headers. */
  get isTap(): boolean {
    return (this.tunFlags & IFF_TAP) !== 0;
  }

  /** Stays when no program holds it. */
  get persist(): boolean {
    return (this.tunFlags & IFF_PERSIST) !== 0;
  }

  /** `tun_fill_info()` */
  override get infoData(): Readonly<Record<string, unknown>> {
    const flags = this.tunFlags;
    const multiQueue = (flags & IFF_MULTI_QUEUE) !== 0;
    return {
      type: flags & (IFF_TUN | IFF_TAP),
      ...(this.owner < 0 ? {} : { owner: this.owner }),
      ...(this.ownerGroup < 0 ? {} : { group: this.ownerGroup }),
      pi: (flags & IFF_NO_PI) === 0,
      vnet_hdr: (flags & IFF_VNET_HDR) !== 0,
      persist: this.persist,
      multi_queue: multiQueue,
      ...(multiQueue ? { num_queues: this.files.length, num_disabled_queues: 0 } : {}),
    };
  }

  /**
   * Lets a program's end in. `tun_attach()`
   * @throws {@link KernelError} EBUSY if another one has the only queue, E2BIG with 256
   */
  attach(file: TunFile): void {
    if ((this.tunFlags & IFF_MULTI_QUEUE) === 0 && this.files.length === 1)
      throw new KernelError('EBUSY');
    if (this.files.length === MAX_TAP_QUEUES) throw new KernelError('E2BIG');
    this.files.push(file);
  }

  /** Lets it go; a device that does not persist goes with its last program. `__tun_detach()` */
  detach(file: TunFile): void {
    const at = this.files.indexOf(file);
    if (at < 0) return;
    this.files.splice(at, 1);
    if (this.files.length > 0) return;
    carrierOff(this);
    if (!this.persist) unregisterNetdevice(this);
  }

  /**
   * `tun_net_xmit()`
   * @deviation the kernel spreads flows over the queues; here the first one, whose program holds the others too, takes all
   */
  protected override startXmit(skb: SkBuff): void {
    const file = this.files[0];
    if (file === undefined) {
      this.stats.txDropped++;
      this.drop(skb, 'dev_ready');
    } else file.enqueue(skb, this);
  }

  /** Without a program there is nothing to have a carrier with. `tun_net_change_carrier()` */
  override changeCarrier(carrier: boolean): void {
    if (!carrier) carrierOff(this);
    else if (this.files.length === 0) throw new KernelError('EPERM');
    else carrierOn(this);
  }

  override setMacAddress(addr: MacAddr): void {
    if (!this.isTap) throw new KernelError('EOPNOTSUPP');
    this.addr = addr;
  }

  /** `tun_detach_all()` */
  override uninit(): void {
    for (const file of this.files.splice(0)) file.deviceGone();
  }
}
