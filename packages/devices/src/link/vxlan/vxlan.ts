import {
  type Ipv4Addr,
  isMulticast4,
  isMulticastMac,
  MAC_ZERO,
  type MacAddr,
} from '@labwire/core/addr';
import { get8, get16, get32, get48 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { SEC } from '@labwire/core/sim';
import { cloneSkb, type SkBuff } from '@labwire/core/skb';
import type { NetdevEvent } from '../../netns/netdev-event.ts';
import type { Netns } from '../../netns/netns.ts';
import { ETH_HLEN, NetDevice } from '../net-device.ts';
import { unregisterNetdevice } from '../register.ts';
import { scrub } from '../scrub.ts';
import { linkUpper, unlinkUpper } from '../stacked.ts';
import { isGroup, type VxlanConfig, type VxlanData, vxlanConfig } from './config.ts';
import { encapsulate } from './encapsulate.ts';
import { VxlanFdb, type VxlanRemote } from './fdb.ts';
import { VXLAN_HEADROOM } from './headers.ts';
import { VxlanSocket } from './socket.ts';

const ETH_MIN_MTU = 68;

/** Ethernet over UDP: RFC 7348. Linux drivers/net/vxlan */
export class Vxlan extends NetDevice {
  override readonly linkType = 'vxlan';
  config: VxlanConfig;
  /** The device that it sends out of; null for that of the route. */
  readonly lower: NetDevice | null;
  readonly fdb: VxlanFdb;
  /** Where the tunnel's outer packets are: the namespace that the device was made in. */
  readonly underlay: Netns;
  #socket: VxlanSocket | null = null;

  constructor(
    name: string,
    addr: MacAddr,
    underlay: Netns,
    config: VxlanConfig,
    lower: NetDevice | null,
  ) {
    super(name, addr);
    this.config = config;
    this.lower = lower;
    this.underlay = underlay;
    this.fdb = new VxlanFdb(() => underlay.sim.now, config.ageing * SEC);
    this.mtu = lower === null ? 1500 : Math.max(ETH_MIN_MTU, lower.mtu - VXLAN_HEADROOM);
    if (lower !== null) this.tsoMaxSize = lower.tsoMaxSize; // netif_inherit_tso_max()
  }

  get vni(): number {
    return this.config.vni;
  }

  /** The socket that its packets come from; null while it is down. */
  get socket(): VxlanSocket | null {
    return this.#socket;
  }

  /** Has just been registered. `__vxlan_dev_create()` */
  attach(): void {
    const { remote } = this.config;
    if (remote !== 0) this.fdb.add(MAC_ZERO, 'permanent', this.remoteOf(remote));
    if (this.lower !== null) linkUpper(this.lower, this);
  }

  /** An address as the end of a tunnel with the device's own settings. */
  remoteOf(ip: number): VxlanRemote {
    return { ip, port: this.config.port, vni: this.vni, ifindex: this.lower?.ifindex ?? 0 };
  }

  /** `vxlan_xmit()` */
  protected override startXmit(skb: SkBuff): void {
    const hi = get16(skb.buf, skb.data);
    let entry = this.fdb.find(hi, get32(skb.buf, skb.data + 2));
    if (entry === null || (entry.remotes.length === 0 && (hi & 0x100) !== 0))
      entry = this.fdb.fallback;
    if (entry === null || entry.remotes.length === 0) {
      this.stats.txDropped++;
      this.drop(skb, 'not_specified');
      return;
    }
    entry.used = this.underlay.sim.now;
    const { remotes } = entry;
    for (let i = 0; i < remotes.length - 1; i++)
      encapsulate(this, cloneSkb(skb), remotes[i] as VxlanRemote);
    encapsulate(this, skb, remotes[remotes.length - 1] as VxlanRemote);
  }

  /** A frame has come out of the tunnel, `skb.data` at its Ethernet header. Takes ownership. */
  decapsulated(skb: SkBuff, from: number): void {
    const source = get48(skb.buf, skb.data + 6) as MacAddr;
    if (source === this.addr || (this.config.learning && !this.#learn(source, from))) {
      this.drop(skb, 'not_specified');
      return;
    }
    if (!this.isUp || this.netns === null) {
      this.stats.rxDropped++;
      this.drop(skb, 'dev_ready');
      return;
    }
    skb.mac = -1;
    skb.nh = -1;
    skb.th = -1;
    skb.vlanTci = -1;
    scrub(skb, this.netns !== this.underlay);
    const bytes = skb.len - ETH_HLEN;
    if (!this.arrive(skb, 0)) return;
    this.stats.rxPackets++;
    this.stats.rxBytes += bytes;
  }

  /** Notes where a station is. @returns false if the frame is not to be believed. `vxlan_snoop()` */
  #learn(source: MacAddr, from: number): boolean {
    if (isMulticastMac(source) || source === MAC_ZERO) return true;
    const known = this.fdb.findMac(source);
    if (known === null) {
      const { limit } = this.config;
      if (this.isUp && (limit === 0 || this.fdb.size < limit))
        this.fdb.add(source, 'reachable', { ...this.remoteOf(from), ifindex: 0 });
      return true;
    }
    const remote = known.remotes[0] as VxlanRemote;
    known.used = this.underlay.sim.now;
    if (remote.ip === from) return true;
    if (known.state !== 'reachable') return false;
    remote.ip = from;
    known.updated = this.underlay.sim.now;
    return true;
  }

  /** `vxlan_open()` @throws {@link KernelError} EADDRINUSE */
  override open(): void {
    this.#socket = VxlanSocket.open(this.underlay, this.config.port, this);
    const group = this.config.remote as Ipv4Addr;
    if (isMulticast4(group) && this.lower?.inDev != null)
      this.underlay.ipv4.membership.join(this.lower.inDev, group);
  }

  /** `vxlan_stop()` */
  override stop(): void {
    const group = this.config.remote as Ipv4Addr;
    if (isMulticast4(group) && this.lower?.inDev != null)
      this.underlay.ipv4.membership.leave(this.lower.inDev, group);
    this.fdb.flush();
    this.#socket?.release(this.underlay, this);
    this.#socket = null;
  }

  /** `vxlan_change_mtu()` */
  override changeMtu(mtu: number): void {
    if (this.lower !== null && mtu > this.lower.mtu - VXLAN_HEADROOM)
      throw new KernelError('EINVAL');
    this.mtu = mtu;
  }

  override onLowerEvent(lower: NetDevice, event: NetdevEvent): void {
    if (event === 'UNREGISTER' && lower.unregistering) unregisterNetdevice(this);
  }

  override get infoData(): Readonly<Record<string, unknown>> {
    const c = this.config;
    return {
      id: c.vni,
      ...(c.remote === 0 ? {} : { group: c.remote as Ipv4Addr }),
      ...(c.local === 0 ? {} : { local: c.local as Ipv4Addr }),
      link: this.lower?.ifindex ?? 0,
      port_range: c.portRange,
      port: c.port,
      learning: Number(c.learning),
      proxy: 0,
      rsc: 0,
      l2miss: 0,
      l3miss: 0,
      tos: c.tos,
      ttl: c.ttl,
      ttl_inherit: Number(c.ttlInherit),
      df: c.df,
      label: 0,
      ageing: c.ageing,
      limit: c.limit,
      udp_csum: Number(c.udpCsum),
      udp_zero_csum6_tx: 0,
      udp_zero_csum6_rx: 0,
    };
  }

  /** `vxlan_changelink()` @throws {@link KernelError} EOPNOTSUPP for what stays */
  override changeLink(data: VxlanData): void {
    const old = this.config;
    const next = vxlanConfig(data, old);
    if (next.vni !== old.vni) throw new KernelError('EOPNOTSUPP', 'Cannot change VNI');
    if (next.port !== old.port) throw new KernelError('EOPNOTSUPP', 'Cannot change port');
    if (isGroup(old) !== isGroup(next) || (isGroup(old) && old.remote !== next.remote))
      throw new KernelError('EOPNOTSUPP', "Labwire can't change the group of a vxlan");
    this.config = next;
    this.fdb.ageing = next.ageing * SEC;
    if (next.remote === old.remote) return;
    const { fallback } = this.fdb;
    if (fallback !== null) this.fdb.delete(fallback);
    if (next.remote !== 0) this.fdb.add(MAC_ZERO, 'permanent', this.remoteOf(next.remote));
  }

  override uninit(): void {
    if (this.lower !== null) unlinkUpper(this.lower, this);
  }

  /** The TOS of the outer packet: as configured, or that of the packet inside. */
  tosFor(skb: SkBuff): number {
    const { tos } = this.config;
    if (tos !== 1) return tos;
    return get16(skb.buf, skb.data + 12) === 0x0800 ? get8(skb.buf, skb.data + ETH_HLEN + 1) : 0;
  }
}
