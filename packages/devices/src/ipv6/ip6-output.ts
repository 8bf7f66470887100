/** From a socket or a forwarding decision to a device. Linux net/ipv6/ip6_output.c. */
import { getIpv6, type Ipv6Addr, isLinkLocal6, isMulticast6, sameIpv6 } from '@labwire/core/addr';
import { get8, get16, put8, put16 } from '@labwire/core/bytes';
import type { Errno } from '@labwire/core/error';
import { allocSkb, cloneSkb, freeSkb, PACKET_MULTICAST, type SkBuff } from '@labwire/core/skb';
import {
  ETH_P_IPV6,
  ICMPV6_PKT_TOOBIG,
  IPPROTO_FRAGMENT,
  IPV6_FRAG_HLEN,
  IPV6_HLEN,
  IPV6_MIN_MTU,
  Ipv6Off,
  writeIpv6Fragment,
} from '@labwire/core/wire';
import { NF_INET_LOCAL_OUT, NF_INET_POST_ROUTING } from '../ipv4/nf-hooks.ts';
import { copyLinkHeader } from '../link/link-header.ts';
import { IFF_LOOPBACK, type NetDevice } from '../link/net-device.ts';
import type { Fib6Nexthop, Fib6Route } from './fib6-route.ts';
import { Flowi6 } from './fib6-rule.ts';
import { ip6PktTooBig } from './ip6-pkt-too-big.ts';
import type { Ipv6 } from './ipv6.ts';
import { l3mdevIp6Out } from './l3mdev.ts';
import { multipathHash6, type PortKeys } from './multipath6.ts';
import { pickHop, usableHop } from './route6.ts';

/** Where packets to a destination go: what a socket keeps of a route lookup. */
export interface Flow6 {
  readonly route: Fib6Route;
  readonly dev: NetDevice;
  readonly nexthop: Ipv6Addr;
  readonly source: Ipv6Addr;
  /** Largest packet in bytes. */
  readonly mtu: number;
  /** Generation of the tables in which it was found. */
  readonly genid: number;
}

/** The errno of a route that leads nowhere. `ip6_pkt_*()` */
export function routeErrno6(route: Fib6Route | undefined): Errno {
  switch (route?.type) {
    case 'unreachable':
      return 'EHOSTUNREACH';
    case 'prohibit':
      return 'EACCES';
    case 'blackhole':
      return 'EINVAL';
    default:
      return 'ENETUNREACH';
  }
}

/** What of a sender policy rules look at. */
export interface RuleKeys extends PortKeys {
  readonly mark: number;
  /** The traffic class. */
  readonly tos: number;
}

const NO_KEYS: RuleKeys = { mark: 0, tos: 0 };
const LOOPBACK_IFINDEX = 1;
const DSCP_BITS = 0xfc;

/** Filled in anew for each lookup. */
const ruleFlow = new Flowi6();
const reroute = { mark: 0, tos: 0 };

/** The second four bits of the header's first byte and the first four of its next. RFC 8200 section 3. */
export function trafficClass(skb: SkBuff): number {
  return (get16(skb.buf, skb.nh) >>> 4) & 0xff;
}

/** Who sends the fragments of a packet; takes each. */
export interface FragmentOutput {
  output(piece: SkBuff): void;
}

/** Where the fragments of a packet go. */
interface Hop extends FragmentOutput {
  dev: NetDevice;
  nexthop: Ipv6Addr;
}

/** The sending side of one namespace's IPv6. */
export class Ip6Output {
  readonly #ip6: Ipv6;
  /** Where the fragments at hand go: made when first needed, and used again for each packet. */
  #hop: Hop | null = null;

  constructor(ip6: Ipv6) {
    this.#ip6 = ip6;
  }

  /**
   * Finds the way and the source address to a destination. `ip6_dst_lookup_flow()`
   * @param oif the device it must use, null for any
   * @param src the source address, null to choose one
   * @param keys what policy rules look at beside these
   * @returns an errno if there is no way
   */
  flow(
    dst: Ipv6Addr,
    oif: NetDevice | null,
    src: Ipv6Addr | null,
    keys: RuleKeys = NO_KEYS,
  ): Flow6 | Errno {
    // one that names a layer 3 domain may leave by any of its devices
    const out = oif !== null && oif.l3Master === oif ? null : oif;
    const route = this.#ip6.fib.lookup(dst, oif, usableHop, this.#ruleFlow(dst, src, keys));
    if (
      route === undefined ||
      (route.type !== 'unicast' && route.type !== 'local' && route.type !== 'multicast')
    ) {
      return routeErrno6(route);
    }
    const hop = pickHop(
      route,
      out,
      multipathHash6(this.#ip6.multipath, src ?? dst, dst, keys),
    ) as Fib6Nexthop;
    const via = hop.dev as NetDevice;
    const dev = route.type === 'local' ? this.#loopbackOf(via, dst) : via;
    const preferred = route.type === 'local' ? dst : route.prefsrc;
    const source = src ?? preferred ?? this.#ip6.selectSource(dst, via);
    if (source === null) return 'EADDRNOTAVAIL';
    return {
      route,
      dev,
      nexthop: hop.gateway ?? dst,
      source,
      mtu: this.#ip6.mtuTo(dst, dev, route),
      genid: this.#ip6.fib.genid,
    };
  }

  /** What packets to an address of a device's come in by: the device of its layer 3 domain, but not for link-local ones. `ip6_rt_get_dev_rcu()` */
  #loopbackOf(dev: NetDevice, dst: Ipv6Addr): NetDevice {
    const { loopback } = this.#ip6.netns;
    return isLinkLocal6(dst) ? loopback : (dev.l3Master ?? loopback);
  }

  #ruleFlow(dst: Ipv6Addr, src: Ipv6Addr | null, keys: RuleKeys): Flowi6 | null {
    if (!this.#ip6.fib.hasCustomRules) return null;
    const flow = ruleFlow.to(dst, src);
    flow.iif = LOOPBACK_IFINDEX;
    flow.mark = keys.mark;
    flow.tos = keys.tos & DSCP_BITS;
    flow.protocol = keys.protocol ?? 0;
    flow.sport = keys.sport ?? 0;
    flow.dport = keys.dport ?? 0;
    return flow;
  }

  /** Sends a packet that has its header at `nh` and its payload behind. `ip6_local_out()`. Takes ownership. @param passedDomain it came by the device of its layer 3 domain @returns false if netfilter dropped it */
  send(skb: SkBuff, flow: Flow6, passedDomain: boolean = false): boolean {
    skb.data = skb.nh;
    const { nf } = this.#ip6;
    const { l3Master } = flow.dev;
    skb.protocol = ETH_P_IPV6;
    if (l3Master !== null && l3Master !== flow.dev && !passedDomain) {
      if (!l3mdevIp6Out(this.#ip6, skb, l3Master)) return nf?.dropped !== true;
    }
    if (nf === null) return this.finish(skb, flow.dev, flow.nexthop, null, flow.mtu);
    const daddr = getIpv6(skb.buf, skb.nh + Ipv6Off.daddr);
    const { mark } = skb;
    if (!nf.run(NF_INET_LOCAL_OUT, skb, null, flow.dev)) return !nf.dropped;
    const now = getIpv6(skb.buf, skb.nh + Ipv6Off.daddr);
    const way = sameIpv6(now, daddr) && skb.mark === mark ? flow : this.#reroute(skb, now);
    if (typeof way !== 'string') return this.finish(skb, way.dev, way.nexthop, null, way.mtu);
    this.#ip6.netns.drop(skb, 'ip_outnoroutes');
    return true;
  }

  /** The way of a packet whose destination or mark a rule has changed. `ip6_route_me_harder()` */
  #reroute(skb: SkBuff, daddr: Ipv6Addr): Flow6 | Errno {
    reroute.mark = skb.mark;
    reroute.tos = trafficClass(skb);
    return this.flow(daddr, null, getIpv6(skb.buf, skb.nh + Ipv6Off.saddr), reroute);
  }

  /** `ip6_output()`, `ip6_finish_output()`. Takes ownership. @returns false if netfilter dropped it */
  finish(
    skb: SkBuff,
    dev: NetDevice,
    nexthop: Ipv6Addr,
    from: NetDevice | null,
    mtu: number = this.#ip6.mtuOf(dev),
  ): boolean {
    skb.data = skb.nh;
    const { nf } = this.#ip6;
    if (nf !== null && !nf.run(NF_INET_POST_ROUTING, skb, from, dev)) return !nf.dropped;
    const { fragMaxSize } = skb;
    if (fragMaxSize > 0 && fragMaxSize <= mtu && skb.len > fragMaxSize)
      this.fragment(skb, Math.max(fragMaxSize, IPV6_MIN_MTU), this.#toHop(dev, nexthop));
    else if (!ip6PktTooBig(skb, mtu)) this.#toNeighbour(skb, dev, nexthop);
    else if (from === null) this.fragment(skb, mtu, this.#toHop(dev, nexthop));
    else {
      this.#ip6.icmp.sendError(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
      this.#ip6.netns.drop(skb, 'pkt_too_big');
    }
    return true;
  }

  #toHop(dev: NetDevice, nexthop: Ipv6Addr): FragmentOutput {
    this.#hop ??= {
      dev,
      nexthop,
      output: (piece) => {
        const hop = this.#hop as Hop;
        this.#toNeighbour(piece, hop.dev, hop.nexthop);
      },
    };
    this.#hop.dev = dev;
    this.#hop.nexthop = nexthop;
    return this.#hop;
  }

  /** `ip6_finish_output2()` */
  #toNeighbour(skb: SkBuff, dev: NetDevice, nexthop: Ipv6Addr): void {
    skb.protocol = ETH_P_IPV6;
    skb.dev = dev;
    if (isMulticast6(nexthop)) {
      this.#loopMulticast(skb, dev, nexthop);
      this.#ip6.xmitMulticast(skb, dev, nexthop);
    } else this.#ip6.xmitNeigh(skb, dev, nexthop);
  }

  /** A group that this machine listens to hears what it sends. */
  #loopMulticast(skb: SkBuff, dev: NetDevice, group: Ipv6Addr): void {
    const idev = this.#ip6.idev(dev);
    if (
      idev === undefined ||
      (dev.flags & IFF_LOOPBACK) !== 0 ||
      !this.#ip6.mcast.isJoined(idev, group)
    )
      return;
    const copy = cloneSkb(skb);
    copy.pktType = PACKET_MULTICAST;
    copy.dev = dev;
    this.#ip6.loopBack(copy);
  }

  /**
   * Sends a packet in fragments of at most `mtu` bytes, each by `to`, which takes it. Only the source fragments, and who
   * has put together what was fragmented. Takes ownership. RFC 8200 section 4.5; `ip6_fragment()`
   */
  fragment(skb: SkBuff, mtu: number, to: FragmentOutput): void {
    const { buf, nh } = skb;
    const start = nh + IPV6_HLEN;
    const room = (mtu - IPV6_HLEN - IPV6_FRAG_HLEN) & ~7;
    const nextHeader = get8(buf, nh + Ipv6Off.nextHeader);
    const id = this.#ip6.netns.kernel.random.u32();
    for (let off = 0; start + off < skb.tail; off += room) {
      const len = Math.min(room, skb.tail - start - off);
      const piece = allocSkb(IPV6_HLEN + IPV6_FRAG_HLEN + len);
      piece.nh = piece.put(IPV6_HLEN + IPV6_FRAG_HLEN + len);
      piece.buf.set(buf.subarray(nh, start), piece.nh);
      put16(piece.buf, piece.nh + Ipv6Off.payloadLen, IPV6_FRAG_HLEN + len);
      put8(piece.buf, piece.nh + Ipv6Off.nextHeader, IPPROTO_FRAGMENT);
      writeIpv6Fragment(piece.buf, piece.nh + IPV6_HLEN, {
        nextHeader,
        offset: off,
        more: start + off + len < skb.tail,
        id,
      });
      piece.buf.set(
        buf.subarray(start + off, start + off + len),
        piece.nh + IPV6_HLEN + IPV6_FRAG_HLEN,
      );
      takeMetadata(piece, skb);
      to.output(piece);
    }
    freeSkb(skb);
  }
}

/** What a fragment has of the whole. `ip6_copy_metadata()` */
function takeMetadata(piece: SkBuff, skb: SkBuff): void {
  piece.pktType = skb.pktType;
  piece.priority = skb.priority;
  piece.protocol = ETH_P_IPV6;
  piece.mark = skb.mark;
  piece.dev = skb.dev;
  piece.sk = skb.sk;
  piece.ct = skb.ct;
  piece.ctinfo = skb.ctinfo;
  piece.nfBridge = skb.nfBridge;
  copyLinkHeader(piece, skb);
}
