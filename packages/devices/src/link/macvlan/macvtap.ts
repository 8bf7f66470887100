import type { MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import type { NetdevEvent } from '../../netns/netdev-event.ts';
import { ETH_HLEN } from '../net-device.ts';
import type { RxHandler } from '../rx-handler.ts';
import { Macvlan } from './macvlan.ts';
import { MacvtapFile } from './macvtap-file.ts';
import type { MacvlanPort } from './port.ts';

/** Frames that wait for the program. TUN_READQ_SIZE */
const READQ_SIZE = 500;
/** Programs that may have a device open at a time. MAX_TAP_QUEUES */
const MAX_QUEUES = 256;

/** A macvlan whose frames a program gets: the one that has /dev/tapN open, N the device's index. Linux drivers/net/macvtap.c, tap.c. */
export class Macvtap extends Macvlan implements RxHandler {
  override readonly linkType = 'macvtap';
  /** The programs' ends, in the order in which they came. */
  readonly files: MacvtapFile[] = [];
  #node: string | null = null;

  constructor(name: string, addr: MacAddr, port: MacvlanPort) {
    super(name, addr, port);
    this.txQueueLen = READQ_SIZE;
    this.defaultQdisc = 'pfifo_fast';
    this.rxHandler = this;
  }

  /** Opens its character device. `tap_open()` @throws {@link KernelError} EBUSY with 256 programs */
  openFile(): MacvtapFile {
    if (this.files.length === MAX_QUEUES) throw new KernelError('EBUSY');
    const file = new MacvtapFile(this);
    this.files.push(file);
    return file;
  }

  /** `tap_handle_frame()`: without a program the frame is the stack's. */
  handleFrame(skb: SkBuff): boolean {
    const file = this.files[0];
    if (file === undefined) return false;
    skb.push(ETH_HLEN);
    file.enqueue(skb);
    return true;
  }

  /** Its node in /dev comes and goes with its index. `macvtap_device_event()` */
  override onOwnEvent(event: NetdevEvent): void {
    if (event !== 'REGISTER' && event !== 'UNREGISTER') return;
    const nodes = this.netns?.kernel.devNodes ?? null;
    if (this.#node !== null) nodes?.remove(this.#node);
    this.#node = null;
    if (event === 'UNREGISTER') return;
    this.#node = `tap${this.ifindex}`;
    nodes?.add(this.#node, () => this.openFile());
  }

  override uninit(): void {
    for (const file of this.files.splice(0)) file.deviceGone();
    super.uninit();
  }
}
