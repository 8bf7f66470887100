import { formatMac, type Ipv4Addr, ipv6, type MacAddr } from '@labwire/core/addr';
import { get16, get32 } from '@labwire/core/bytes';
import type { Simulator } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { ETH_P_8021AD } from '@labwire/core/wire';
import { NF_INET_LOCAL_IN } from '../ipv4/nf-hooks.ts';
import { INPUT_ERROR, Rtable } from '../ipv4/rtable.ts';
import { ETH_HLEN, macHi, macLo, NetDevice, type PortOps } from '../link/index.ts';
import type { NetdevEvent } from '../netns/netdev-event.ts';
import type { Netns } from '../netns/netns.ts';
import { proxyArp } from './arp-proxy.ts';
import { bridgeData, changeBridge } from './attributes/index.ts';
import { Fdb } from './fdb.ts';
import {
  flood,
  floodGroup,
  forwardTo,
  PKT_BROADCAST,
  PKT_MULTICAST,
  PKT_UNICAST,
} from './forward.ts';
import { handleFrameFinish } from './input.ts';
import { BridgeMulticast, isKnown, mdbGet, SNOOP_BAD, snoop } from './multicast/index.ts';
import { BridgedDnat, restoreBridged } from './netfilter/index.ts';
import type { BridgePort } from './port.ts';
import { BridgePorts } from './ports.ts';
import { Stp } from './stp/index.ts';
import { BridgeVlans, egressAllowed, ingressVlan, untag } from './vlans.ts';

/** 224.0.0.106 and ff02::6a: where bridges listen for what multicast routers announce. RFC 4286 section 2 */
const ALL_SNOOPERS = (0xe000_006a | 0) as Ipv4Addr;
const ALL_SNOOPERS6 = ipv6(0xff020000, 0, 0, 0x6a);

/** IEEE 802.1D-1998 table 7-9: where BPDUs are sent to. */
const BRIDGE_GROUP_ADDR = 0x0180c2000000 as MacAddr;

/** Where bridges of providers send theirs. IEEE 802.1ad */
const PROVIDER_GROUP_ADDR = 0x0180c2000008 as MacAddr;

/** Between two messages about one thing. `net_ratelimit()`: ten in five seconds */
const WARNINGS = 10;
const WARNING_WINDOW = 5_000_000_000;

/** A bridge: the device of its machine, and what connects the ports. Linux net/bridge/br_device.c, `struct net_bridge`. */
export class Bridge extends NetDevice {
  override readonly linkType = 'bridge';
  override readonly vlanOffload: boolean = true;
  override readonly netnsImmutable: boolean = true;
  override readonly ports: PortOps = new BridgePorts(this);
  /** The newest first. */
  readonly portList: BridgePort[] = [];
  readonly stp: Stp = new Stp(this);
  readonly fdb: Fdb = new Fdb(this);
  groupAddr: MacAddr = BRIDGE_GROUP_ADDR;
  groupAddrWasSet = false;
  /** Reserved group addresses that it forwards nevertheless, by the bits of their last digit. */
  groupFwdMask = 0;
  readonly mcast: BridgeMulticast = new BridgeMulticast(this);
  /** Learns nothing from frames to reserved addresses. BR_BOOLOPT_NO_LL_LEARN */
  noLinkLocalLearn = false;
  /** What it knows of VLANs; null until it is asked to. */
  vlanFilter: BridgeVlans | null = null;
  /** Keeps VLANs apart. BROPT_VLAN_ENABLED */
  filtersVlans = false;
  /** When it was set up, Nanos; -1 while it is down. */
  upSince = -1;
  /** Whether the MTU follows the ports. */
  mtuFollowsPorts = true;
  // Whether bridged frames pass the IP hooks even where net.bridge says no.
  nfCallIptables = false;
  nfCallIp6tables = false;
  nfCallArptables = false;
  /** `addr` in two halves. */
  addrHi: number;
  addrLo: number;
  /** What rules see as the route of a packet that it only carries. `br_netfilter_rtable_init()` */
  readonly fakeRtable: Rtable = new Rtable({
    dev: this,
    type: 'unicast',
    input: INPUT_ERROR,
    flags: 0,
    error: 'EINVAL',
    nh: null,
    route: null,
    table: 0,
    isInput: false,
    genid: 0,
  });
  #warnings = 0;
  #warningsUntil = 0;

  constructor(name: string, addr: MacAddr) {
    super(name, addr);
    this.tso = true;
    this.addrHi = macHi(addr);
    this.addrLo = macLo(addr);
  }

  /** The simulator whose time it keeps. */
  get clock(): Simulator {
    return (this.netns as Netns).sim;
  }

  /** The port of a number. `br_get_port()` */
  portByNo(no: number): BridgePort | undefined {
    return this.portList.find((p) => p.no === no);
  }

  /** The port that a device is. */
  portOf(dev: NetDevice): BridgePort | undefined {
    return this.portList.find((p) => p.dev === dev);
  }

  /** Has just been registered: its address is in the database, and in its id if set by hand. `br_dev_newlink()` */
  initAddress(): void {
    this.fdb.addLocal(null, this.addr);
    if (this.addrWasSet) this.stp.changeBridgeId({ prio: this.stp.bridgeId.prio, addr: this.addr });
  }

  /** Sends a frame of its own machine. `br_dev_xmit()` */
  protected override startXmit(skb: SkBuff): void {
    const { nfBridge } = skb;
    if (nfBridge instanceof BridgedDnat) {
      skb.pull(ETH_HLEN);
      restoreBridged(skb, nfBridge);
      handleFrameFinish(this, nfBridge.port, skb);
      return;
    }
    this.stats.txPackets++;
    this.stats.txBytes += skb.len;
    const hi = get16(skb.buf, skb.mac);
    const lo = get32(skb.buf, skb.mac + 2);
    skb.pull(ETH_HLEN);
    const vid = this.filtersVlans ? ingressVlan(this.vlanAware(), this.vlanAware().own, skb) : 0;
    if (vid < 0) {
      this.drop(skb, 'not_specified');
      return;
    }
    if ((hi & 0x100) !== 0) {
      if (hi === 0xffff && lo === -1)
        flood(this, skb, PKT_BROADCAST, null, false, proxyArp(this, null, skb, vid));
      else this.#xmitMulticast(skb, vid);
      return;
    }
    const entry = this.fdb.find(hi | (vid << 16), lo);
    if (entry === null) flood(this, skb, PKT_UNICAST, null, false);
    else forwardTo(this, entry.dst, skb, null, false);
  }

  #xmitMulticast(skb: SkBuff, vid: number): void {
    const found = snoop(this, null, skb, vid);
    if (found === SNOOP_BAD) {
      this.drop(skb, 'not_specified');
      return;
    }
    const entry = mdbGet(this, skb, vid, found);
    if (isKnown(this, skb, entry, found)) floodGroup(this, entry, skb, null, false);
    else flood(this, skb, PKT_MULTICAST, null, false);
  }

  /** Hands a frame to its own machine, as received at the bridge device. `br_pass_frame_up()` */
  passUp(skb: SkBuff): void {
    if (!this.isUp || this.netns === null) {
      this.drop(skb, 'dev_ready');
      return;
    }
    this.stats.rxPackets++;
    this.stats.rxBytes += skb.len;
    if (this.filtersVlans) {
      const vlans = this.vlanAware();
      const { own } = vlans;
      if (!egressAllowed(own, skb) && this.promiscuity === 0) {
        this.drop(skb, 'not_specified');
        return;
      }
      untag(vlans, own, skb);
    }
    const { bridgeHooks } = this.netns;
    if (bridgeHooks?.run(NF_INET_LOCAL_IN, skb, skb.dev as NetDevice, null) === false) return;
    skb.dev = this;
    if (skb.dst === this.fakeRtable) skb.dst = null;
    this.netns.receiveCore(skb);
  }

  /** Its VLANs, which it knows of from now on. */
  vlanAware(): BridgeVlans {
    this.vlanFilter ??= new BridgeVlans(this);
    return this.vlanFilter;
  }

  override open(): void {
    this.upSince = this.clock.now;
    if (this.mcast.snooping) this.#joinSnoopers();
    this.stp.enableBridge();
    this.mcast.open();
  }

  override stop(): void {
    this.upSince = -1;
    this.stp.disableBridge();
    this.mcast.stop();
    if (this.mcast.snooping) this.#leaveSnoopers();
  }

  /** Lets its ports go. `br_dev_delete()` */
  override dellink(): void {
    for (const p of [...this.portList]) this.ports.remove(p.dev);
  }

  /** Whether it listens for multicast routers. */
  setMcastSnooping(on: boolean): void {
    if (on === this.mcast.snooping) return;
    this.mcast.setSnooping(on);
    if (!this.isUp) return;
    if (on) this.#joinSnoopers();
    else this.#leaveSnoopers();
  }

  /** `br_multicast_join_snoopers()` */
  #joinSnoopers(): void {
    const { ipv4, ipv6 } = this.netns as Netns;
    if (this.inDev !== null) ipv4.membership.join(this.inDev, ALL_SNOOPERS);
    const idev = ipv6.idev(this);
    if (idev !== undefined) ipv6.mcast.join(idev, ALL_SNOOPERS6);
  }

  /** `br_multicast_leave_snoopers()` */
  #leaveSnoopers(): void {
    const { ipv4, ipv6 } = this.netns as Netns;
    if (this.inDev !== null) ipv4.membership.leave(this.inDev, ALL_SNOOPERS);
    const idev = ipv6.idev(this);
    if (idev !== undefined) ipv6.mcast.leave(idev, ALL_SNOOPERS6);
  }

  override setMacAddress(addr: MacAddr): void {
    this.changeAddr(addr);
  }

  /** A bridge of 802.1ad speaks to providers' bridges. `recalculate_group_addr()` */
  chooseGroupAddr(): void {
    if (this.groupAddrWasSet) return;
    const isProvider = this.filtersVlans && this.vlanAware().protocol === ETH_P_8021AD;
    this.groupAddr = isProvider ? PROVIDER_GROUP_ADDR : BRIDGE_GROUP_ADDR;
  }

  /** `br_stp_change_bridge_id()`: device, database and id have the same address. */
  changeAddr(addr: MacAddr): void {
    this.addr = addr;
    this.tso = true;
    this.addrHi = macHi(addr);
    this.addrLo = macLo(addr);
    this.fdb.changeLocal(null, addr);
    this.stp.changeBridgeId({ prio: this.stp.bridgeId.prio, addr });
  }

  /** An MTU set by hand stays, whatever the ports have. `br_change_mtu()` */
  override changeMtu(mtu: number): void {
    this.mtu = mtu;
    this.mtuFollowsPorts = false;
  }

  override get infoData(): Readonly<Record<string, unknown>> {
    return bridgeData(this);
  }

  override changeLink(data: Readonly<Record<string, unknown>>): void {
    changeBridge(this, data);
  }

  override onPortEvent(port: NetDevice, event: NetdevEvent): void {
    (this.ports as BridgePorts).onEvent(port, event);
  }

  /** Says something in the kernel's log. `br_info()` */
  log(text: string): void {
    this.netns?.kernel.log(`${this.name}: ${text}`);
  }

  /** A frame came in with an address of the bridge as its source: a loop, most likely. `br_fdb_update()` */
  warnOwnSource(port: BridgePort, addr: MacAddr): void {
    const { now } = this.clock;
    if (now >= this.#warningsUntil) {
      this.#warningsUntil = now + WARNING_WINDOW;
      this.#warnings = 0;
    }
    if (this.#warnings++ >= WARNINGS) return;
    this.log(
      `received packet on ${port.dev.name} with own address as source address (addr:${formatMac(addr)}, vlan:0)`,
    );
  }

  override describe(): string {
    const ports = this.portList.map((p) => p.dev.name).reverse();
    return `bridge ${this.name} of ${this.netns?.kernel.name ?? 'nobody'} (ports ${ports.join(', ')})`;
  }
}
