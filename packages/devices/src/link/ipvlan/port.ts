import { MAC_BROADCAST } from '@labwire/core/addr';
import { get16, get32, get48 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import {
  cloneSkb,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  type SkBuff,
} from '@labwire/core/skb';
import { ETH_P_IP, ETH_P_IPV6 } from '@labwire/core/wire';
import { routeFrom } from '../../ipv4/route-from.ts';
import { routeFrom6 } from '../../ipv6/route-from.ts';
import type { Netns } from '../../netns/netns.ts';
import { changeFlags } from '../change.ts';
import { ARPHRD_ETHER, ETH_HLEN, IFF_LOOPBACK, IFF_NOARP, type NetDevice } from '../net-device.ts';
import type { RxHandler } from '../rx-handler.ts';
import { scrub } from '../scrub.ts';
import { ipvlanOf } from './address.ts';
import type { Ipvlan } from './ipvlan.ts';

/** IPVLAN_MODE_*. Linux include/uapi/linux/if_link.h */
const IPVLAN_L2 = 0;
export const IPVLAN_L3 = 1;
/** IPVLAN_F_* */
const FLAG_PRIVATE = 1;
const FLAG_VEPA = 2;

/** IFLA_IPVLAN_* by name in lower case. */
export type IpvlanData = Readonly<Record<string, unknown>>;

/** What the ipvlans of one device share: mode, flags, and the sorting of what that device receives. Linux drivers/net/ipvlan, `struct ipvl_port` */
export class IpvlanPort implements RxHandler {
  readonly lower: NetDevice;
  /** In the order in which they were made. */
  ipvlans: readonly Ipvlan[] = [];
  mode: number = IPVLAN_L3;
  flags = 0;
  #lastId = 0;

  private constructor(lower: NetDevice) {
    this.lower = lower;
  }

  /** The port of a device, made if it has none. `ipvlan_port_create()` @throws {@link KernelError} EINVAL, EBUSY */
  static of(lower: NetDevice): IpvlanPort {
    const { rxHandler } = lower;
    if (rxHandler instanceof IpvlanPort) return rxHandler;
    if (lower.arphrd !== ARPHRD_ETHER || (lower.flags & IFF_LOOPBACK) !== 0)
      throw new KernelError('EINVAL');
    if (rxHandler !== null) throw new KernelError('EBUSY');
    return new IpvlanPort(lower);
  }

  /** One more is on the device. @returns the number that tells it from the others with the same MAC address: `dev_id` */
  attach(ipvlan: Ipvlan): number {
    this.ipvlans = [...this.ipvlans, ipvlan];
    this.lower.rxHandler = this;
    return ++this.#lastId;
  }

  /** One fewer; the last leaves the device as it was. `ipvlan_port_destroy()` */
  detach(ipvlan: Ipvlan): void {
    this.ipvlans = this.ipvlans.filter((d) => d !== ipvlan);
    if (this.ipvlans.length === 0) this.lower.rxHandler = null;
  }

  /** In mode l3 nobody asks for addresses. `ipvlan_set_port_mode()` */
  setMode(mode: number): void {
    if (mode !== IPVLAN_L2 && mode !== IPVLAN_L3)
      throw new KernelError('EOPNOTSUPP', "Labwire's ipvlans have the modes l2 and l3");
    if (mode === this.mode) return;
    this.mode = mode;
    const noArp = mode === IPVLAN_L3;
    for (const dev of this.ipvlans) changeFlags(dev, noArp ? IFF_NOARP : 0, noArp ? 0 : IFF_NOARP);
  }

  get isPrivate(): boolean {
    return (this.flags & FLAG_PRIVATE) !== 0;
  }

  get isVepa(): boolean {
    return (this.flags & FLAG_VEPA) !== 0;
  }

  /** `ipvlan_handle_frame()` */
  handleFrame(skb: SkBuff): boolean {
    if (this.mode === IPVLAN_L2 && (get16(skb.buf, skb.mac) & 0x100) !== 0) {
      if (this.#isExternal(skb)) this.#distribute(skb, null);
      return false;
    }
    const to = ipvlanOf(this.ipvlans, skb, skb.protocol, skb.nh, true);
    if (to === null || to.netns === null) return false;
    scrub(skb, to.netns !== this.lower.netns);
    skb.dev = to;
    skb.pktType = PACKET_HOST;
    to.countRx(skb.len + ETH_HLEN, false);
    to.netns.receiveCore(skb);
    return true;
  }

  /** Whether a frame to a group is not one that an ipvlan of ours has sent, come back. `ipvlan_external_frame()` */
  #isExternal(skb: SkBuff): boolean {
    if (get48(skb.buf, skb.mac + 6) !== this.lower.addr) return true;
    return ipvlanOf(this.ipvlans, skb, skb.protocol, skb.nh, false) === null;
  }

  /** Gives a frame to a group, `skb.mac` at its Ethernet header, to all who want it. `ipvlan_process_multicast()` */
  #distribute(skb: SkBuff, from: Ipvlan | null): void {
    const group = get48(skb.buf, skb.mac);
    for (let i = 0; i < this.ipvlans.length; i++) {
      const to = this.ipvlans[i] as Ipvlan;
      if (to === from || !to.isUp || to.netns === null || !to.wants(group)) continue;
      const copy = cloneSkb(skb);
      copy.data = skb.mac;
      const bytes = copy.len;
      scrub(copy, to.netns !== (from ?? this.lower).netns);
      if (to.arrive(copy, to.latency(bytes))) to.countRx(bytes, true);
    }
  }

  /** Sends a frame that begins with its Ethernet header. `ipvlan_queue_xmit()` @returns whether it could leave */
  transmit(from: Ipvlan, skb: SkBuff): boolean {
    return this.mode === IPVLAN_L2 ? this.#transmitL2(from, skb) : this.#transmitL3(from, skb);
  }

  /** To another of ours. @returns whether it was taken; then `skb` is gone */
  #deliver(from: Ipvlan, skb: SkBuff): boolean | undefined {
    const type = get16(skb.buf, skb.data + 12);
    const to = ipvlanOf(this.ipvlans, skb, type, skb.data + ETH_HLEN, true);
    if (to === null) return undefined;
    if (this.isPrivate) {
      from.drop(skb, 'not_specified');
      return false;
    }
    const bytes = skb.len;
    scrub(skb, to.netns !== from.netns);
    if (to.arrive(skb, to.latency(bytes))) to.countRx(bytes, false);
    return true;
  }

  /** `ipvlan_xmit_mode_l2()` */
  #transmitL2(from: Ipvlan, skb: SkBuff): boolean {
    const { buf, data } = skb;
    const { lower } = this;
    const isOwn =
      get16(buf, data) === get16(buf, data + 6) && get32(buf, data + 2) === get32(buf, data + 8);
    if (isOwn && !this.isVepa) {
      const delivered = this.#deliver(from, skb);
      if (delivered !== undefined) return delivered;
      scrub(skb, lower.netns !== from.netns);
      lower.arrive(skb, lower.latency(skb.len));
      return true;
    }
    skb.mac = data;
    if ((get16(buf, data) & 0x100) !== 0) {
      skb.pktType = get48(buf, data) === MAC_BROADCAST ? PACKET_BROADCAST : PACKET_MULTICAST;
      this.#distribute(skb, from);
    }
    scrub(skb, lower.netns !== from.netns);
    const { running } = lower;
    lower.xmit(skb);
    return running;
  }

  /** Packets leave by the routes of the namespace of the device below. `ipvlan_xmit_mode_l3()`, `ipvlan_process_outbound()` */
  #transmitL3(from: Ipvlan, skb: SkBuff): boolean {
    if (!this.isVepa) {
      const delivered = this.#deliver(from, skb);
      if (delivered !== undefined) return delivered;
    }
    const netns = this.lower.netns as Netns;
    const type = get16(skb.buf, skb.data + 12);
    const toGroup = (get16(skb.buf, skb.data) & 0x100) !== 0;
    scrub(skb, netns !== from.netns);
    skb.nh = skb.data + ETH_HLEN;
    skb.protocol = type;
    skb.dev = this.lower;
    if (!toGroup && type === ETH_P_IP) return routeFrom(netns.ipv4, skb, this.lower);
    if (!toGroup && type === ETH_P_IPV6) return routeFrom6(netns.ipv6, skb, this.lower);
    from.drop(skb, 'unhandled_proto');
    return false;
  }
}

/** Changes what all ipvlans of a device have in common. `ipvlan_nl_changelink()` @throws {@link KernelError} EINVAL */
export function changeIpvlan(port: IpvlanPort, data: IpvlanData): void {
  const { mode, flags } = data;
  if (mode !== undefined) port.setMode(Number(mode));
  if (flags === undefined) return;
  if ((Number(flags) & ~(FLAG_PRIVATE | FLAG_VEPA)) !== 0 || Number(flags) === 3)
    throw new KernelError('EINVAL');
  port.flags = Number(flags);
}
