/** From a device to a protocol or onwards. Linux net/ipv6/ip6_input.c, and ip6_forward() of ip6_output.c. */
import {
  getIpv6,
  IPV6_ANY,
  IPV6_LOOPBACK,
  type Ipv6Addr,
  isLinkLocal6,
  isMulticast6,
  sameIpv6,
} from '@labwire/core/addr';
import { get8, get16, put8 } from '@labwire/core/bytes';
import {
  freeSkb,
  PACKET_HOST,
  PACKET_LOOPBACK,
  PACKET_OTHERHOST,
  type SkBuff,
} from '@labwire/core/skb';
import {
  checkIpv6,
  ICMPV6_ADDR_UNREACH,
  ICMPV6_ADM_PROHIBITED,
  ICMPV6_DEST_UNREACH,
  ICMPV6_EXC_HOPLIMIT,
  ICMPV6_NOROUTE,
  ICMPV6_NOT_NEIGHBOUR,
  ICMPV6_PARAMPROB,
  ICMPV6_PKT_TOOBIG,
  ICMPV6_TIME_EXCEED,
  ICMPV6_UNK_NEXTHDR,
  IPPROTO_DSTOPTS,
  IPPROTO_FRAGMENT,
  IPPROTO_HOPOPTS,
  IPPROTO_ICMPV6,
  IPPROTO_NONE,
  IPPROTO_ROUTING,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_HLEN,
  IPV6_MIN_MTU,
  Ipv6Chain,
  Ipv6Off,
  NDISC_REDIRECT,
  NDISC_ROUTER_SOLICITATION,
  walkIpv6,
} from '@labwire/core/wire';
import { isPreRouted } from '../ipv4/nf-hooks.ts';
import { IFF_LOOPBACK, type NetDevice } from '../link/net-device.ts';
import { receiveOptions, receiveRouting, skipExtensions, Upper } from './exthdrs.ts';
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
const upper = new Upper();

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
    const { dev } = idev;
    skb.iif = dev.ifindex;
    if (isMisaddressed(skb, isLoopback(idev), dev.l3Master === dev)) {
      this.#ip6.netns.drop(skb, 'ip_inhdr');
      return;
    }
    const length = get16(buf, data + Ipv6Off.payloadLen);
    const hopByHop = get8(buf, data + Ipv6Off.nextHeader) === IPPROTO_HOPOPTS;
    // a jumbogram says elsewhere how long it is
    if (length !== 0 || !hopByHop) skb.trim(IPV6_HLEN + length);
    if (hopByHop && receiveOptions(this.#ip6, skb, data + IPV6_HLEN, true) < 0) return;
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
      if (this.#ip6.mcast.isJoined(idev, daddr)) this.localDeliver(skb, idev);
      else this.#ip6.netns.drop(skb, 'ip_inaddrerrors');
      return;
    }
    const oif = isLinkLocal6(daddr) && !isLoopback(idev) ? idev.dev : null;
    const { fib, multipath } = this.#ip6;
    const looks = fib.hasCustomRules || multipath.policy !== 0;
    const flow = looks ? ruleFlowOf(skb, idev.dev, saddr, daddr) : null;
    const route = this.#ip6.fib.lookup(daddr, oif, usableHop, flow);
    const ours =
      route?.type === 'local' || route?.type === 'anycast' || idev.find(daddr) !== undefined;
    if (ours || (isLoopback(idev) && this.#ownerOf(daddr) !== undefined))
      this.localDeliver(skb, idev);
    else this.#forward(skb, idev, saddr, daddr, route, flow ?? NO_PORTS);
  }

  /** `ip6_input()`. Takes ownership. */
  localDeliver(skb: SkBuff, idev: Inet6Dev): void {
    if (!this.#ip6.runHook(1, skb, skb.dev as NetDevice, null)) return;
    const { buf, nh } = skb;
    let named = nh + Ipv6Off.nextHeader;
    let at = nh + IPV6_HLEN;
    // these options have been looked at when it came in
    if (get8(buf, named) === IPPROTO_HOPOPTS) {
      named = at;
      at += (get8(buf, at + 1) + 1) * 8;
    }
    this.#deliver(skb, idev, named, at);
  }

  /**
   * Goes over the extension headers, one after the other. `ip6_protocol_deliver_rcu()`
   * @param named where the header before says what the next one is @param at where that begins
   */
  #deliver(skb: SkBuff, idev: Inet6Dev, named: number, at: number): void {
    const ip6 = this.#ip6;
    for (;;) {
      const protocol = get8(skb.buf, named);
      const header = at;
      if (protocol === IPPROTO_DSTOPTS) at = receiveOptions(ip6, skb, header, false);
      else if (protocol === IPPROTO_ROUTING) at = receiveRouting(ip6, skb, header);
      else if (protocol === IPPROTO_FRAGMENT) {
        const offset = named - skb.nh;
        const whole = ip6.frags.receive(skb, header, named);
        if (whole === null) return;
        if (whole === skb) at = whole.th;
        else {
          this.#deliver(whole, idev, whole.nh + offset, whole.th);
          return;
        }
      } else {
        this.#deliverUpper(skb, idev, protocol, named, at);
        return;
      }
      if (at < 0) return;
      named = header;
    }
  }

  /** Many hear a packet, but only where they asked for it. */
  #deliverUpper(skb: SkBuff, idev: Inet6Dev, protocol: number, named: number, at: number): void {
    skb.th = at;
    skb.data = at;
    this.#toProtocol(skb, this.#cameInOn(skb, idev), protocol, named);
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
    const { netns, icmp } = this.#ip6;
    if (route === undefined || route.type !== 'unicast') {
      if (route?.type !== 'blackhole')
        icmp.sendError(skb, ICMPV6_DEST_UNREACH, unreachableCode(route), 0);
      netns.drop(skb, 'ip_innoroutes');
      return;
    }
    if (this.#ip6.confAll.forwarding === 0 || skb.pktType !== PACKET_HOST) {
      netns.drop(skb, 'ip_inaddrerrors');
      return;
    }
    const at = skb.nh + Ipv6Off.hopLimit;
    const hopLimit = get8(skb.buf, at);
    if (hopLimit <= 1) {
      icmp.sendError(skb, ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, 0);
      netns.drop(skb, 'ip_inhdr');
      return;
    }
    if (this.#isProxied(skb, idev, daddr)) return;
    const hop = pickHop(route, null, multipathHash6(this.#ip6.multipath, saddr, daddr, keys));
    const dev = hop?.dev ?? null;
    if (hop === undefined || dev === null) {
      netns.drop(skb, 'ip_innoroutes');
      return;
    }
    if (dev === idev.dev) this.#ip6.ndisc.sendRedirect(skb, idev, saddr, daddr, hop.gateway);
    else if (isLinkLocal6(saddr) || isNobody(saddr)) {
      if (isLinkLocal6(saddr)) icmp.sendError(skb, ICMPV6_DEST_UNREACH, ICMPV6_NOT_NEIGHBOUR, 0);
      netns.drop(skb, 'ip_inaddrerrors');
      return;
    }
    const mtu = Math.max(this.#ip6.forwardMtu(dev, route), IPV6_MIN_MTU);
    if (ip6PktTooBig(skb, mtu)) {
      icmp.sendError(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
      netns.drop(skb, 'pkt_too_big');
      return;
    }
    put8(skb.buf, at, hopLimit - 1);
    const from = skb.dev as NetDevice;
    if (!this.#ip6.runHook(2, skb, from, dev)) return;
    const path = this.#ip6.mtuTo(getIpv6(skb.buf, skb.nh + Ipv6Off.daddr), dev, route);
    this.#ip6.output.finish(skb, dev, hop.gateway ?? daddr, from, path);
  }

  /** Looks after who is answered for by neighbour discovery. @returns whether the packet is taken. `ip6_forward_proxy_check()` */
  #isProxied(skb: SkBuff, idev: Inet6Dev, daddr: Ipv6Addr): boolean {
    const { confAll, neigh, netns } = this.#ip6;
    if (confAll.proxy_ndp === 0 || neigh.proxyOf(daddr, idev.dev) === undefined) return false;
    const { buf, nh, tail } = skb;
    const found = skipExtensions(skb, nh + IPV6_HLEN, get8(buf, nh + Ipv6Off.nextHeader), upper);
    if (!found || upper.off >= tail) return false;
    const type = upper.protocol === IPPROTO_ICMPV6 ? get8(buf, upper.off) : 0;
    if (type >= NDISC_ROUTER_SOLICITATION && type <= NDISC_REDIRECT) {
      this.localDeliver(skb, idev);
      return true;
    }
    if (!isLinkLocal6(daddr)) return false;
    this.#ip6.icmp.sendError(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
    netns.drop(skb, 'not_specified');
    return true;
  }
}

/** Whether an address can be nobody's on a wire. */
function isNobody(addr: Ipv6Addr): boolean {
  return sameIpv6(addr, IPV6_ANY) || isMulticast6(addr) || sameIpv6(addr, IPV6_LOOPBACK);
}

/** Multicast of the scopes 0, which is reserved, and 1, which stays on a device. RFC 4291 section 2.7 */
function staysAtHome(daddr: Ipv6Addr, fromLoopback: boolean): boolean {
  const scope = (daddr.w0 >>> 16) & 0xf;
  return isMulticast6(daddr) && (scope === 0 || (scope === 1 && !fromLoopback));
}

/** Whether a packet has addresses that none may have that comes from a wire. `ip6_rcv_core()` */
function isMisaddressed(skb: SkBuff, fromLoopback: boolean, fromDomain: boolean): boolean {
  const { buf, nh } = skb;
  const saddr = getIpv6(buf, nh + Ipv6Off.saddr);
  const daddr = getIpv6(buf, nh + Ipv6Off.daddr);
  if (isMulticast6(saddr) || staysAtHome(daddr, fromLoopback || skb.pktType === PACKET_LOOPBACK))
    return true;
  return (
    !fromLoopback &&
    !fromDomain &&
    (sameIpv6(saddr, IPV6_LOOPBACK) || sameIpv6(daddr, IPV6_LOOPBACK))
  );
}

function isLoopback(idev: Inet6Dev): boolean {
  return (idev.dev.flags & IFF_LOOPBACK) !== 0;
}

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

/** What a router says of a destination that it does not take packets for. `ip6_pkt_drop()` */
function unreachableCode(route: Fib6Route | undefined): number {
  return route?.type === 'prohibit' ? ICMPV6_ADM_PROHIBITED : ICMPV6_NOROUTE;
}
