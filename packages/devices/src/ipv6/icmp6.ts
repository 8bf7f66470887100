/** ICMPv6: echo, errors sent and received. RFC 4443; Linux net/ipv6/icmp.c. */
import {
  getIpv6,
  IPV6_ANY,
  type Ipv6Addr,
  isLinkLocal6,
  isMulticast6,
  sameIpv6,
} from '@labwire/core/addr';
import { get8, getU32, put8 } from '@labwire/core/bytes';
import { MS, SEC } from '@labwire/core/sim';
import {
  freeSkb,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  type SkBuff,
} from '@labwire/core/skb';
import {
  checkIcmpv6,
  fillIcmpv6Checksum,
  findIpv6Option,
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
  ICMPV6_HLEN,
  ICMPV6_INFOMSG_MASK,
  ICMPV6_MGM_QUERY,
  ICMPV6_MGM_REPORT,
  ICMPV6_PARAMPROB,
  ICMPV6_PKT_TOOBIG,
  ICMPV6_UNK_OPTION,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_HLEN,
  IPV6_TLV_ROUTERALERT,
  Ipv6Chain,
  Ipv6Off,
  icmpv6ChecksumOk,
  NDISC_REDIRECT,
  NDISC_ROUTER_SOLICITATION,
  readMld,
  walkIpv6,
  writeIcmpv6,
} from '@labwire/core/wire';
import { icmp6Errno } from '../icmp/icmp6-errno.ts';
import { IcmpRateLimit } from '../icmp/rate-limit.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { DatagramError } from '../sock/datagram-inet.ts';
import { skipExtensions, Upper } from './exthdrs.ts';
import type { Inet6Dev } from './inet6-dev.ts';
import { newIp6Skb, setTrafficClass } from './ip6-build.ts';
import { trafficClass } from './ip6-output.ts';
import type { Ipv6 } from './ipv6.ts';
import { usableHop } from './route6.ts';

/** An error carries at most so much of the packet that it is about. RFC 4443 section 2.4 (c) */
const MIN_MTU = 1280;

/** What a walk over the headers found, of all namespaces; never held over a call that may walk again. */
const chain = new Ipv6Chain();
const upper = new Upper();

/** Bytes of the transport header that an error must quote. */
const QUOTED_LEN = 8;

/** All but packet-too-big and what informs. */
const RATE_LIMITED: ReadonlySet<number> = new Set(
  Array.from({ length: 128 }, (_, type) => type).filter((type) => type !== ICMPV6_PKT_TOOBIG),
);

/** ICMPv6 of one namespace. */
export class Icmp6 {
  readonly #ip6: Ipv6;
  #rates: IcmpRateLimit | null = null;
  /** Milliseconds that earn a peer another error; it may save up six. net.ipv6.icmp.ratelimit */
  rateLimit = 100;
  /** Types of which no peer gets more. net.ipv6.icmp.ratemask */
  rateMask: ReadonlySet<number> = RATE_LIMITED;
  /** net.ipv6.icmp.echo_ignore_all */
  echoIgnoreAll = 0;
  /** net.ipv6.icmp.echo_ignore_multicast */
  echoIgnoreMulticast = 0;

  constructor(ip6: Ipv6) {
    this.#ip6 = ip6;
  }

  /** `icmpv6_rcv()`: `skb.th` is at the ICMPv6 header. Takes ownership. */
  receive(skb: SkBuff, idev: Inet6Dev): void {
    const { buf, nh, th, tail } = skb;
    if (checkIcmpv6(buf, th, tail) !== undefined) {
      this.#ip6.netns.drop(skb, 'pkt_too_small');
      return;
    }
    const saddr = getIpv6(buf, nh + Ipv6Off.saddr);
    const daddr = getIpv6(buf, nh + Ipv6Off.daddr);
    if (!icmpv6ChecksumOk(buf, th, tail, saddr, daddr)) {
      this.#ip6.netns.drop(skb, 'icmp_csum');
      return;
    }
    const type = get8(buf, th);
    if (type >= NDISC_ROUTER_SOLICITATION && type <= NDISC_REDIRECT) {
      this.#ip6.ndisc.receive(skb, idev);
      return;
    }
    if (type === ICMPV6_ECHO_REQUEST) this.#echoReply(skb, idev, saddr, daddr);
    else if (type === ICMPV6_ECHO_REPLY) this.#ip6.ping?.pong(skb);
    else if (type === ICMPV6_MGM_QUERY) this.#heardMldQuery(skb, idev, saddr);
    else if (type === ICMPV6_MGM_REPORT) this.#heardMldReport(skb, idev, saddr);
    else if ((type & ICMPV6_INFOMSG_MASK) === 0) this.#receiveError(skb);
    freeSkb(skb);
  }

  /** Believes only what comes from this link, as RFC 3810 section 6.2 says. `__mld_query_work()` */
  #heardMldQuery(skb: SkBuff, idev: Inet6Dev, saddr: Ipv6Addr): void {
    const { buf, nh, th, tail } = skb;
    if (!isLinkLocal6(saddr) || get8(buf, nh + Ipv6Off.hopLimit) !== 1) return;
    if (walkIpv6(buf, nh, tail, chain) !== undefined || chain.hopByHop < 0) return;
    if (findIpv6Option(buf, chain.hopByHop, IPV6_TLV_ROUTERALERT) < 0) return;
    const query = readMld(buf, th, tail);
    if (query !== undefined) this.#ip6.mcast.heardQuery(idev, query);
  }

  /** `igmp6_event_report()` */
  #heardMldReport({ buf, th, tail, pktType }: SkBuff, idev: Inet6Dev, saddr: Ipv6Addr): void {
    if (pktType !== PACKET_MULTICAST && pktType !== PACKET_BROADCAST) return;
    if (!isLinkLocal6(saddr) && !sameIpv6(saddr, IPV6_ANY)) return;
    const report = readMld(buf, th, tail);
    if (report !== undefined) this.#ip6.mcast.heardReport(idev, report.group);
  }

  /** `icmpv6_echo_reply()` */
  #echoReply(skb: SkBuff, idev: Inet6Dev, saddr: Ipv6Addr, daddr: Ipv6Addr): void {
    const toGroup = isMulticast6(daddr);
    if (this.echoIgnoreAll !== 0 || (toGroup && this.echoIgnoreMulticast !== 0)) return;
    const scoped = isLinkLocal6(daddr) ? idev.dev : null;
    const anycast = this.#ip6.addrType(daddr, scoped) === 'anycast';
    const oif = isLinkLocal6(saddr) || toGroup || anycast ? idev.dev : idev.dev.l3Master;
    const mark = this.#ip6.fwmarkReflect !== 0 ? skb.mark : 0;
    const keys = { mark, tos: 0 };
    const flow = this.#ip6.output.flow(saddr, oif, toGroup || anycast ? null : daddr, keys);
    if (typeof flow === 'string') return;
    const len = skb.tail - skb.th;
    const hopLimit = this.#ip6.hopLimitOf(flow);
    const reply = newIp6Skb(len, flow.source, saddr, IPPROTO_ICMPV6, hopLimit);
    setTrafficClass(reply, trafficClass(skb));
    reply.mark = mark;
    reply.buf.set(skb.buf.subarray(skb.th, skb.tail), reply.th);
    put8(reply.buf, reply.th, ICMPV6_ECHO_REPLY);
    fillIcmpv6Checksum(reply.buf, reply.th, reply.tail, flow.source, saddr);
    this.#ip6.output.send(reply, flow);
  }

  /** An error about a packet that this machine has sent: tells the socket. `icmpv6_notify()` */
  #receiveError(skb: SkBuff): void {
    const { buf, nh, th, data, tail } = skb;
    const inner = th + ICMPV6_HLEN;
    if (tail - inner < IPV6_HLEN || walkIpv6(buf, inner, tail, chain) !== undefined) return;
    if (chain.off + QUOTED_LEN > tail) return;
    const type = get8(buf, th);
    const code = get8(buf, th + 1);
    const info = getU32(buf, th + 4);
    const offender = getIpv6(buf, nh + Ipv6Off.saddr);
    if (type === ICMPV6_PKT_TOOBIG) this.#ip6.learnMtu(getIpv6(buf, inner + Ipv6Off.daddr), info);
    skb.nh = inner;
    skb.data = chain.off;
    const ttl = get8(buf, nh + Ipv6Off.hopLimit);
    const ifindex = this.#ip6.receivingDevice(skb)?.ifindex ?? 0;
    this.#tellSockets(skb, chain.protocol, { type, code, info, offender, ttl, ifindex });
    skb.nh = nh;
    skb.data = data;
  }

  /** `skb.nh` is at the quoted fixed header, `skb.data` at the quoted transport header. */
  #tellSockets(skb: SkBuff, protocol: number, what: Omit<DatagramError, 'inet' | 'origin'>): void {
    const { tcp, udp } = this.#ip6.netns;
    const error: DatagramError = { inet: udp.inet('inet6'), origin: 'icmp6', ...what };
    if (protocol === IPPROTO_UDP) udp.onIcmpError(skb, error);
    const meaning = protocol === IPPROTO_TCP ? icmp6Errno(what.type, what.code) : undefined;
    if (meaning !== undefined && tcp.believes(tcp.inet('inet6'), skb, meaning.fatal)) {
      const tooBig = what.type === ICMPV6_PKT_TOOBIG;
      tcp.onIcmpError(tcp.inet('inet6'), skb, { errno: meaning.errno, tooBig });
    }
    this.#ip6.ping?.error(skb, protocol, error);
  }

  /**
   * Tells the sender of `skb` (whose header is at `nh`) of an error; the caller still owns and drops `skb`.
   * RFC 4443 section 2.4 (e) says when not to. `icmp6_send()`
   */
  sendError(skb: SkBuff, type: number, code: number, info: number): void {
    const { buf, nh } = skb;
    const saddr = getIpv6(buf, nh + Ipv6Off.saddr);
    const daddr = getIpv6(buf, nh + Ipv6Off.daddr);
    if (!this.#mayBeToldOf(skb, saddr, daddr, type, code, info)) return;
    const dev = this.#ip6.receivingDevice(skb);
    const oif = isLinkLocal6(saddr) ? dev : (dev?.l3Master ?? null);
    const mark = this.#ip6.fwmarkReflect !== 0 ? skb.mark : 0;
    const source = this.#sourceOfError(skb, saddr, daddr, dev, oif);
    const flow = this.#ip6.output.flow(saddr, oif, source, { mark, tos: 0 });
    if (typeof flow === 'string' || !this.#withinRate(saddr, type)) return;
    // RFC 4443 section 2.4 (e.6): no single node is meant
    if (this.#ip6.addrType(saddr, flow.dev) === 'anycast') return;
    const quoted = Math.min(skb.tail - nh, MIN_MTU - IPV6_HLEN - ICMPV6_HLEN);
    const out = newIp6Skb(
      ICMPV6_HLEN + quoted,
      flow.source,
      saddr,
      IPPROTO_ICMPV6,
      this.#ip6.hopLimitOf(flow),
    );
    out.mark = mark;
    writeIcmpv6(out.buf, out.th, { type, code, rest: info });
    out.buf.set(buf.subarray(nh, nh + quoted), out.th + ICMPV6_HLEN);
    fillIcmpv6Checksum(out.buf, out.th, out.tail, flow.source, saddr);
    this.#ip6.netns.conntrack?.attach(out, skb); // icmpv6_getfrag()
    this.#ip6.output.send(out, flow);
  }

  /**
   * The address that the packet was sent to if it is ours, or else one of the device that it came in by: null leaves it to
   * the way.
   */
  #sourceOfError(
    skb: SkBuff,
    saddr: Ipv6Addr,
    daddr: Ipv6Addr,
    dev: NetDevice | null,
    oif: NetDevice | null,
  ): Ipv6Addr | null {
    const plain = !isMulticast6(daddr) && skb.pktType === PACKET_HOST;
    if (plain && this.#isOurs(daddr, dev)) return daddr;
    const route = this.#ip6.fib.lookup(saddr, oif, usableHop);
    const from = this.#ip6.netns.devices.byIndex(skb.iif);
    if (route?.prefsrc != null || from === undefined) return null;
    return this.#ip6.selectSource(saddr, from);
  }

  /** `ipv6_chk_addr()`, `ipv6_chk_acast_addr_src()` */
  #isOurs(daddr: Ipv6Addr, dev: NetDevice | null): boolean {
    const scoped = isLinkLocal6(daddr) ? dev : (dev?.l3Master ?? null);
    const route = this.#ip6.fib.lookup(daddr, scoped, usableHop);
    return route?.type === 'local' || route?.type === 'anycast';
  }

  #mayBeToldOf(
    skb: SkBuff,
    saddr: Ipv6Addr,
    daddr: Ipv6Addr,
    type: number,
    code: number,
    info: number,
  ): boolean {
    const forGroups =
      type === ICMPV6_PKT_TOOBIG ||
      (type === ICMPV6_PARAMPROB &&
        code === ICMPV6_UNK_OPTION &&
        (get8(skb.buf, skb.nh + info) & 0xc0) === 0x80);
    if (isMulticast6(saddr) || sameIpv6(saddr, IPV6_ANY)) return false;
    if (!forGroups && (isMulticast6(daddr) || skb.pktType !== PACKET_HOST)) return false;
    return !this.#isError(skb);
  }

  /** Whether a packet is an ICMPv6 error itself, about which nobody is told, or has no type to tell. `is_ineligible()` */
  #isError(skb: SkBuff): boolean {
    const { buf, nh, tail } = skb;
    if (!skipExtensions(skb, nh + IPV6_HLEN, get8(buf, nh + Ipv6Off.nextHeader), upper))
      return false;
    if (upper.protocol !== IPPROTO_ICMPV6) return false;
    if (upper.off >= tail) return upper.fragOff === 0;
    return (get8(buf, upper.off) & ICMPV6_INFOMSG_MASK) === 0;
  }

  /** Whether there may be another redirect to, or about, a host: six, and one each second. */
  allowRedirect(host: Ipv6Addr): boolean {
    this.#rates ??= new IcmpRateLimit();
    return this.#rates.allowPeer(this.#ip6.netns.sim.now, peerKey(host), SEC);
  }

  /** Whether a peer may get another error; packet-too-big is not limited unless asked for. `icmpv6_xrlim_allow()` */
  #withinRate(peer: Ipv6Addr, type: number): boolean {
    if (!this.rateMask.has(type)) return true;
    this.#rates ??= new IcmpRateLimit();
    return this.#rates.allowPeer(this.#ip6.netns.sim.now, peerKey(peer), this.rateLimit * MS);
  }
}

const peerKey = ({ w0, w1, w2, w3 }: Ipv6Addr): number => w0 ^ w1 ^ w2 ^ w3;
