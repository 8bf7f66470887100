import { MAC_BROADCAST, type MacAddr } from '@labwire/core/addr';
import { get48 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import type { NetdevEvent } from '../../netns/netdev-event.ts';
import { setMacAddress, setMtu } from '../change.ts';
import { setAllmulti, setPromiscuity } from '../link-state.ts';
import { McSync } from '../mc-sync.ts';
import { IFF_ALLMULTI, IFF_PROMISC, NetDevice } from '../net-device.ts';
import { unregisterNetdevice } from '../register.ts';
import { linkUpper, transferOperState, unlinkUpper } from '../stacked.ts';
import { ucAdd, ucDel } from '../uc-list.ts';
import { usersOf } from '../user-counts.ts';
import { changeMacvlan, type MacvlanData } from './attributes.ts';
import { FLAG_NOPROMISC, MODE_SOURCE, MODE_VEPA } from './modes.ts';
import type { MacvlanPort } from './port.ts';

/** Group frames that may wait for delivery. MACVLAN_DEFAULT_BC_QUEUE_LEN */
const DEFAULT_BC_QUEUE_LEN = 1000;

/** A device with an address of its own on another device. Linux drivers/net/macvlan.c. */
export class Macvlan extends NetDevice {
  override readonly linkType: 'macvlan' | 'macvtap' = 'macvlan';
  override readonly unicastFilter: boolean = true;
  readonly port: MacvlanPort;
  /** MODE_* */
  mode: number = MODE_VEPA;
  /** FLAG_* */
  macvlanFlags = 0;
  /** Stations all of whose frames it takes, in mode source. */
  sources: readonly MacAddr[] = [];
  bcQueueLen: number = DEFAULT_BC_QUEUE_LEN;
  readonly #groups = new McSync(this);

  constructor(name: string, addr: MacAddr, port: MacvlanPort) {
    super(name, addr);
    this.port = port;
    const { lower } = port;
    this.mtu = lower.mtu;
    this.maxMtu = lower.maxMtu;
    this.tsoMaxSize = lower.tsoMaxSize;
    this.speed = lower.speed;
  }

  override get linkDevice(): NetDevice {
    return this.port.lower;
  }

  /** Has just been registered: is on the device below. `macvlan_common_newlink()` */
  attach(): void {
    const { lower } = this.port;
    linkUpper(lower, this);
    this.port.attach(this);
    this.netns?.kernel.linkwatch.fire(this);
    transferOperState(lower, this);
  }

  protected override startXmit(skb: SkBuff): void {
    const bytes = skb.len;
    if (this.port.transmit(this, skb)) {
      this.stats.txPackets++;
      this.stats.txBytes += bytes;
    } else this.stats.txDropped++;
  }

  /** `macvlan_count_rx()` */
  countRx(bytes: number, isGroup: boolean): void {
    this.stats.rxPackets++;
    this.stats.rxBytes += bytes;
    if (isGroup) this.stats.multicast++;
  }

  /** Whether it listens to the group that a frame is for, `skb.mac` at its Ethernet header. */
  wants(skb: SkBuff): boolean {
    const group = get48(skb.buf, skb.mac);
    if (group === MAC_BROADCAST || (this.flags & (IFF_PROMISC | IFF_ALLMULTI)) !== 0) return true;
    return usersOf(this.multicast, group) > 0;
  }

  /** `macvlan_open()` @throws {@link KernelError} EADDRINUSE */
  override open(): void {
    const { port } = this;
    if (port.passthru) {
      if ((this.macvlanFlags & FLAG_NOPROMISC) === 0) setPromiscuity(port.lower, 1);
    } else {
      if (port.isBusy(this.addr)) throw new KernelError('EADDRINUSE');
      ucAdd(port.lower, this.addr);
      if ((this.flags & IFF_ALLMULTI) !== 0) setAllmulti(port.lower, 1);
      if ((this.flags & IFF_PROMISC) !== 0) setPromiscuity(port.lower, 1);
    }
    port.hashAdd(this);
  }

  /** `macvlan_stop()` */
  override stop(): void {
    const { port } = this;
    this.#groups.unsync(port.lower);
    if (port.passthru) {
      if ((this.macvlanFlags & FLAG_NOPROMISC) === 0) setPromiscuity(port.lower, -1);
    } else {
      if ((this.flags & IFF_ALLMULTI) !== 0) setAllmulti(port.lower, -1);
      if ((this.flags & IFF_PROMISC) !== 0) setPromiscuity(port.lower, -1);
      ucDel(port.lower, this.addr);
    }
    port.hashDel(this);
  }

  /** `macvlan_change_rx_flags()` */
  override changeRxFlags(changed: number): void {
    if (!this.isUp) return;
    if ((changed & IFF_ALLMULTI) !== 0)
      setAllmulti(this.port.lower, (this.flags & IFF_ALLMULTI) !== 0 ? 1 : -1);
    if ((changed & IFF_PROMISC) !== 0 && !this.port.passthru)
      setPromiscuity(this.port.lower, (this.flags & IFF_PROMISC) !== 0 ? 1 : -1);
  }

  override setRxMode(): void {
    this.#groups.sync(this.port.lower);
  }

  /** `macvlan_set_mac_address()`; a passthru changes the device below, which then changes it. */
  override setMacAddress(addr: MacAddr): void {
    if (addr === this.addr) return;
    const { port } = this;
    if (port.passthru) {
      setMacAddress(port.lower, addr);
      return;
    }
    if (port.isBusy(addr)) throw new KernelError('EADDRINUSE');
    this.#takeAddress(addr);
  }

  /** `macvlan_sync_address()` */
  #takeAddress(addr: MacAddr): void {
    const { port } = this;
    if (!this.isUp) {
      this.addr = addr;
      return;
    }
    port.hashDel(this);
    if (!port.passthru) {
      ucAdd(port.lower, addr);
      ucDel(port.lower, this.addr);
    }
    this.addr = addr;
    port.hashAdd(this);
  }

  override changeMtu(mtu: number): void {
    if (mtu > this.port.lower.mtu) throw new KernelError('EINVAL');
    this.mtu = mtu;
  }

  /** `macvlan_device_event()` */
  override onLowerEvent(lower: NetDevice, event: NetdevEvent): void {
    if (event === 'UP' || event === 'DOWN' || event === 'CHANGE') transferOperState(lower, this);
    else if (event === 'CHANGEMTU' && this.mtu > lower.mtu) setMtu(this, lower.mtu);
    else if (event === 'CHANGEADDR' && this.port.passthru) this.#takeAddress(lower.addr);
    else if (event === 'UNREGISTER' && lower.unregistering) unregisterNetdevice(this);
  }

  override get infoData(): Readonly<Record<string, unknown>> {
    const { mode, macvlanFlags, sources, port } = this;
    return {
      mode,
      flags: macvlanFlags,
      macaddr_count: sources.length,
      ...(sources.length > 0 ? { macaddr_data: sources } : {}),
      bc_queue_len: this.bcQueueLen,
      bc_queue_len_used: Math.max(...port.macvlans.map((m) => m.bcQueueLen)),
    };
  }

  override changeLink(data: MacvlanData): void {
    changeMacvlan(this, data);
  }

  /** Forgets the stations whose frames it took. */
  leaveSourceMode(): void {
    if (this.mode === MODE_SOURCE) this.sources = [];
  }

  /** `macvlan_dellink()` */
  override dellink(): void {
    this.sources = [];
  }

  override uninit(): void {
    this.port.detach(this);
    unlinkUpper(this.port.lower, this);
  }
}
