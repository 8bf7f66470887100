import type { MacAddr } from '@labwire/core/addr';
import { get16, get32, get48 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { cloneSkb, PACKET_HOST, type SkBuff } from '@labwire/core/skb';
import { MacTable, macHi, macLo } from '../mac-table.ts';
import { ARPHRD_ETHER, ETH_HLEN, IFF_LOOPBACK, type NetDevice } from '../net-device.ts';
import type { RxHandler } from '../rx-handler.ts';
import { scrub } from '../scrub.ts';
import type { Macvlan } from './macvlan.ts';
import {
  FLAG_NODST,
  MODE_BRIDGE,
  MODE_PASSTHRU,
  MODE_PRIVATE,
  MODE_SOURCE,
  MODE_VEPA,
} from './modes.ts';

/** What the macvlans of one device share: it sorts what that device receives. Linux drivers/net/macvlan.c, `struct macvlan_port`. */
export class MacvlanPort implements RxHandler {
  readonly lower: NetDevice;
  /** In the order in which they were made. */
  macvlans: readonly Macvlan[] = [];
  /** Those that are up, by address. */
  readonly #byAddr = new MacTable<Macvlan>();
  /** Has one macvlan, which has the device for itself. */
  readonly passthru: boolean;

  private constructor(lower: NetDevice, passthru: boolean) {
    this.lower = lower;
    this.passthru = passthru;
  }

  /**
   * The port of a device, made if it has none. `macvlan_port_create()`
   * @throws {@link KernelError} EINVAL, EBUSY
   */
  static of(lower: NetDevice, passthru: boolean): MacvlanPort {
    const { rxHandler } = lower;
    if (rxHandler instanceof MacvlanPort) {
      if (rxHandler.passthru || passthru) throw new KernelError('EINVAL');
      return rxHandler;
    }
    if (lower.arphrd !== ARPHRD_ETHER || (lower.flags & IFF_LOOPBACK) !== 0)
      throw new KernelError('EINVAL');
    if (rxHandler !== null) throw new KernelError('EBUSY');
    return new MacvlanPort(lower, passthru);
  }

  /** One more macvlan is on the device. */
  attach(macvlan: Macvlan): void {
    this.macvlans = [...this.macvlans, macvlan];
    this.lower.rxHandler = this;
  }

  /** One fewer; the last leaves the device as it was. `macvlan_port_destroy()` */
  detach(macvlan: Macvlan): void {
    this.macvlans = this.macvlans.filter((m) => m !== macvlan);
    if (this.macvlans.length === 0) this.lower.rxHandler = null;
  }

  /** Frames to its address are its own from now on. `macvlan_hash_add()` */
  hashAdd(macvlan: Macvlan): void {
    this.#byAddr.add(macHi(macvlan.addr), macLo(macvlan.addr), macvlan);
  }

  /** `macvlan_hash_del()` */
  hashDel(macvlan: Macvlan): void {
    this.#byAddr.delete(macHi(macvlan.addr), macLo(macvlan.addr));
  }

  /** Whether the device below, or a macvlan that is up, has an address. `macvlan_addr_busy()` */
  isBusy(addr: MacAddr): boolean {
    if (!this.passthru && this.lower.addr === addr) return true;
    return this.#byAddr.get(macHi(addr), macLo(addr)) !== null;
  }

  /** `macvlan_handle_frame()` */
  handleFrame(skb: SkBuff): boolean {
    const hi = get16(skb.buf, skb.mac);
    if ((hi & 0x100) !== 0) return this.#handleGroup(skb);
    if (this.#forwardSource(skb)) return true;
    const macvlan = this.passthru
      ? (this.macvlans[0] as Macvlan)
      : this.#byAddr.get(hi, get32(skb.buf, skb.mac + 2));
    if (macvlan === null || macvlan.mode === MODE_SOURCE) return false;
    skb.dev = macvlan;
    if (!macvlan.isUp || macvlan.netns === null) {
      macvlan.drop(skb, 'dev_ready');
      return true;
    }
    skb.pktType = PACKET_HOST;
    macvlan.countRx(skb.len + ETH_HLEN, false);
    macvlan.netns.receiveCore(skb);
    return true;
  }

  /** A frame to a group goes to all who want it, and to the device itself. `macvlan_process_broadcast()` */
  #handleGroup(skb: SkBuff): boolean {
    const from = this.#byAddr.get(get16(skb.buf, skb.mac + 6), get32(skb.buf, skb.mac + 8));
    if (from !== null && from.mode !== MODE_VEPA && from.mode !== MODE_BRIDGE) {
      // private, or passthru: what it sent itself has come back
      const bytes = skb.len + ETH_HLEN;
      skb.push(ETH_HLEN);
      from.countRx(bytes, true);
      from.arrive(skb, from.latency(bytes));
      return true;
    }
    if (from === null)
      this.#broadcast(skb, null, MODE_PRIVATE | MODE_VEPA | MODE_PASSTHRU | MODE_BRIDGE);
    else if (from.mode === MODE_VEPA) this.#broadcast(skb, from, MODE_VEPA | MODE_BRIDGE);
    else this.#broadcast(skb, from, MODE_VEPA); // bridges saw it on its way out
    return false;
  }

  #broadcast(skb: SkBuff, from: Macvlan | null, modes: number): void {
    for (let i = 0; i < this.macvlans.length; i++) {
      const to = this.macvlans[i] as Macvlan;
      if (to === from || (to.mode & modes) === 0 || !to.wants(skb)) continue;
      const copy = cloneSkb(skb);
      copy.push(ETH_HLEN);
      const bytes = copy.len;
      if (to.arrive(copy, to.latency(bytes))) to.countRx(bytes, true);
    }
  }

  /** Gives a frame to those who take all that a station sends. @returns whether nobody else is to have it */
  #forwardSource(skb: SkBuff): boolean {
    let consume = false;
    for (let i = 0; i < this.macvlans.length; i++) {
      const to = this.macvlans[i] as Macvlan;
      if (to.sources.length === 0) continue;
      if (!to.sources.includes(get48(skb.buf, skb.mac + 6) as MacAddr)) continue;
      if ((to.macvlanFlags & FLAG_NODST) !== 0) consume = true;
      const copy = cloneSkb(skb);
      copy.push(ETH_HLEN);
      const bytes = copy.len;
      if (to.arrive(copy, to.latency(bytes))) to.countRx(bytes, false);
    }
    if (consume) this.lower.drop(skb, 'not_specified');
    return consume;
  }

  /**
   * Sends a frame that begins with its Ethernet header: among bridges directly, else out of the device below.
   * `macvlan_queue_xmit()`
   * @returns whether it could leave
   */
  transmit(from: Macvlan, skb: SkBuff): boolean {
    const { lower } = this;
    if (from.mode === MODE_BRIDGE) {
      const hi = get16(skb.buf, skb.data);
      if ((hi & 0x100) !== 0) this.#broadcastLocal(from, skb);
      else {
        const to = this.#byAddr.get(hi, get32(skb.buf, skb.data + 2));
        if (to !== null && to.mode === MODE_BRIDGE) {
          // by way of the device below, so that who captures there sees it
          scrub(skb, lower.netns !== from.netns);
          lower.arrive(skb, lower.latency(skb.len));
          return true;
        }
      }
    }
    const { running } = lower;
    lower.xmit(skb);
    return running;
  }

  #broadcastLocal(from: Macvlan, skb: SkBuff): void {
    skb.mac = skb.data;
    for (let i = 0; i < this.macvlans.length; i++) {
      const to = this.macvlans[i] as Macvlan;
      if (to === from || to.mode !== MODE_BRIDGE || !to.wants(skb)) continue;
      const copy = cloneSkb(skb);
      const bytes = copy.len;
      scrub(copy, to.netns !== from.netns);
      // the kernel counts the Ethernet header twice here
      if (to.arrive(copy, to.latency(bytes))) to.countRx(bytes + ETH_HLEN, true);
    }
  }
}
