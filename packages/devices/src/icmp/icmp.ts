/** ICMP: echo, and errors both ways. RFC 792, RFC 1122 section 3.2.2; read beside Linux net/ipv4/icmp.c. */
import { IPV4_BROADCAST, type Ipv4Addr, isMulticast4 } from '@labwire/core/addr';
import { get8, get16, get32, getU32, put8, put16, put32 } from '@labwire/core/bytes';
import { MS } from '@labwire/core/sim';
import { allocSkb, CHECKSUM_NONE, freeSkb, PACKET_HOST, type SkBuff } from '@labwire/core/skb';
import {
  checksum,
  checksumOk,
  ICMP_DEST_UNREACH,
  ICMP_ECHO,
  ICMP_ECHOREPLY,
  ICMP_EXC_FRAGTIME,
  ICMP_FRAG_NEEDED,
  ICMP_HLEN,
  ICMP_HOST_UNREACH,
  ICMP_PARAMETERPROB,
  ICMP_REDIR_HOST,
  ICMP_REDIRECT,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  ICMP_TIMESTAMP,
  ICMP_TIMESTAMPREPLY,
  IcmpOff,
  IP_OFFSET,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_MIN_HLEN,
  Ipv4Off,
} from '@labwire/core/wire';
import { Flow4, RT_SCOPE_LINK } from '../fib/index.ts';
import { appendedSizes } from '../ipv4/fragment/fragment.ts';
import type { Ipv4 } from '../ipv4/ipv4.ts';
import { echoOptions, type IpOptions, putOptions, specDst } from '../ipv4/options/index.ts';
import { RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, type Rtable } from '../ipv4/rtable.ts';
import { Ipv4TxHeader } from '../ipv4/tx-header.ts';
import { IFF_LOOPBACK, type NetDevice } from '../link/net-device.ts';
import type { DatagramError } from '../sock/datagram-inet.ts';
import { icmpErrnoTcp } from './icmp-errno.ts';
import { IcmpMib } from './icmp-mib.ts';
import { IcmpRateLimit } from './rate-limit.ts';
import { takeRedirect, updatePmtu } from './redirect.ts';

const NR_ICMP_TYPES = 18;
const NR_ICMP_UNREACH = 15;
const ICMP_ADDRESS = 17;
/** RFC 8335 */
const ICMP_EXT_ECHO = 42;
const ICMP_EXT_ECHOREPLY = 43;
const ICMP_ADDRESSREPLY = 18;
/** Precedence of a router's messages about the network itself. IPTOS_PREC_INTERNETCONTROL */
const INTERNET_CONTROL = 0xc0;
/** 192.0.0.8, of a router that has no address. RFC 7600 section 4.8 */
const INADDR_DUMMY = 0xc000_0008 | 0;
/** Bytes of the longest message about an error. RFC 1812 section 4.3.2.3 */
const MAX_ERROR_LENGTH = 576;

/** Types that no error is sent about: errors, and what nobody has defined or answers. `icmp_pointers[].error` */
const NOT_COMPLAINED_OF: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12];

/** Whether messages of a type tell of an error. `icmp_pointers[].error` */
function isErrorType(type: number): boolean {
  return (
    type === ICMP_DEST_UNREACH ||
    type === ICMP_SOURCE_QUENCH ||
    type === ICMP_REDIRECT ||
    type === ICMP_TIME_EXCEEDED ||
    type === ICMP_PARAMETERPROB
  );
}

/** What all namespaces look up and send by; never held over an event. */
const lookup = new Flow4();
const header = new Ipv4TxHeader();
header.protocol = IPPROTO_ICMP;

/** ICMP of one namespace. */
export class Icmp {
  readonly #ip: Ipv4;
  #mib: IcmpMib | null = null;
  #limits: IcmpRateLimit | null = null;
  /** A message is on its way out: none may come of it before it has left. `icmp_xmit_lock()` */
  #sending = false;

  constructor(ip: Ipv4) {
    this.#ip = ip;
  }

  /** What it counts; made with the first message. */
  get mib(): IcmpMib {
    this.#mib ??= new IcmpMib();
    return this.#mib;
  }

  get #rates(): IcmpRateLimit {
    this.#limits ??= new IcmpRateLimit();
    return this.#limits;
  }

  /** `icmp_rcv()`: `skb.data` is at the ICMP header, `skb.nh` at the IPv4 header. Takes ownership. */
  receive(skb: SkBuff): void {
    this.mib.InMsgs++;
    const { buf, data } = skb;
    if (skb.ipSummed === CHECKSUM_NONE && !checksumOk(buf, data, skb.len)) {
      this.mib.InCsumErrors++;
      this.mib.InErrors++;
      this.#ip.netns.drop(skb, 'icmp_csum');
      return;
    }
    if (skb.len < ICMP_HLEN) {
      this.mib.InErrors++;
      this.#ip.netns.drop(skb, 'hdr_trunc');
      return;
    }
    const type = get8(buf, data);
    this.mib.countIn(type);
    if (type === ICMP_EXT_ECHO || type === ICMP_EXT_ECHOREPLY) {
      freeSkb(skb); // icmp_echo_enable_probe is 0
      return;
    }
    const toMany = ((skb.dst as Rtable).flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0;
    if (type > NR_ICMP_TYPES || (toMany && !this.#answersMany(type))) {
      this.mib.InErrors++;
      this.#ip.netns.drop(skb, type > NR_ICMP_TYPES ? 'unhandled_proto' : 'invalid_proto');
      return;
    }
    this.#dispatch(skb, type);
  }

  #answersMany(type: number): boolean {
    if (type === ICMP_ECHO || type === ICMP_TIMESTAMP) {
      return this.#ip.conf.icmp_echo_ignore_broadcasts === 0;
    }
    return type === ICMP_ADDRESS || type === ICMP_ADDRESSREPLY;
  }

  #dispatch(skb: SkBuff, type: number): void {
    switch (type) {
      case ICMP_ECHO:
        this.#echo(skb);
        return;
      case ICMP_ECHOREPLY:
        this.#ip.raw?.pong(skb);
        break;
      case ICMP_TIMESTAMP:
        this.#timestamp(skb);
        return;
      case ICMP_DEST_UNREACH:
      case ICMP_TIME_EXCEEDED:
      case ICMP_PARAMETERPROB:
      case ICMP_SOURCE_QUENCH:
      case ICMP_REDIRECT:
        this.#error(skb, type);
        break;
    }
    freeSkb(skb);
  }

  /** Answers an echo request with the same bytes. `icmp_echo()` */
  #echo(skb: SkBuff): void {
    if (this.#ip.conf.icmp_echo_ignore_all !== 0) {
      freeSkb(skb);
      return;
    }
    this.#reply(skb, ICMP_ECHOREPLY);
  }

  /** Milliseconds since midnight, UTC. `icmp_timestamp()` */
  #timestamp(skb: SkBuff): void {
    if (skb.len < ICMP_HLEN + 4) {
      this.mib.InErrors++;
      this.#ip.netns.drop(skb, 'pkt_too_small');
      return;
    }
    const ms = Math.floor(this.#ip.netns.sim.now / MS) % 86_400_000;
    skb.trim(20);
    put8(skb.buf, skb.data + IcmpOff.code, 0);
    put32(skb.buf, skb.data + 12, ms);
    put32(skb.buf, skb.data + 16, ms);
    this.#reply(skb, ICMP_TIMESTAMPREPLY);
  }

  /** Turns a request into its reply, in place. Takes ownership. `icmp_reply()` */
  #reply(skb: SkBuff, type: number): void {
    const ip = this.#ip;
    const { buf, nh } = skb;
    const echo = echoOptions(ip, skb);
    if (echo === undefined) {
      freeSkb(skb);
      return;
    }
    const from = specDst(ip, skb);
    const to = get32(buf, nh + Ipv4Off.saddr);
    const flow = lookup.to(echo !== null && echo.srr !== 0 ? echo.faddr : to);
    flow.saddr = from;
    flow.tos = get8(buf, nh + Ipv4Off.tos) & 0xfc;
    flow.protocol = IPPROTO_ICMP;
    flow.oif = (skb.dev as NetDevice).l3Master?.ifindex ?? 0;
    const tos = get8(buf, nh + Ipv4Off.tos);
    if (
      ip.routeOutput(flow) !== undefined ||
      !this.#allowed(ICMP_ECHOREPLY, 0, ip.rt as Rtable, flow.daddr)
    ) {
      freeSkb(skb);
      return;
    }
    put8(buf, skb.data, type);
    this.mib.countOut(ICMP_ECHOREPLY); // whatever it is
    skb.pktType = PACKET_HOST;
    skb.mark = 0;
    skb.ct = null;
    skb.ctinfo = 0;
    skb.fragMaxSize = 0;
    skb.ipOptions = null;
    this.#xmit(skb, ip.rt as Rtable, flow, to, tos, echo);
  }

  /** Sends a message that is in `[data, tail)`, with its checksum, in the end to `to`. */
  #xmit(
    skb: SkBuff,
    rt: Rtable,
    flow: Flow4,
    to: number,
    tos: number,
    options: IpOptions | null,
  ): void {
    const { buf, data } = skb;
    put16(buf, data + IcmpOff.check, 0);
    put16(buf, data + IcmpOff.check, checksum(buf, data, skb.len));
    const hlen = IPV4_MIN_HLEN + (options?.data.length ?? 0);
    skb.fragSizes = appendedSizes(skb.len, rt.mtu(this.#ip.netns.sim, false) - hlen);
    skb.ignoreDf = true; // the socket of ICMP seeks no path's MTU
    header.saddr = flow.saddr;
    header.daddr = options !== null && options.srr !== 0 ? to : flow.daddr;
    if (options !== null) putOptions(this.#ip, header, options);
    header.tos = tos;
    header.ttl = this.#ip.conf.ip_default_ttl;
    header.id = this.#ip.ident.next(flow.saddr, header.daddr, IPPROTO_ICMP);
    skb.sk = null;
    this.#sending = true;
    const sent = this.#ip.send(skb, rt, header);
    this.#sending = false;
    header.options = null;
    if (!sent) this.#ip.mib.OutDiscards++;
  }

  /** `icmpv4_mask_allow()`, `icmp_global_allow()`, `icmpv4_xrlim_allow()` */
  #allowed(type: number, code: number, rt: Rtable, daddr: number): boolean {
    const { conf } = this.#ip;
    if (type > NR_ICMP_TYPES) return true;
    if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) return true;
    if (((1 << type) & conf.icmp_ratemask) === 0) return true;
    if ((rt.dev.flags & IFF_LOOPBACK) !== 0) return true;
    const { now } = this.#ip.netns.sim;
    if (!this.#rates.allowGlobal(now, conf.icmp_msgs_per_sec, conf.icmp_msgs_burst)) {
      this.mib.OutRateLimitGlobal++;
      return false;
    }
    if (this.#rates.allowPeer(now, daddr, conf.icmp_ratelimit * MS)) return true;
    this.mib.OutRateLimitHost++;
    return false;
  }

  /**
   * Tells the sender of a packet what became of it, unless the rules forbid. The packet stays the caller's.
   * @param info the last four bytes of the header: an MTU, a gateway. `__icmp_send()`
   */
  send(skb: SkBuff, type: number, code: number, info: number): void {
    const ip = this.#ip;
    const { buf, nh } = skb;
    const rt = skb.dst as Rtable | null;
    if (rt === null || this.#sending || !this.#mayComplain(skb, rt, type)) return;
    const echo = echoOptions(ip, skb);
    if (echo === undefined) return;
    const from = this.#complainer(skb, rt);
    const to = get32(buf, nh + Ipv4Off.saddr);
    const flow = lookup.to(echo !== null && echo.srr !== 0 ? echo.faddr : to);
    flow.saddr = from;
    const tos = get8(buf, nh + Ipv4Off.tos);
    const replyTos = isErrorType(type) ? (tos & 0x1e) | INTERNET_CONTROL : tos;
    flow.tos = replyTos & 0xfc;
    flow.protocol = IPPROTO_ICMP;
    flow.oif = ((skb.dev as NetDevice | null) ?? rt.dev).l3Master?.ifindex ?? 0;
    if (ip.routeOutput(flow) !== undefined) return;
    const out = ip.rt as Rtable;
    if (!this.#allowed(type, code, out, flow.daddr)) return;
    const room = Math.min(out.mtu(ip.netns.sim, false), MAX_ERROR_LENGTH);
    const left = room - IPV4_MIN_HLEN - (echo?.data.length ?? 0) - ICMP_HLEN;
    if (left <= IPV4_MIN_HLEN) return;
    const quoted = Math.min(skb.tail - nh, left);
    if (flow.saddr === 0) flow.saddr = INADDR_DUMMY;
    const reply = allocSkb(ICMP_HLEN + quoted);
    const at = reply.put(ICMP_HLEN + quoted);
    put8(reply.buf, at, type);
    put8(reply.buf, at + IcmpOff.code, code);
    put32(reply.buf, at + IcmpOff.rest, info);
    for (let i = 0; i < quoted; i++) put8(reply.buf, at + ICMP_HLEN + i, get8(buf, nh + i));
    if (isErrorType(type)) ip.netns.conntrack?.attach(reply, skb); // icmp_glue_bits()
    this.mib.countOut(type);
    this.#xmit(reply, out, flow, to, replyTos, echo);
  }

  /** RFC 1122 section 3.2.2: never about what went to many, a later fragment, or an ICMP error or what is too short to tell. */
  #mayComplain(skb: SkBuff, rt: Rtable, type: number): boolean {
    const { buf, nh } = skb;
    if (skb.pktType !== PACKET_HOST || (rt.flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) {
      return false;
    }
    if ((get16(buf, nh + Ipv4Off.fragOff) & IP_OFFSET) !== 0) return false;
    const saddr = get32(buf, nh + Ipv4Off.saddr);
    if (isMulticast4(saddr as Ipv4Addr) || saddr === IPV4_BROADCAST || saddr === 0) return false;
    if (!isErrorType(type) || get8(buf, nh + Ipv4Off.protocol) !== IPPROTO_ICMP) return true;
    const at = nh + (get8(buf, nh) & 0x0f) * 4;
    if (at >= skb.tail) return false;
    const inner = get8(buf, at);
    return inner <= NR_ICMP_TYPES && !NOT_COMPLAINED_OF.includes(inner);
  }

  /** The address that a complaint comes from: the one that was asked if it is ours, else that of the way back. */
  #complainer(skb: SkBuff, rt: Rtable): number {
    if ((rt.flags & RTCF_LOCAL) !== 0) return get32(skb.buf, skb.nh + Ipv4Off.daddr);
    if (!rt.isInput || this.#ip.conf.icmp_errors_use_inbound_ifaddr === 0) return 0;
    const saddr = get32(skb.buf, skb.nh + Ipv4Off.saddr);
    return this.#ip.selectAddr(skb.dev as NetDevice, saddr, RT_SCOPE_LINK);
  }

  /** Tells the sender of a packet that there is no way on, unless it was told too often. The packet stays the caller's. */
  sendNoRoute(skb: SkBuff, code: number): void {
    const saddr = get32(skb.buf, skb.nh + Ipv4Off.saddr);
    if (!this.#rates.allowError(this.#ip.netns.sim.now, saddr)) return;
    this.send(skb, ICMP_DEST_UNREACH, code, 0);
  }

  /** Tells a host of the gateway that is nearer to it. `ip_rt_send_redirect()` */
  sendRedirect(skb: SkBuff, rt: Rtable): void {
    const { buf, nh } = skb;
    const { now } = this.#ip.netns.sim;
    if (!this.#rates.allowRedirect(now, get32(buf, nh + Ipv4Off.saddr))) return;
    const gateway = rt.gateway === 0 ? get32(buf, nh + Ipv4Off.daddr) : rt.gateway;
    this.send(skb, ICMP_REDIRECT, ICMP_REDIR_HOST, gateway);
  }

  /** The neighbour that a packet was for does not answer. The packet stays the caller's. `ipv4_link_failure()` */
  linkFailure(skb: SkBuff): void {
    this.send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
  }

  /** An error about a packet that it quotes. `icmp_unreach()`, `icmp_redirect()` */
  #error(skb: SkBuff, type: number): void {
    const { buf } = skb;
    const inner = skb.data + ICMP_HLEN;
    const ihl = (get8(buf, inner) & 0x0f) * 4;
    const redirect = type === ICMP_REDIRECT;
    if (inner + IPV4_MIN_HLEN > skb.tail || (ihl < IPV4_MIN_HLEN && !redirect)) {
      this.mib.InErrors++;
      return;
    }
    const code = get8(buf, skb.data + IcmpOff.code);
    if (!redirect && code > NR_ICMP_UNREACH) return;
    if (type === ICMP_TIME_EXCEEDED && code === ICMP_EXC_FRAGTIME) return;
    if (inner + ihl + 8 > skb.tail) {
      this.mib.InErrors++;
      return;
    }
    let info = 0;
    if (type === ICMP_PARAMETERPROB) info = getU32(buf, skb.data + IcmpOff.rest) >>> 24;
    if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED)
      info = get16(buf, skb.data + IcmpOff.mtu);
    this.#deliver(skb, inner, info);
  }

  /**
   * Tells routes and sockets, if one of ours sent the quoted packet: they see the skb as if it were that.
   * `icmp_socket_deliver()`
   */
  #deliver(skb: SkBuff, inner: number, info: number): void {
    const { buf, data, nh } = skb;
    const protocol = get8(buf, inner + Ipv4Off.protocol);
    skb.nh = inner;
    skb.data = inner + (get8(buf, inner) & 0x0f) * 4;
    const ours = this.#isOurs(skb, protocol);
    if (!ours && (protocol === IPPROTO_TCP || protocol === IPPROTO_UDP)) this.mib.InErrors++;
    const believed = ours && (protocol !== IPPROTO_TCP || this.#tcpBelieves(skb, data));
    if (believed || this.#ip.raw !== null) {
      if (believed || protocol !== IPPROTO_TCP) this.#learn(skb, data, nh, info);
      this.#tell(skb, { protocol, at: data, outer: nh, info, believed });
    }
    skb.nh = nh;
    skb.data = data;
  }

  /** Whether a socket, or ICMP itself, has sent the quoted packet. `tcp_v4_err()`, `__udp4_lib_err()`, `icmp_err()` */
  #isOurs(skb: SkBuff, protocol: number): boolean {
    const { udp, tcp } = this.#ip.netns;
    if (protocol === IPPROTO_TCP) return tcp.sent(tcp.inet('inet'), skb);
    if (protocol === IPPROTO_UDP) return udp.senderOf(udp.inet('inet'), skb) !== undefined;
    return protocol === IPPROTO_ICMP && get8(skb.buf, skb.data) === ICMP_ECHOREPLY;
  }

  /** Whether TCP takes the error at `at` for one about what it has in flight. `tcp_v4_err()` */
  #tcpBelieves(skb: SkBuff, at: number): boolean {
    const { tcp } = this.#ip.netns;
    const type = get8(skb.buf, at);
    const aborts =
      type === ICMP_PARAMETERPROB ||
      type === ICMP_TIME_EXCEEDED ||
      (type === ICMP_DEST_UNREACH && get8(skb.buf, at + IcmpOff.code) <= ICMP_HOST_UNREACH);
    return tcp.believes(tcp.inet('inet'), skb, aborts);
  }

  /** What the error at `at`, in the packet at `outer`, says of the path to where the quoted packet was going. */
  #learn(skb: SkBuff, at: number, outer: number, info: number): void {
    const type = get8(skb.buf, at);
    const inner = skb.nh;
    skb.nh = outer;
    if (type === ICMP_REDIRECT)
      takeRedirect(this.#ip, skb, inner, get32(skb.buf, at + IcmpOff.rest));
    else if (type === ICMP_DEST_UNREACH && get8(skb.buf, at + IcmpOff.code) === ICMP_FRAG_NEEDED)
      updatePmtu(this.#ip, inner, skb, info);
    skb.nh = inner;
  }

  #tell(
    skb: SkBuff,
    from: {
      readonly protocol: number;
      readonly at: number;
      readonly outer: number;
      readonly info: number;
      readonly believed: boolean;
    },
  ): void {
    const { buf } = skb;
    const { protocol, info } = from;
    const { udp, tcp } = this.#ip.netns;
    const type = get8(buf, from.at);
    if (type === ICMP_REDIRECT) return;
    const code = get8(buf, from.at + IcmpOff.code);
    const offender = get32(buf, from.outer + Ipv4Off.saddr) as Ipv4Addr;
    const meaning =
      protocol === IPPROTO_TCP && from.believed ? icmpErrnoTcp(type, code) : undefined;
    if (meaning !== undefined) {
      const tooBig = type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED;
      tcp.onIcmpError(tcp.inet('inet'), skb, { errno: meaning.errno, tooBig });
    }
    if (protocol !== IPPROTO_UDP && this.#ip.raw === null) return;
    const inet = udp.inet('inet');
    const ttl = get8(buf, from.outer + Ipv4Off.ttl);
    const error: DatagramError = { inet, origin: 'icmp', type, code, info, offender, ttl };
    if (protocol === IPPROTO_UDP) udp.onIcmpError(skb, error);
    this.#ip.raw?.onIcmpError(skb, error);
  }
}
