import { formatMac, type MacAddr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { Simulator } from '@labwire/core/sim';
import { cloneSkb, PACKET_HOST, type SkBuff } from '@labwire/core/skb';
import type { NetdevEvent } from '../../netns/netdev-event.ts';
import { setMacAddress, setMtu } from '../change.ts';
import { carrierOff, carrierOn, setAllmulti, setPromiscuity } from '../link-state.ts';
import { ETH_HLEN, IFF_ALLMULTI, IFF_MASTER, IFF_PROMISC, NetDevice } from '../net-device.ts';
import type { PortOps, RxHandler } from '../rx-handler.ts';
import { type BondData, bondData, changeBond } from './attributes.ts';
import {
  LINK_BACK,
  LINK_UP,
  MODE_ACTIVEBACKUP,
  MODE_BROADCAST,
  MODE_ROUNDROBIN,
  POLICY_LAYER2,
  RESELECT_ALWAYS,
  RESELECT_BETTER,
} from './constants.ts';
import { BondPorts } from './enslave.ts';
import { xmitHash } from './hash.ts';
import { MiiMonitor } from './monitor.ts';
import type { Slave } from './slave.ts';

/** Queues that bonding gives its devices. BOND_DEFAULT_TX_QUEUES */
const QUEUES = 16;

/** Several devices as one. Linux drivers/net/bonding/bond_main.c, `struct bonding`. */
export class Bond extends NetDevice implements RxHandler {
  override readonly linkType = 'bond';
  override readonly vlanOffload: boolean = true;
  override readonly unicastFilter: boolean = true;
  override readonly ports: PortOps = new BondPorts(this);
  /** Its ports, the oldest first. */
  slaves: readonly Slave[] = [];
  /** The port that an active-backup bond sends by. `curr_active_slave` */
  active: Slave | null = null;
  /** MODE_* */
  mode: number = MODE_ROUNDROBIN;
  miimon = 0;
  updelay = 0;
  downdelay = 0;
  /** Index of the port that is preferred; 0 for none. */
  primary = 0;
  primaryReselect: number = RESELECT_ALWAYS;
  xmitPolicy: number = POLICY_LAYER2;
  numPeerNotif = 1;
  allSlavesActive = 0;
  minLinks = 0;
  resendIgmp = 1;
  packetsPerSlave = 1;
  readonly monitor: MiiMonitor = new MiiMonitor(this);
  #turn = 0;
  #forcePrimary = false;

  constructor(name: string, addr: MacAddr) {
    super(name, addr);
    this.flags |= IFF_MASTER;
    this.numTxQueues = QUEUES;
    this.numRxQueues = QUEUES;
    this.tso = true;
    this.carrier = false;
    this.operState = 'DOWN';
  }

  get sim(): Simulator | undefined {
    return this.netns?.sim;
  }

  /** Looks that a delay of milliseconds takes. */
  ticks(ms: number): number {
    return this.miimon === 0 ? 0 : Math.floor(ms / this.miimon);
  }

  slaveOf(dev: NetDevice): Slave | undefined {
    return this.slaves.find((s) => s.dev === dev);
  }

  /** `slave_info()` */
  say(slave: Slave, text: string): void {
    this.log(`(slave ${slave.dev.name}): ${text}`);
  }

  log(text: string): void {
    this.netns?.kernel.log(`${this.name}: ${text}`);
  }

  /** `bond_start_xmit()` */
  protected override startXmit(skb: SkBuff): void {
    const bytes = skb.len;
    if (this.mode === MODE_BROADCAST) {
      this.#sendToAll(skb);
      return;
    }
    const slave = this.#slaveFor(skb);
    if (slave === null) {
      this.stats.txDropped++;
      this.drop(skb, 'dev_ready');
      return;
    }
    this.stats.txPackets++;
    this.stats.txBytes += bytes;
    slave.dev.xmit(skb);
  }

  #slaveFor(skb: SkBuff): Slave | null {
    if (this.mode === MODE_ACTIVEBACKUP) return this.active;
    const { slaves } = this;
    if (this.mode === MODE_ROUNDROBIN) return this.#nextInTurn();
    let usable = 0;
    for (let i = 0; i < slaves.length; i++) if ((slaves[i] as Slave).canSend) usable++;
    if (usable === 0) return null;
    let nth = xmitHash(skb, this.xmitPolicy) % usable;
    for (let i = 0; i < slaves.length; i++) {
      const slave = slaves[i] as Slave;
      if (slave.canSend && nth-- === 0) return slave;
    }
    return null;
  }

  /** `bond_xmit_roundrobin_slave_get()` */
  #nextInTurn(): Slave | null {
    const { slaves } = this;
    if (slaves.length === 0) return null;
    this.#turn = (this.#turn + 1) >>> 0;
    const turn = Math.floor(this.#turn / Math.max(this.packetsPerSlave, 1));
    for (let i = 0; i < slaves.length; i++) {
      const slave = slaves[(turn + i) % slaves.length] as Slave;
      if (slave.canSend) return slave;
    }
    return null;
  }

  /** `bond_xmit_broadcast()` */
  #sendToAll(skb: SkBuff): void {
    const to = this.slaves.filter((s) => s.canSend);
    const last = to.pop();
    if (last === undefined) {
      this.stats.txDropped++;
      this.drop(skb, 'dev_ready');
      return;
    }
    this.stats.txPackets++;
    this.stats.txBytes += skb.len;
    for (const slave of to) slave.dev.xmit(cloneSkb(skb));
    last.dev.xmit(skb);
  }

  /** A frame has come in at a port. `bond_handle_frame()` */
  handleFrame(skb: SkBuff, port: NetDevice): boolean {
    if (isLinkLocal(skb)) return false;
    const slave = this.slaveOf(port);
    if (slave === undefined || !this.isUp || this.netns === null) {
      this.drop(skb, 'dev_ready');
      return true;
    }
    if (!slave.active && this.allSlavesActive === 0) {
      this.drop(skb, 'otherhost');
      return true;
    }
    this.stats.rxPackets++;
    this.stats.rxBytes += skb.len + ETH_HLEN;
    if (skb.pktType !== PACKET_HOST) this.stats.multicast += isGroup(skb) ? 1 : 0;
    skb.dev = this;
    this.netns.receiveCore(skb);
    return true;
  }

  /** `bond_open()` */
  override open(): void {
    for (const s of this.slaves) s.active = this.mode !== MODE_ACTIVEBACKUP || s === this.active;
    this.monitor.start();
  }

  /** `bond_close()` */
  override stop(): void {
    this.monitor.stop();
    for (const s of this.slaves) s.groups.unsync(s.dev);
  }

  /** Lets its ports go. `bond_uninit()` */
  override dellink(): void {
    for (const s of this.slaves) this.ports.remove(s.dev);
  }

  override uninit(): void {
    this.monitor.stop();
    for (const s of this.slaves) this.ports.remove(s.dev);
  }

  /** A port with a link makes a carrier. `bond_set_carrier()` @returns whether that changed */
  updateCarrier(): boolean {
    const carrier = this.slaves.some((s) => s.link === LINK_UP);
    if (carrier === this.carrier) return false;
    if (carrier) carrierOn(this);
    else carrierOff(this);
    return true;
  }

  /** Sends by the best port from now on. `bond_select_active_slave()` */
  selectActive(): void {
    if (this.mode !== MODE_ACTIVEBACKUP) {
      this.updateCarrier();
      return;
    }
    const best = this.#bestSlave();
    if (best === this.active) return;
    this.changeActive(best);
    if (!this.updateCarrier()) return;
    this.log(this.carrier ? 'active interface up!' : 'now running without any active interface!');
  }

  /** A user chose a primary, or how it is chosen: it counts at once. */
  preferPrimary(): void {
    this.#forcePrimary = true;
    this.selectActive();
  }

  /** `bond_choose_primary_or_current()`, `bond_find_best_slave()` */
  #bestSlave(): Slave | null {
    const prim = this.slaves.find((s) => s.dev.ifindex === this.primary && s.link === LINK_UP);
    const curr = this.active?.link === LINK_UP ? this.active : null;
    const chosen = prim === undefined ? curr : this.#primaryOr(prim, curr);
    if (chosen !== null) return chosen;
    let best: Slave | null = null;
    for (const slave of this.slaves) {
      if (slave.link === LINK_UP) return slave;
      if (
        slave.link === LINK_BACK &&
        slave.dev.running &&
        (best === null || slave.delay < best.delay)
      )
        best = slave;
    }
    return best;
  }

  #primaryOr(prim: Slave, curr: Slave | null): Slave {
    if (this.#forcePrimary || curr === null) {
      this.#forcePrimary = false;
      return prim;
    }
    if (this.primaryReselect === RESELECT_ALWAYS) return prim;
    if (this.primaryReselect === RESELECT_BETTER)
      return prim.dev.speed > curr.dev.speed ? prim : curr;
    return curr;
  }

  /** `bond_change_active_slave()` */
  changeActive(next: Slave | null): void {
    const old = this.active;
    if (old === next) return;
    if (next !== null) {
      if (next.link === LINK_BACK) {
        this.say(
          next,
          `making interface the new active one ${(this.ticks(this.updelay) - next.delay) * this.miimon} ms earlier`,
        );
        next.delay = 0;
        next.link = LINK_UP;
      } else this.say(next, 'making interface the new active one');
    }
    this.active = next;
    if (old !== null) {
      this.#listen(old, -1);
      old.active = false;
    }
    if (next === null) return;
    next.active = true;
    this.#listen(next, 1);
    if (this.isUp && this.numPeerNotif > 0) this.#notifyPeers(this);
  }

  /** The ports that hear what the bond wants to hear. */
  #listen(slave: Slave, by: 1 | -1): void {
    if ((this.flags & IFF_PROMISC) !== 0) setPromiscuity(slave.dev, by);
    if ((this.flags & IFF_ALLMULTI) !== 0) setAllmulti(slave.dev, by);
    if (by === 1 && this.isUp) slave.groups.sync(slave.dev);
    else if (by === -1) slave.groups.unsync(slave.dev);
  }

  /** Starts (1) or ends (-1) that a port hears for the bond. */
  listenBy(slave: Slave, by: 1 | -1): void {
    if (this.mode !== MODE_ACTIVEBACKUP) this.#listen(slave, by);
  }

  /** Its addresses are where the new port is: the switches shall know. NETDEV_NOTIFY_PEERS */
  #notifyPeers(dev: NetDevice): void {
    const { inDev, netns } = dev;
    if (netns !== null && inDev !== null)
      for (const ifa of inDev.ifaList) netns.ipv4.arp.announce(dev, ifa.local);
    for (const upper of dev.uppers) if (upper.isUp) this.#notifyPeers(upper);
  }

  /** `bond_change_rx_flags()` */
  override changeRxFlags(changed: number): void {
    for (const { dev, active } of this.slaves) {
      if (this.mode === MODE_ACTIVEBACKUP && !active) continue;
      if ((changed & IFF_PROMISC) !== 0)
        setPromiscuity(dev, (this.flags & IFF_PROMISC) !== 0 ? 1 : -1);
      if ((changed & IFF_ALLMULTI) !== 0)
        setAllmulti(dev, (this.flags & IFF_ALLMULTI) !== 0 ? 1 : -1);
    }
  }

  /** `bond_set_rx_mode()` */
  override setRxMode(): void {
    for (const slave of this.slaves)
      if (this.mode !== MODE_ACTIVEBACKUP || slave === this.active) slave.groups.sync(slave.dev);
  }

  /** `bond_set_mac_address()` */
  override setMacAddress(addr: MacAddr): void {
    for (const { dev } of this.slaves) setMacAddress(dev, addr);
    this.addr = addr;
  }

  /** `bond_change_mtu()` */
  override changeMtu(mtu: number): void {
    for (const { dev } of this.slaves) setMtu(dev, mtu);
    this.mtu = mtu;
  }

  /** `bond_slave_netdev_event()` */
  override onPortEvent(port: NetDevice, event: NetdevEvent): void {
    if (event === 'UP' || event === 'CHANGE' || event === 'DOWN') this.monitor.expect();
    else if (event === 'UNREGISTER') this.ports.remove(port);
  }

  override get infoData(): Readonly<Record<string, unknown>> {
    return bondData(this);
  }

  override changeLink(data: BondData): void {
    changeBond(this, data);
  }

  override describe(): string {
    const ports = this.slaves.map((s) => s.dev.name);
    return `bond ${this.name} of ${this.netns?.kernel.name ?? 'nobody'} (ports ${ports.join(', ')})`;
  }

  /** A port that still has the address of a bond that lives on. */
  warnAddress(slave: Slave): void {
    this.say(
      slave,
      `the permanent HWaddr of slave - ${formatMac(slave.permAddr)} - is still in use by bond - set the HWaddr of slave to a different address to avoid conflicts`,
    );
  }

  /** @throws {@link KernelError} EACCES while it has ports or is up */
  checkModeChange(): void {
    if (this.slaves.length > 0)
      throw new KernelError('ENOTEMPTY', 'unable to set option because the bond device has slaves');
    if (this.isUp) throw new KernelError('EBUSY', 'unable to set option because the bond is up');
  }
}

/** 01:80:c2:00:00:0x: what stations tell the switch beside them, which each port hears for itself. */
function isLinkLocal({ buf, mac }: SkBuff): boolean {
  return (
    buf[mac] === 0x01 &&
    buf[mac + 1] === 0x80 &&
    buf[mac + 2] === 0xc2 &&
    buf[mac + 3] === 0 &&
    buf[mac + 4] === 0 &&
    ((buf[mac + 5] as number) & 0xf0) === 0
  );
}

function isGroup({ buf, mac }: SkBuff): boolean {
  return ((buf[mac] as number) & 1) !== 0;
}
