/** From a device to a protocol or onwards. Linux net/ipv6/ip6_input.c, and ip6_forward() of ip6_output.c. */
import {
  getIpv6,
  IPV6_LOOPBACK,
  type Ipv6Addr,
  isLinkLocal6,
  isMulticast6,
  sameIpv6,
} from '@labwire/core/addr';
import { get8, get16, put8 } from '@labwire/core/bytes';
import { freeSkb, PACKET_HOST, PACKET_OTHERHOST, type SkBuff } from '@labwire/core/skb';
import {
  checkIpv6,
  findIpv6Option,
  ICMPV6_ADM_PROHIBITED,
  ICMPV6_DEST_UNREACH,
  ICMPV6_EXC_HOPLIMIT,
  ICMPV6_NOROUTE,
  ICMPV6_PARAMPROB,
  ICMPV6_PKT_TOOBIG,
  ICMPV6_TIME_EXCEED,
  ICMPV6_UNK_NEXTHDR,
  IPPROTO_ICMPV6,
  IPPROTO_NONE,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_HLEN,
  IPV6_TLV_ROUTERALERT,
  Ipv6Chain,
  Ipv6Off,
  walkIpv6,
} from '@labwire/core/wire';
import { isPreRouted } from '../ipv4/nf-hooks.ts';
import { IFF_LOOPBACK, type NetDevice } from '../link/net-device.ts';
import type { Fib6Route } from './fib6-route.ts';
import { Flowi6 } from './fib6-rule.ts';
import type { Inet6Dev } from './inet6-dev.ts';
import { trafficClass } from './ip6-output.ts';
import { ip6PktTooBig } from './ip6-pkt-too-big.ts';
import type { Ipv6 } from './ipv6.ts';
import { l3mdevIp6Rcv } from './l3mdev.ts';
import { multipathHash6, NO_PORTS, type PortKeys } from './multipath6.ts';
import { pickHop, usableHop } from './route6.ts';

/** What a walk over the headers found, of all namespaces; never held over a call that may walk again. */
const chain = new Ipv6Chain();

/** The receiving side of one namespace's IPv6. */
export class Ip6Input {
  readonly #ip6: Ipv6;

  constructor(ip6: Ipv6) {
    this.#ip6 = ip6;
  }

  /** `ipv6_rcv()`, `ip6_rcv_core()`. Takes ownership. */
  receive(skb: SkBuff, idev: Inet6Dev): void {
    const { buf, data } = skb;
    if (skb.pktType === PACKET_OTHERHOST) {
      this.#ip6.netns.drop(skb, 'otherhost');
      return;
    }
    if (idev.conf.disable_ipv6 !== 0) {
      this.#ip6.netns.drop(skb, 'ipv6disabled');
      return;
    }
    const bad = checkIpv6(buf, data, skb.tail);
    if (bad !== undefined) {
      this.#ip6.netns.drop(skb, bad);
      return;
    }
    skb.nh = data;
    skb.trim(IPV6_HLEN + get16(buf, data + Ipv6Off.payloadLen));
    const saddr = getIpv6(buf, data + Ipv6Off.saddr);
    const daddr = getIpv6(buf, data + Ipv6Off.daddr);
    const fromLoopback = isLoopback(idev);
    if (isMulticast6(saddr)) {
      this.#ip6.netns.drop(skb, 'ip_invalid_source');
      return;
    }
    const { dev } = idev;
    const fromDomain = dev.l3Master === dev;
    if (
      !fromLoopback &&
      !fromDomain &&
      (sameIpv6(saddr, IPV6_LOOPBACK) || sameIpv6(daddr, IPV6_LOOPBACK))
    ) {
      this.#ip6.netns.drop(skb, 'ip_invalid_source');
      return;
    }
    const packet = this.#ip6.defragsEarly ? this.#ip6.defrag(skb) : skb;
    if (packet === null) return;
    if (!isPreRouted(packet) && !this.#ip6.runHook(0, packet, dev, null)) return;
    if (dev.l3Master !== null && !l3mdevIp6Rcv(this.#ip6, packet, dev, dev.l3Master)) return;
    this.#route(packet, idev);
  }

  /** `ip6_rcv_finish()`; the addresses are what the hook has left. */
  #route(skb: SkBuff, idev: Inet6Dev): void {
    const saddr = getIpv6(skb.buf, skb.nh + Ipv6Off.saddr);
    const daddr = getIpv6(skb.buf, skb.nh + Ipv6Off.daddr);
    if (isMulticast6(daddr)) {
      if (this.#ip6.mcast.isJoined(idev, daddr) || this.#isRouterAlert(skb))
        this.localDeliver(skb, idev);
      else this.#ip6.netns.drop(skb, 'ip_inaddrerrors');
      return;
    }
    const oif = isLinkLocal6(daddr) && !isLoopback(idev) ? idev.dev : null;
    const { fib, multipath } = this.#ip6;
    const looks = fib.hasCustomRules || multipath.policy !== 0;
    const flow = looks ? ruleFlowOf(skb, idev.dev, saddr, daddr) : null;
    const route = this.#ip6.fib.lookup(daddr, oif, usableHop, flow);
    const ours = route?.type === 'local' || idev.find(daddr) !== undefined;
    if (ours || (isLoopback(idev) && this.#ownerOf(daddr) !== undefined))
      this.localDeliver(skb, idev);
    else this.#forward(skb, idev, saddr, daddr, route, flow ?? NO_PORTS);
  }

  /** A router hears all of MLD. */
  #isRouterAlert(skb: SkBuff): boolean {
    if (walkIpv6(skb.buf, skb.nh, skb.tail, chain) !== undefined || chain.hopByHop < 0)
      return false;
    return findIpv6Option(skb.buf, chain.hopByHop, IPV6_TLV_ROUTERALERT) >= 0;
  }

  /** `ip6_input()`, `ip6_protocol_deliver_rcu()`. Takes ownership. */
  localDeliver(skb: SkBuff, idev: Inet6Dev): void {
    if (!this.#ip6.runHook(1, skb, skb.dev as NetDevice, null)) return;
    const bad = walkIpv6(skb.buf, skb.nh, skb.tail, chain);
    if (bad !== undefined) {
      this.#ip6.netns.drop(skb, bad);
      return;
    }
    if (chain.fragment >= 0) {
      const whole = this.#ip6.frags.add(skb, chain.fragment);
      if (whole === null) return;
      this.localDeliver(whole, idev);
      return;
    }
    skb.th = chain.off;
    skb.data = chain.off;
    const { protocol, nextHeaderOff } = chain;
    this.#toProtocol(skb, this.#cameInOn(skb, idev), protocol, nextHeaderOff);
  }

  /** Whose a link-local address is, whatever the layer 3 domain. */
  #ownerOf(daddr: Ipv6Addr): Inet6Dev | undefined {
    if (!isLinkLocal6(daddr)) return undefined;
    return this.#ip6.idevs().find((idev) => idev.find(daddr) !== undefined);
  }

  /** Where a packet counts as received: one from this machine itself, on the device of the address. `inet6_iif()` */
  #cameInOn(skb: SkBuff, idev: Inet6Dev): Inet6Dev {
    const { l3Master } = idev.dev;
    if (!isLoopback(idev) && l3Master !== idev.dev) return idev;
    const daddr = getIpv6(skb.buf, skb.nh + Ipv6Off.daddr);
    const route = this.#ip6.fib.lookup(daddr, l3Master, usableHop);
    const found = route?.type === 'local' ? route.nexthops[0]?.dev?.in6Dev : undefined;
    const owner = found ?? this.#ownerOf(daddr);
    if (owner === undefined) return idev;
    if (l3Master === null) skb.dev = owner.dev;
    else skb.sdif = owner.dev.ifindex;
    return owner;
  }

  #toProtocol(skb: SkBuff, idev: Inet6Dev, protocol: number, nextHeaderOff: number): void {
    const { netns } = this.#ip6;
    switch (protocol) {
      case IPPROTO_ICMPV6:
        this.#ip6.raw?.deliver(skb);
        this.#ip6.icmp.receive(skb, idev);
        break;
      case IPPROTO_TCP:
        netns.tcp.receive6(skb);
        break;
      case IPPROTO_UDP:
        netns.udp.receiveFrom(netns.udp.inet('inet6'), skb);
        break;
      case IPPROTO_NONE:
        freeSkb(skb);
        break;
      default:
        this.#ip6.icmp.sendError(skb, ICMPV6_PARAMPROB, ICMPV6_UNK_NEXTHDR, nextHeaderOff - skb.nh);
        netns.drop(skb, 'ip_noproto');
    }
  }

  /** `ip6_forward()` */
  #forward(
    skb: SkBuff,
    idev: Inet6Dev,
    saddr: Ipv6Addr,
    daddr: Ipv6Addr,
    route: Fib6Route | undefined,
    keys: PortKeys,
  ): void {
    if (idev.conf.forwarding === 0 || skb.pktType !== PACKET_HOST) {
      this.#ip6.netns.drop(skb, 'ip_inaddrerrors');
      return;
    }
    if (route === undefined || route.type !== 'unicast') {
      if (route?.type !== 'blackhole')
        this.#ip6.icmp.sendError(skb, ICMPV6_DEST_UNREACH, unreachableCode(route), 0);
      this.#ip6.netns.drop(skb, 'ip_innoroutes');
      return;
    }
    const at = skb.nh + Ipv6Off.hopLimit;
    const hopLimit = get8(skb.buf, at);
    if (hopLimit <= 1) {
      this.#ip6.icmp.sendError(skb, ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, 0);
      this.#ip6.netns.drop(skb, 'ip_inhdr');
      return;
    }
    const hop = pickHop(route, null, multipathHash6(this.#ip6.multipath, saddr, daddr, keys));
    const dev = hop?.dev ?? null;
    if (hop === undefined || dev === null) {
      this.#ip6.netns.drop(skb, 'ip_innoroutes');
      return;
    }
    if (isLinkLocal6(saddr) && dev !== idev.dev) {
      this.#ip6.icmp.sendError(skb, ICMPV6_DEST_UNREACH, 2, 0);
      this.#ip6.netns.drop(skb, 'ip_inaddrerrors');
      return;
    }
    const mtu = this.#ip6.mtuOf(dev, route);
    if (ip6PktTooBig(skb, mtu)) {
      this.#ip6.icmp.sendError(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
      this.#ip6.netns.drop(skb, 'pkt_too_big');
      return;
    }
    put8(skb.buf, at, hopLimit - 1);
    const from = skb.dev as NetDevice;
    if (!this.#ip6.runHook(2, skb, from, dev)) return;
    this.#ip6.output.finish(skb, dev, hop.gateway ?? daddr, from);
  }
}

function isLoopback(idev: Inet6Dev): boolean {
  return (idev.dev.flags & IFF_LOOPBACK) !== 0;
}

/** What a router says of a destination that it does not take packets for. `ip6_pkt_drop()` */
/** Filled in anew for each packet. */
const ruleFlow = new Flowi6();

/** What policy rules look at of a packet that came in. `ip6_route_input()` */
function ruleFlowOf(skb: SkBuff, dev: NetDevice, saddr: Ipv6Addr, daddr: Ipv6Addr): Flowi6 {
  const flow = ruleFlow.to(daddr, saddr);
  flow.iif = dev.ifindex;
  flow.mark = skb.mark;
  flow.tos = trafficClass(skb) & 0xfc;
  if (walkIpv6(skb.buf, skb.nh, skb.tail, chain) !== undefined) return flow;
  const { protocol, off } = chain;
  flow.protocol = protocol;
  if ((protocol !== IPPROTO_TCP && protocol !== IPPROTO_UDP) || chain.fragment >= 0) return flow;
  if (off + 4 > skb.tail) return flow;
  flow.sport = get16(skb.buf, off);
  flow.dport = get16(skb.buf, off + 2);
  return flow;
}

function unreachableCode(route: Fib6Route | undefined): number {
  return route?.type === 'prohibit' ? ICMPV6_ADM_PROHIBITED : ICMPV6_NOROUTE;
}
