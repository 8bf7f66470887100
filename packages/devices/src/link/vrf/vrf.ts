import type { MacAddr } from '@labwire/core/addr';
import { get16, put16, put48 } from '@labwire/core/bytes';
import { PACKET_LOOPBACK, PACKET_OUTGOING, type SkBuff } from '@labwire/core/skb';
import { ETH_P_IP, ETH_P_IPV6, IPV4_MIN_HLEN, IPV6_HLEN } from '@labwire/core/wire';
import { vrfOutbound } from '../../ipv4/vrf-outbound.ts';
import { vrfOutbound6 } from '../../ipv6/vrf-outbound.ts';
import type { Netns } from '../../netns/netns.ts';
import type { L3Master } from '../l3-master.ts';
import { ETH_HLEN, IFF_MASTER, IFF_NOARP, NetDevice } from '../net-device.ts';
import type { PortOps } from '../rx-handler.ts';
import { VrfPorts } from './vrf-ports.ts';

/** Largest packet of IPv6, its header included. IP6_MAX_MTU */
const IP6_MAX_MTU = 65_575;
const IPV6_MIN_MTU = 1280;
/** A packet comes back in at the device, for itself. */
const LOCAL = 1;

/**
 * A routing table of its own for the devices that are its ports: virtual routing and forwarding. Linux drivers/net/vrf.c
 *
 * What comes in at a port is received anew as if at the VRF (`l3mdev_ip_rcv()`), what is sent by a port passes netfilter as if sent by the
 * VRF first (`l3mdev_ip_out()`). Only what a route sends to the VRF itself comes to {@link startXmit}: packets to the domain's own addresses, and
 * those that leak in from other tables.
 */
export class Vrf extends NetDevice implements L3Master {
  override readonly linkType = 'vrf';
  override readonly netnsImmutable: boolean = true;
  override readonly ports: PortOps = new VrfPorts(this);
  readonly table: number;

  constructor(name: string, addr: MacAddr, table: number) {
    super(name, addr);
    this.table = table;
    this.flags = IFF_MASTER | IFF_NOARP;
    this.mtu = IP6_MAX_MTU;
    this.minMtu = IPV6_MIN_MTU;
    this.maxMtu = IP6_MAX_MTU;
    this.operState = 'UP';
    this.l3Master = this;
  }

  override get infoData(): Readonly<Record<string, unknown>> {
    return { table: this.table };
  }

  /** `vrf_xmit()` */
  protected override startXmit(skb: SkBuff): void {
    const { stats } = this;
    const bytes = skb.len;
    const netns = this.netns as Netns;
    let sent = false;
    skb.nh = skb.data + ETH_HLEN;
    const type = bytes < ETH_HLEN + IPV4_MIN_HLEN ? 0 : get16(skb.buf, skb.data + 12);
    skb.protocol = type;
    if (type === ETH_P_IP) sent = vrfOutbound(netns.ipv4, skb, this);
    else if (type === ETH_P_IPV6 && bytes >= ETH_HLEN + IPV6_HLEN)
      sent = vrfOutbound6(netns.ipv6, skb, this);
    else this.drop(skb, 'unhandled_proto');
    if (sent) {
      stats.txPackets++;
      stats.txBytes += bytes;
    } else {
      stats.txErrors++;
      stats.txDropped++;
    }
  }

  /** A packet for the domain itself, which has its route: it comes in where it went out. Takes ownership. `vrf_local_xmit()` */
  receiveLocally(skb: SkBuff): void {
    this.stats.rxPackets++;
    this.stats.rxBytes += skb.len;
    skb.sk = null;
    skb.dev = this;
    skb.pktType = PACKET_LOOPBACK;
    (this.netns as Netns).sim.schedule(this.latency(skb.len), this, LOCAL, skb);
  }

  override onEvent(kind: number, arg: unknown): void {
    if (kind !== LOCAL) {
      super.onEvent(kind, arg);
      return;
    }
    const skb = arg as SkBuff;
    const { netns } = this;
    skb.data = skb.nh;
    if (netns === null || !this.isUp) this.drop(skb, 'dev_ready');
    else if (skb.protocol === ETH_P_IP) netns.ipv4.receive(skb);
    else netns.ipv6.receive(skb);
  }

  countRx(skb: SkBuff): void {
    this.stats.rxPackets++;
    this.stats.rxBytes += skb.len;
  }

  /** `vrf_finish_direct()`, `vrf_prepare_mac_header()`: what has no Ethernet header gets one that says little. */
  show(skb: SkBuff): void {
    if (this.tap === null || !this.tap.active) return;
    const { data, mac, pktType } = skb;
    skb.data = skb.nh;
    if (mac >= 0 && skb.nh - mac === ETH_HLEN) skb.data = mac;
    else this.#pushHeader(skb);
    skb.mac = skb.data;
    skb.pktType = PACKET_OUTGOING;
    this.tap.emit(skb, this);
    this.netns?.tap?.emit(skb, this);
    skb.data = data;
    skb.mac = mac;
    skb.pktType = pktType;
  }

  #pushHeader(skb: SkBuff): void {
    const at = skb.push(ETH_HLEN);
    put48(skb.buf, at, 0);
    put48(skb.buf, at + 6, this.addr);
    put16(skb.buf, at + 12, skb.protocol);
  }

  /** `vrf_dellink()` */
  override dellink(): void {
    for (const dev of this.netns?.devices.list() ?? [])
      if (dev.master === this) this.ports.remove(dev);
  }
}
