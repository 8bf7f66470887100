/** From a socket or a forwarding decision to a device. Linux net/ipv6/ip6_output.c. */
import {
  getIpv6,
  type Ipv6Addr,
  isLinkLocal6,
  isMulticast6,
  type MacAddr,
  sameIpv6,
} from '@labwire/core/addr';
import { get8, get16, getU32, put8, put16 } from '@labwire/core/bytes';
import type { Errno } from '@labwire/core/error';
import { allocSkb, cloneSkb, freeSkb, PACKET_MULTICAST, type SkBuff } from '@labwire/core/skb';
import {
  ETH_P_IPV6,
  ICMPV6_PKT_TOOBIG,
  IPPROTO_DSTOPTS,
  IPPROTO_FRAGMENT,
  IPPROTO_HOPOPTS,
  IPPROTO_ROUTING,
  IPV6_FRAG_HLEN,
  IPV6_HLEN,
  IPV6_MIN_MTU,
  Ipv6Off,
  writeIpv6Fragment,
} from '@labwire/core/wire';
import { asItCame } from '../fragment/index.ts';
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

/** What of a packet of ours routing looks at, and what the mangle table may change beside it: all that makes a new way. */
interface Look {
  readonly first: number;
  readonly hopLimit: number;
  readonly saddr: Ipv6Addr;
  readonly daddr: Ipv6Addr;
  readonly mark: number;
}

const lookOf = ({ buf, nh, mark }: SkBuff): Look => ({
  first: getU32(buf, nh),
  hopLimit: get8(buf, nh + Ipv6Off.hopLimit),
  saddr: getIpv6(buf, nh + Ipv6Off.saddr),
  daddr: getIpv6(buf, nh + Ipv6Off.daddr),
  mark,
});

/** `nf_route_table_hook6()` */
const looksSame = ({ buf, nh, mark }: SkBuff, was: Look): boolean =>
  was.mark === mark &&
  was.first === getU32(buf, nh) &&
  was.hopLimit === get8(buf, nh + Ipv6Off.hopLimit) &&
  sameIpv6(was.saddr, getIpv6(buf, nh + Ipv6Off.saddr)) &&
  sameIpv6(was.daddr, getIpv6(buf, nh + Ipv6Off.daddr));

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
    const was = lookOf(skb);
    if (!nf.run(NF_INET_LOCAL_OUT, skb, null, flow.dev)) return !nf.dropped;
    const way = looksSame(skb, was) ? flow : this.#reroute(skb, flow.dev);
    if (typeof way !== 'string') return this.finish(skb, way.dev, way.nexthop, null, way.mtu);
    this.#ip6.netns.drop(skb, 'ip_outnoroutes');
    return true;
  }

  /** The way of a packet that a rule has changed. `ip6_route_me_harder()` */
  #reroute(skb: SkBuff, dev: NetDevice): Flow6 | Errno {
    const daddr = getIpv6(skb.buf, skb.nh + Ipv6Off.daddr);
    reroute.mark = skb.mark;
    reroute.tos = trafficClass(skb);
    const oif = isLinkLocal6(daddr) || isMulticast6(daddr) ? dev : null;
    return this.flow(daddr, oif, getIpv6(skb.buf, skb.nh + Ipv6Off.saddr), reroute);
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
    if (fragMaxSize > 0 && fragMaxSize <= mtu && skb.len > Math.min(fragMaxSize, mtu))
      this.fragment(skb, Math.max(fragMaxSize, IPV6_MIN_MTU), this.#toHop(dev, nexthop));
    else if (!ip6PktTooBig(skb, mtu)) this.#toNeighbour(skb, dev, nexthop);
    else if (from === null) this.fragment(skb, mtu, this.#toHop(dev, nexthop));
    else {
      this.#ip6.icmp.sendError(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
      this.#ip6.netns.drop(skb, 'pkt_too_big');
    }
    return true;
  }

  /**
   * Sends what neighbour discovery and multicast listeners say on one link, and to nobody on this machine. Takes ownership.
   * `ndisc_send_skb()`, `mld_sendpack()`
   * @param lladdr where it goes; undefined to find out
   */
  sendOnLink(skb: SkBuff, dev: NetDevice, daddr: Ipv6Addr, lladdr?: MacAddr): void {
    skb.data = skb.nh;
    skb.protocol = ETH_P_IPV6;
    const { nf } = this.#ip6;
    if (nf !== null) {
      const was = lookOf(skb);
      if (!nf.run(NF_INET_LOCAL_OUT, skb, null, dev)) return;
      if (!looksSame(skb, was)) {
        const way = this.#reroute(skb, dev);
        if (typeof way !== 'string') this.finish(skb, way.dev, way.nexthop, null, way.mtu);
        else this.#ip6.netns.drop(skb, 'ip_outnoroutes');
        return;
      }
      skb.dev = dev;
      if (!nf.run(NF_INET_POST_ROUTING, skb, null, dev)) return;
    }
    if (isMulticast6(daddr)) this.#ip6.xmitMulticast(skb, dev, daddr);
    else if (lladdr !== undefined) this.#ip6.xmitTo(skb, dev, lladdr);
    else this.#ip6.xmitNeigh(skb, dev, daddr);
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
    const named = firstFragmentable(skb);
    if (named < 0) {
      this.#ip6.netns.drop(skb, 'pkt_too_big');
      return;
    }
    const start = named === nh + Ipv6Off.nextHeader ? nh + IPV6_HLEN : behindExtension(buf, named);
    const hlen = start - nh;
    const most = mtu - hlen - IPV6_FRAG_HLEN;
    const sizes = asItCame(skb, most, skb.tail - start);
    const nextHeader = get8(buf, named);
    const id = this.#ip6.netns.kernel.random.u32();
    let n = 0;
    for (let at = start; at < skb.tail; ) {
      const rest = skb.tail - at;
      const len = sizes === null ? (rest > most ? most & ~7 : rest) : (sizes[n++] as number);
      const piece = allocSkb(hlen + IPV6_FRAG_HLEN + len);
      piece.nh = piece.put(hlen + IPV6_FRAG_HLEN + len);
      piece.buf.set(buf.subarray(nh, start), piece.nh);
      put16(piece.buf, piece.nh + Ipv6Off.payloadLen, hlen - IPV6_HLEN + IPV6_FRAG_HLEN + len);
      put8(piece.buf, piece.nh + named - nh, IPPROTO_FRAGMENT);
      writeIpv6Fragment(piece.buf, piece.nh + hlen, {
        nextHeader,
        offset: at - start,
        more: len < rest,
        id,
      });
      piece.buf.set(buf.subarray(at, at + len), piece.nh + hlen + IPV6_FRAG_HLEN);
      takeMetadata(piece, skb);
      to.output(piece);
      at += len;
    }
    freeSkb(skb);
  }
}

/** Where an options or routing header ends. */
const behindExtension = (buf: Uint8Array, at: number): number => at + (get8(buf, at + 1) + 1) * 8;

/**
 * Where the last of the headers that every fragment has names what follows it; -1 if they do not end.
 * RFC 8200 section 4.5; `ip6_find_1stfragopt()`
 */
function firstFragmentable({ buf, nh, tail }: SkBuff): number {
  let named = nh + Ipv6Off.nextHeader;
  let routed = false;
  for (let at = nh + IPV6_HLEN; at <= tail; at = behindExtension(buf, at)) {
    const protocol = get8(buf, named);
    const passes =
      protocol === IPPROTO_HOPOPTS ||
      protocol === IPPROTO_ROUTING ||
      (protocol === IPPROTO_DSTOPTS && !routed);
    if (!passes) return named;
    if (protocol === IPPROTO_ROUTING) routed = true;
    if (at + 2 > tail) return -1;
    named = at;
  }
  return -1;
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
