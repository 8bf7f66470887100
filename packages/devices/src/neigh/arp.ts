/** ARP: neighbours of IPv4. RFC 826, RFC 5227; read beside Linux net/ipv4/arp.c. */
import {
  type Ipv4Addr,
  isLoopback4,
  isMulticast4,
  MAC_BROADCAST,
  MAC_ZERO,
  type MacAddr,
} from '@labwire/core/addr';
import { get32, put16, put48 } from '@labwire/core/bytes';
import { type Nanos, SEC } from '@labwire/core/sim';
import { allocSkb, type DropReason, freeSkb, PACKET_HOST, type SkBuff } from '@labwire/core/skb';
import {
  ARP_LEN,
  ARPOP_REPLY,
  ARPOP_REQUEST,
  ArpHeader,
  checkArp,
  ETH_HLEN,
  ETH_P_ARP,
  Ipv4Off,
  writeArp,
} from '@labwire/core/wire';
import { Flow4, RT_SCOPE_HOST, RT_SCOPE_LINK } from '../fib/index.ts';
import type { InDevice } from '../ipv4/in-device.ts';
import type { Ipv4 } from '../ipv4/ipv4.ts';
import type { Rtable } from '../ipv4/rtable.ts';
import { IFF_LOOPBACK, IFF_NOARP, IFF_POINTOPOINT, type NetDevice } from '../link/net-device.ts';
import type { InetAddr } from '../rtnetlink/types.ts';
import { NEIGH_UPDATE_F_OVERRIDE, type Neigh } from './neigh.ts';
import { isValid } from './neigh-machine.ts';
import { NeighParams } from './neigh-params.ts';
import { type NeighResolver, NeighTable } from './neigh-table.ts';
import { ProxyQueue } from './proxy-queue.ts';

const flow = new Flow4();

/** The hooks of ARP. Linux include/uapi/linux/netfilter_arp.h */
const NF_ARP_IN = 0;
const NF_ARP_OUT = 1;

/** What one ARP packet says. */
interface ArpMessage {
  readonly op: number;
  readonly sha: MacAddr;
  readonly sip: number;
  readonly tha: MacAddr;
  readonly tip: number;
}

/** ARP of one namespace: the neighbours of IPv4, and who asks and answers. */
export class ArpResolver implements NeighResolver {
  readonly family = 'inet';
  readonly #ip: Ipv4;
  readonly table: NeighTable;
  #defaults: NeighParams | null = null;
  #proxied: ProxyQueue | null = null;

  constructor(ip: Ipv4) {
    this.#ip = ip;
    this.table = new NeighTable(ip.netns.sim, this);
  }

  /** conf/default, for devices to come. */
  get defaults(): NeighParams {
    this.#defaults ??= new NeighParams(this.#ip.netns.kernel.random, SEC);
    return this.#defaults;
  }

  hash(addr: InetAddr): number {
    return addr as number;
  }

  same(a: InetAddr, b: InetAddr): boolean {
    return a === b;
  }

  params(dev: NetDevice): NeighParams {
    const idev = dev.inDev;
    if (idev === null) return this.defaults;
    idev.arpParams ??= this.defaults.copy();
    return idev.arpParams;
  }

  drop(skb: SkBuff, reason: DropReason): void {
    this.#ip.netns.drop(skb, reason);
  }

  /** The neighbour that a packet for `nexthop` goes to; null if the table is full. `ip_neigh_for_gw()` */
  neighFor(nexthop: number, dev: NetDevice): Neigh | null {
    const key = (dev.flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) !== 0 ? 0 : nexthop;
    return this.table.lookupOrCreate(key as Ipv4Addr, dev);
  }

  construct(neigh: Neigh): void {
    const { dev } = neigh;
    const addr = neigh.dst as Ipv4Addr;
    if (isMulticast4(addr)) setNoarp(neigh, multicastMac(addr));
    else if ((dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) setNoarp(neigh, dev.addr);
    else if (this.#ip.addrType(addr, dev) === 'broadcast' || (dev.flags & IFF_POINTOPOINT) !== 0) {
      setNoarp(neigh, MAC_BROADCAST);
    }
  }

  solicit(neigh: Neigh, skb: SkBuff | null): void {
    const { dev, probes, params } = neigh;
    const idev = dev.inDev;
    if (idev === null) return;
    const target = neigh.dst as Ipv4Addr;
    let saddr = this.#announce(idev, target, skb);
    if (saddr === 0) saddr = this.#ip.selectAddr(dev, target, RT_SCOPE_LINK);
    const unicast = probes < params.ucastProbes && isValid(neigh.nud);
    const to = unicast ? neigh.lladdr : MAC_BROADCAST;
    this.send(ARPOP_REQUEST, dev, to, saddr as Ipv4Addr, dev.addr, target, MAC_ZERO);
  }

  /** The source that a request may give away of the packet that waits. `arp_announce` */
  #announce(idev: InDevice, target: number, skb: SkBuff | null): number {
    if (skb === null) return 0;
    const saddr = get32(skb.buf, skb.nh + Ipv4Off.saddr);
    switch (idev.arpAnnounce) {
      case 0:
        return this.#ip.addrType(saddr, idev.dev) === 'local' ? saddr : 0;
      case 1:
        if (this.#ip.addrType(saddr, idev.dev) !== 'local') return 0;
        return idev.ifaList.some(
          (a) =>
            onSubnet(saddr, a.address, a.prefixLen) && onSubnet(target, a.address, a.prefixLen),
        )
          ? saddr
          : 0;
      default:
        return 0;
    }
  }

  errorReport(_neigh: Neigh, skb: SkBuff): void {
    this.#ip.icmp.linkFailure(skb);
    this.#ip.netns.drop(skb, 'neigh_failed');
  }

  /** Sends an ARP packet. `arp_send_dst()` */
  send(
    op: number,
    dev: NetDevice,
    to: MacAddr,
    spa: Ipv4Addr,
    sha: MacAddr,
    tpa: Ipv4Addr,
    tha: MacAddr,
  ): void {
    if ((dev.flags & IFF_NOARP) !== 0) return;
    const skb = this.create(op, to, spa, sha, tpa, tha);
    const { arpHooks } = this.#ip.netns;
    skb.pull(ETH_HLEN);
    if (arpHooks?.run(NF_ARP_OUT, skb, null, dev) === false) return;
    skb.push(ETH_HLEN);
    dev.xmit(skb);
  }

  /** An ARP packet in its frame. `arp_create()` */
  create(
    op: number,
    to: MacAddr,
    spa: Ipv4Addr,
    sha: MacAddr,
    tpa: Ipv4Addr,
    tha: MacAddr,
  ): SkBuff {
    const skb = allocSkb(ARP_LEN);
    skb.nh = skb.put(ARP_LEN);
    writeArp(skb.buf, skb.nh, { op, sha, spa, tha, tpa });
    skb.protocol = ETH_P_ARP;
    const at = skb.push(ETH_HLEN);
    put48(skb.buf, at, to);
    put48(skb.buf, at + 6, sha);
    put16(skb.buf, at + 12, ETH_P_ARP);
    return skb;
  }

  /** Tells the link of an address of ours. `inetdev_send_gratuitous_arp()` */
  announce(dev: NetDevice, addr: Ipv4Addr): void {
    this.send(ARPOP_REQUEST, dev, MAC_BROADCAST, addr, dev.addr, addr, MAC_ZERO);
  }

  /** Takes in an ARP packet: `skb.data` is at its header. Takes ownership. `arp_rcv()` */
  receive(skb: SkBuff): void {
    const dev = skb.dev as NetDevice;
    const skip = (dev.flags & IFF_NOARP) !== 0 || dev.inDev === null;
    const reason =
      skip || skb.pktType > 2 ? 'not_specified' : checkArp(skb.buf, skb.data, skb.tail);
    if (reason !== undefined) {
      this.#ip.netns.drop(skb, reason);
      return;
    }
    const { arpHooks } = this.#ip.netns;
    if (arpHooks?.run(NF_ARP_IN, skb, dev, null) === false) return;
    this.#process(skb, dev, dev.inDev as InDevice, false);
  }

  /** `arp_process()`; `delayed` if a proxied request has waited its time. */
  #process(skb: SkBuff, dev: NetDevice, idev: InDevice, delayed: boolean): void {
    const header = new ArpHeader(skb.buf, skb.data);
    const m: ArpMessage = {
      op: header.op,
      sha: header.sha,
      sip: header.spa,
      tha: header.tha,
      tip: header.tpa,
    };
    const reason = this.#refuse(m, idev);
    if (reason !== undefined) {
      this.#ip.netns.drop(skb, reason);
      return;
    }
    if (m.sip === 0 && m.op === ARPOP_REQUEST) this.#answerProbe(m, dev, idev);
    else if (m.op === ARPOP_REQUEST && this.#answerRequest(skb, m, dev, idev, delayed)) return;
    else this.#learn(skb, m, dev, idev);
    freeSkb(skb);
  }

  #refuse(m: ArpMessage, idev: InDevice): DropReason | undefined {
    if (m.op !== ARPOP_REQUEST && m.op !== ARPOP_REPLY) return 'not_specified';
    const loopback = isLoopback4(m.tip as Ipv4Addr) && !idev.routeLocalnet;
    if (isMulticast4(m.tip as Ipv4Addr) || loopback) return 'not_specified';
    return m.sip === m.tip && idev.dropGratuitousArp ? 'not_specified' : undefined;
  }

  /** Somebody asks whether an address is free. RFC 5227 section 2.1.1 */
  #answerProbe(m: ArpMessage, dev: NetDevice, idev: InDevice): void {
    if (this.#ip.addrType(m.tip, dev) !== 'local' || this.#ignores(idev, m)) return;
    this.#reply(m, dev);
  }

  #reply(m: ArpMessage, dev: NetDevice): void {
    const spa = m.tip as Ipv4Addr;
    this.send(ARPOP_REPLY, dev, m.sha, spa, dev.addr, m.sip as Ipv4Addr, m.sha);
  }

  /** @returns whether the packet has been taken */
  #answerRequest(
    skb: SkBuff,
    m: ArpMessage,
    dev: NetDevice,
    idev: InDevice,
    delayed: boolean,
  ): boolean {
    skb.dst = null;
    if (this.#ip.routeInput(skb, m.tip, m.sip, 0) !== undefined) {
      this.#learn(skb, m, dev, idev);
      freeSkb(skb);
      return true;
    }
    const rt = skb.dst as unknown as Rtable;
    if (rt.type === 'local') {
      const silent = this.#ignores(idev, m) || (idev.arpFilter && this.#filters(m, dev));
      if (!silent) {
        this.#heardOf(m, dev);
        this.#reply(m, dev);
      }
      freeSkb(skb);
      return true;
    }
    if (!idev.forwarding || !this.#proxies(m, dev, idev, rt)) {
      this.#learn(skb, m, dev, idev);
      freeSkb(skb);
      return true;
    }
    this.#heardOf(m, dev);
    const { proxyDelay, proxyQueueLen } = this.params(dev);
    if (delayed || skb.pktType === PACKET_HOST || proxyDelay === 0) {
      this.#reply(m, dev);
      freeSkb(skb);
    } else this.#answerLater(skb, proxyDelay, proxyQueueLen);
    return true;
  }

  /** Requests are broadcast: there is no group to hear them in. */
  proxied(): void {}

  #answerLater(skb: SkBuff, within: Nanos, queueLen: number): void {
    const { sim, kernel } = this.#ip.netns;
    const drop = (over: SkBuff) => this.#ip.netns.drop(over, 'not_specified');
    this.#proxied ??= new ProxyQueue(sim, (later) => this.#answerProxied(later), drop);
    this.#proxied.add(skb, kernel.random.below(within), queueLen);
  }

  /** Answers no more for what came in at a device that has gone down. */
  deviceDown(dev: NetDevice): void {
    this.#proxied?.purge(dev);
  }

  #answerProxied(skb: SkBuff): void {
    const dev = skb.dev as NetDevice;
    if (dev.inDev === null || !dev.running) freeSkb(skb);
    else this.#process(skb, dev, dev.inDev, true);
  }

  /** Whether a request is answered for somebody else. `arp_fwd_proxy()`, `arp_fwd_pvlan()` */
  #proxies(m: ArpMessage, dev: NetDevice, idev: InDevice, rt: Rtable): boolean {
    if (rt.type !== 'unicast') return false;
    if (rt.dev === dev) return idev.proxyArpPvlan;
    return idev.proxyArp || this.table.isProxied(m.tip as Ipv4Addr, dev);
  }

  /** The asker itself becomes known. `neigh_event_ns()` */
  #heardOf(m: ArpMessage, dev: NetDevice): void {
    const neigh = this.table.lookupOrCreate(m.sip as Ipv4Addr, dev);
    neigh?.update(m.sha, 'stale', NEIGH_UPDATE_F_OVERRIDE);
  }

  /** Whether `arp_ignore` keeps us from answering. */
  #ignores(idev: InDevice, m: ArpMessage): boolean {
    const onDev = (scope: number, sip: number) =>
      this.#ip.confirmAddr(idev, sip, m.tip, scope) !== 0;
    switch (idev.arpIgnore) {
      case 0:
        return false;
      case 1:
        return !onDev(RT_SCOPE_HOST, 0);
      case 2:
        return !onDev(RT_SCOPE_HOST, m.sip);
      case 3:
        return this.#ip.confirmAddr(null, 0, m.tip, RT_SCOPE_LINK) === 0;
      case 8:
        return true;
      default:
        return false;
    }
  }

  /** Whether a reply to the asker would leave by another device. `arp_filter()` */
  #filters(m: ArpMessage, dev: NetDevice): boolean {
    flow.to(m.sip).saddr = m.tip;
    flow.oif = dev.l3Master?.ifindex ?? 0;
    return this.#ip.routeOutput(flow) !== undefined || this.#ip.rt?.dev !== dev;
  }

  /** Updates what is known of the sender. */
  #learn(skb: SkBuff, m: ArpMessage, dev: NetDevice, idev: InDevice): void {
    let neigh = this.table.lookup(m.sip as Ipv4Addr, dev);
    const accepts = this.#accepts(idev, m.sip);
    if (neigh === null && !accepts) return;
    const garp = this.#isGratuitous(m, dev);
    if (neigh === null && (garp || this.#isUnsolicitedReply(m, dev))) {
      neigh = this.table.lookupOrCreate(m.sip as Ipv4Addr, dev);
    }
    if (neigh === null) return;
    const { now } = this.#ip.netns.sim;
    const override = garp || now > neigh.updated + neigh.params.lockTime;
    const solicited = m.op === ARPOP_REPLY && skb.pktType === PACKET_HOST;
    neigh.update(m.sha, solicited ? 'reachable' : 'stale', override ? NEIGH_UPDATE_F_OVERRIDE : 0);
  }

  /** `arp_accept()` */
  #accepts(idev: InDevice, sip: number): boolean {
    switch (idev.arpAccept) {
      case 1:
        return true;
      case 2:
        return this.#ip.confirmAddr(idev, sip, 0, RT_SCOPE_LINK) !== 0;
      default:
        return false;
    }
  }

  /** `arp_is_garp()` */
  #isGratuitous(m: ArpMessage, dev: NetDevice): boolean {
    const asked = m.op === ARPOP_REPLY && m.tha !== dev.addr && m.tha !== m.sha;
    return m.sip === m.tip && !asked && this.#isUnicast(m.sip, dev);
  }

  #isUnsolicitedReply(m: ArpMessage, dev: NetDevice): boolean {
    return m.op === ARPOP_REPLY && this.#isUnicast(m.sip, dev);
  }

  #isUnicast(addr: number, dev: NetDevice): boolean {
    return this.#ip.addrType(addr, dev) === 'unicast';
  }
}

function setNoarp(neigh: Neigh, lladdr: MacAddr): void {
  neigh.nud = 'noarp';
  neigh.setLladdr(lladdr);
}

/** The Ethernet address of an IPv4 group. RFC 1112 section 6.4 */
export function multicastMac(group: number): MacAddr {
  return (0x0100_5e00_0000 + (group & 0x7f_ffff)) as MacAddr;
}

function onSubnet(a: number, b: number, plen: number): boolean {
  return plen === 0 || (a ^ b) >>> (32 - plen) === 0;
}
