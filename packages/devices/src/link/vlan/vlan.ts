import { MAC_ZERO, type MacAddr } from '@labwire/core/addr';
import { get48 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST, type SkBuff } from '@labwire/core/skb';
import type { NetdevEvent } from '../../netns/netdev-event.ts';
import { setMtu } from '../change.ts';
import { carrierOff, carrierOn, setAllmulti, setPromiscuity } from '../link-state.ts';
import { mcAdd, mcDel } from '../mc-list.ts';
import { McSync } from '../mc-sync.ts';
import {
  IFF_ALLMULTI,
  IFF_MASTER,
  IFF_PROMISC,
  IFF_SLAVE,
  IFF_UP,
  NetDevice,
} from '../net-device.ts';
import { devClose, devOpen, unregisterNetdevice } from '../register.ts';
import { linkUpper, transferOperState, unlinkUpper } from '../stacked.ts';
import { ucAdd, ucDel } from '../uc-list.ts';
import { changeVlan, type VlanData } from './attributes.ts';
import { VLAN_FLAG_LOOSE_BINDING, VLAN_FLAG_REORDER_HDR } from './flags.ts';
import { VlanGroup } from './group.ts';
import { VlanQos } from './qos.ts';

/** 01:80:c2:00:00:21, where a device with VLANs listens for GVRP and for MVRP. IEEE 802.1Q-2005 table 12-1 */
const MRP_ADDR = 0x0180c2000021 as MacAddr;

/** One VLAN of a device, as a device. Linux net/8021q/vlan_dev.c. */
export class Vlan extends NetDevice {
  override readonly linkType = 'vlan';
  override readonly unicastFilter: boolean = true;
  readonly lower: NetDevice;
  /** 0 to 4094. */
  readonly vid: number;
  /** 0x8100 or 0x88a8: the type of its tags. */
  readonly protocol: number;
  /** VLAN_FLAG_* */
  vlanFlags: number = VLAN_FLAG_REORDER_HDR;
  readonly qos: VlanQos = new VlanQos();
  readonly #groups = new McSync(this);
  /** The address that the device below had last. */
  #lowerAddr: MacAddr;

  constructor(name: string, addr: MacAddr, lower: NetDevice, protocol: number, vid: number) {
    super(name, addr === MAC_ZERO ? lower.addr : addr);
    this.lower = lower;
    this.protocol = protocol;
    this.vid = vid;
    this.#lowerAddr = lower.addr;
    this.broadcast = lower.broadcast;
    this.flags = lower.flags & ~(IFF_UP | IFF_PROMISC | IFF_ALLMULTI | IFF_MASTER | IFF_SLAVE);
    this.mtu = lower.mtu;
    this.minMtu = 0;
    this.maxMtu = 65_535;
    this.tsoMaxSize = lower.tsoMaxSize;
    this.speed = lower.speed;
    this.carrier = false;
  }

  override get linkDevice(): NetDevice {
    return this.lower;
  }

  /** Has just been registered: is on the device below. `register_vlan_dev()` */
  attach(): void {
    const { lower } = this;
    if (lower.vlans === null) {
      lower.vlans = new VlanGroup();
      for (let protocol = 0; protocol < 2; protocol++) mcAdd(lower, MRP_ADDR);
    }
    lower.vlans.add(this);
    linkUpper(lower, this);
    this.netns?.kernel.linkwatch.fire(this);
    transferOperState(lower, this);
  }

  /** `vlan_dev_hard_start_xmit()` */
  protected override startXmit(skb: SkBuff): void {
    skb.vlanTci = this.vid | this.qos.egress(skb.priority);
    skb.vlanProto = this.protocol;
    const { lower } = this;
    if (lower.running) {
      this.stats.txPackets++;
      this.stats.txBytes += skb.len;
    } else this.stats.txDropped++;
    lower.xmit(skb);
  }

  /** Takes a frame that has its tag, on behalf of the device below. Takes ownership. `vlan_do_receive()` */
  receive(skb: SkBuff): void {
    if (!this.isUp || this.netns === null) {
      this.drop(skb, 'dev_ready');
      return;
    }
    skb.dev = this;
    if (skb.pktType === PACKET_OTHERHOST && get48(skb.buf, skb.mac) === this.addr)
      skb.pktType = PACKET_HOST;
    skb.priority = this.qos.ingress(skb.vlanTci >>> 13);
    skb.vlanTci = -1;
    this.stats.rxPackets++;
    this.stats.rxBytes += skb.len;
    if (skb.pktType === PACKET_MULTICAST) this.stats.multicast++;
    this.netns.receiveCore(skb);
  }

  /** `vlan_dev_open()` @throws {@link KernelError} ENETDOWN */
  override open(): void {
    const { lower } = this;
    if (!lower.isUp && !this.#isLoose) throw new KernelError('ENETDOWN');
    if (this.addr !== lower.addr && !this.#inheritAddress()) ucAdd(lower, this.addr);
    if ((this.flags & IFF_ALLMULTI) !== 0) setAllmulti(lower, 1);
    if ((this.flags & IFF_PROMISC) !== 0) setPromiscuity(lower, 1);
    this.#lowerAddr = lower.addr;
    if (lower.carrier) carrierOn(this);
  }

  /** `vlan_dev_stop()` */
  override stop(): void {
    const { lower } = this;
    this.#groups.unsync(lower);
    if ((this.flags & IFF_ALLMULTI) !== 0) setAllmulti(lower, -1);
    if ((this.flags & IFF_PROMISC) !== 0) setPromiscuity(lower, -1);
    if (this.addr !== lower.addr) ucDel(lower, this.addr);
    carrierOff(this);
  }

  get #isLoose(): boolean {
    return (this.vlanFlags & VLAN_FLAG_LOOSE_BINDING) !== 0;
  }

  /** An address that nobody set follows that of the device below. `vlan_dev_inherit_address()` */
  #inheritAddress(): boolean {
    if (this.addrWasSet) return false;
    this.addr = this.lower.addr;
    this.netns?.notify(this, 'CHANGEADDR');
    return true;
  }

  override changeRxFlags(changed: number): void {
    if (!this.isUp) return;
    const by = (flag: number) => ((this.flags & flag) !== 0 ? 1 : -1);
    if ((changed & IFF_ALLMULTI) !== 0) setAllmulti(this.lower, by(IFF_ALLMULTI));
    if ((changed & IFF_PROMISC) !== 0) setPromiscuity(this.lower, by(IFF_PROMISC));
  }

  override setRxMode(): void {
    this.#groups.sync(this.lower);
  }

  /** `vlan_dev_set_mac_address()` */
  override setMacAddress(addr: MacAddr): void {
    if (this.isUp) {
      if (addr !== this.lower.addr) ucAdd(this.lower, addr);
      if (this.addr !== this.lower.addr) ucDel(this.lower, this.addr);
    }
    this.addr = addr;
  }

  /** `vlan_dev_change_mtu()` */
  override changeMtu(mtu: number): void {
    if (mtu > this.lower.mtu) throw new KernelError('ERANGE');
    this.mtu = mtu;
  }

  /** `vlan_device_event()` */
  override onLowerEvent(lower: NetDevice, event: NetdevEvent): void {
    if (event === 'CHANGE') transferOperState(lower, this);
    else if (event === 'CHANGEADDR') this.#lowerAddrChanged();
    else if (event === 'CHANGEMTU' && this.mtu > lower.mtu) setMtu(this, lower.mtu);
    else if (event === 'DOWN' || event === 'UP') this.#follow(event === 'UP');
    else if (event === 'UNREGISTER' && lower.unregistering) unregisterNetdevice(this);
  }

  /** Goes up and down with the device below, unless it is bound loosely. */
  #follow(up: boolean): void {
    if (this.isUp === up || (!up && this.#isLoose)) return;
    if (!up) devClose(this);
    else if (!this.#isLoose) devOpen(this);
    transferOperState(this.lower, this);
  }

  /** `vlan_sync_address()` */
  #lowerAddrChanged(): void {
    const { lower } = this;
    const was = this.#lowerAddr;
    if (!this.isUp || was === lower.addr) return;
    this.#lowerAddr = lower.addr;
    if (this.#inheritAddress()) return;
    if (this.addr !== was && this.addr === lower.addr) ucDel(lower, this.addr);
    if (this.addr === was && this.addr !== lower.addr) ucAdd(lower, this.addr);
  }

  override get infoData(): Readonly<Record<string, unknown>> {
    const ingress = this.qos.ingressMap;
    const egress = this.qos.egressMap.filter(({ to }) => to !== 0);
    return {
      protocol: this.protocol,
      id: this.vid,
      flags: this.vlanFlags,
      ...(ingress.length > 0 ? { ingress_qos: ingress } : {}),
      ...(egress.length > 0 ? { egress_qos: egress } : {}),
    };
  }

  override changeLink(data: VlanData): void {
    changeVlan(this, data);
  }

  override uninit(): void {
    const { lower } = this;
    unlinkUpper(lower, this);
    if (lower.vlans?.remove(this) !== true) return;
    lower.vlans = null;
    for (let protocol = 0; protocol < 2; protocol++) mcDel(lower, MRP_ADDR);
  }
}
