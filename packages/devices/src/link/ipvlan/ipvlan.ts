import { type Ipv4Addr, type Ipv6Addr, MAC_BROADCAST, type MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import type { NetdevEvent } from '../../netns/netdev-event.ts';
import { setMtu } from '../change.ts';
import { McSync } from '../mc-sync.ts';
import { IFF_ALLMULTI, IFF_PROMISC, NetDevice } from '../net-device.ts';
import { unregisterNetdevice } from '../register.ts';
import { linkUpper, transferOperState, unlinkUpper } from '../stacked.ts';
import { usersOf } from '../user-counts.ts';
import { hasAddress } from './address.ts';
import { changeIpvlan, type IpvlanData, type IpvlanPort } from './port.ts';

/** A device on another device that shares its MAC address and is told apart by IP addresses. Linux drivers/net/ipvlan */
export class Ipvlan extends NetDevice {
  override readonly linkType = 'ipvlan';
  override readonly unicastFilter: boolean = true;
  readonly port: IpvlanPort;
  readonly #groups = new McSync(this);

  constructor(name: string, port: IpvlanPort) {
    super(name, port.lower.addr);
    this.port = port;
    const { lower } = port;
    this.mtu = lower.mtu;
    this.maxMtu = 65_535;
    this.tsoMaxSize = lower.tsoMaxSize;
    this.speed = lower.speed;
  }

  override get linkDevice(): NetDevice {
    return this.port.lower;
  }

  /** Has just been registered: is on the device below. `ipvlan_link_new()` */
  attach(): void {
    const { lower } = this.port;
    linkUpper(lower, this);
    this.devId = this.port.attach(this);
  }

  protected override startXmit(skb: SkBuff): void {
    const bytes = skb.len;
    if (this.port.transmit(this, skb)) {
      this.stats.txPackets++;
      this.stats.txBytes += bytes;
    } else this.stats.txDropped++;
  }

  /** `ipvlan_count_rx()` */
  countRx(bytes: number, isGroup: boolean): void {
    this.stats.rxPackets++;
    this.stats.rxBytes += bytes;
    if (isGroup) this.stats.multicast++;
  }

  /** Whether it listens to a group. `ipvlan->mac_filters` */
  wants(group: number): boolean {
    if (group === MAC_BROADCAST || (this.flags & (IFF_PROMISC | IFF_ALLMULTI)) !== 0) return true;
    return usersOf(this.multicast, group) > 0;
  }

  override stop(): void {
    this.#groups.unsync(this.port.lower);
  }

  override setRxMode(): void {
    this.#groups.sync(this.port.lower);
  }

  override setMacAddress(): void {
    throw new KernelError('EOPNOTSUPP');
  }

  override changeMtu(mtu: number): void {
    if (mtu > this.port.lower.mtu) throw new KernelError('EINVAL');
    this.mtu = mtu;
  }

  /** `ipvlan_addr4_validator_event()` */
  override checkAddress(addr: Ipv4Addr | Ipv6Addr): void {
    if (this.port.ipvlans.some((dev) => dev !== this && hasAddress(dev, addr)))
      throw new KernelError('EADDRINUSE', 'Address already assigned to an ipvlan device');
  }

  /** `ipvlan_device_event()` */
  override onLowerEvent(lower: NetDevice, event: NetdevEvent): void {
    if (event === 'CHANGE' && lower.isUp) transferOperState(lower, this);
    else if (event === 'CHANGEMTU') setMtu(this, lower.mtu);
    else if (event === 'CHANGEADDR') this.#takeAddress(lower.addr);
    else if (event === 'UNREGISTER' && lower.unregistering) unregisterNetdevice(this);
  }

  #takeAddress(addr: MacAddr): void {
    this.addr = addr;
    this.netns?.notify(this, 'CHANGEADDR');
  }

  override get infoData(): Readonly<Record<string, unknown>> {
    return { mode: this.port.mode, flags: this.port.flags };
  }

  override changeLink(data: IpvlanData): void {
    changeIpvlan(this.port, data);
  }

  override uninit(): void {
    this.port.detach(this);
    unlinkUpper(this.port.lower, this);
  }
}
