import {
  getIpv6,
  IPV6_ANY,
  type Ipv6Addr,
  isLinkLocal6,
  isMulticast6,
  sameIpv6,
} from '@labwire/core/addr';
import { get32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { PACKET_HOST, type SkBuff } from '@labwire/core/skb';
import {
  ETH_P_IPV6,
  IPPROTO_TCP,
  IPV6_HLEN,
  Ipv6Off,
  pseudoSum6,
  writeIpv6,
} from '@labwire/core/wire';
import type { NetDevice } from '../link/net-device.ts';
import type { InetAddr } from '../rtnetlink/types.ts';
import { connectionHears } from '../sock/bound-dev.ts';
import type { Flow, TcpInet } from '../tcp/flow.ts';
import { type Flow6, trafficClass } from './ip6-output.ts';
import type { Ipv6 } from './ipv6.ts';

const saddrAt = (skb: SkBuff): number => skb.nh + Ipv6Off.saddr;
const daddrAt = (skb: SkBuff): number => skb.nh + Ipv6Off.daddr;

/** The address at an offset compared, without making an object. */
export function sameAt(buf: Uint8Array, off: number, a: Ipv6Addr): boolean {
  return (
    get32(buf, off + 12) === a.w3 &&
    get32(buf, off + 8) === a.w2 &&
    get32(buf, off + 4) === a.w1 &&
    get32(buf, off) === a.w0
  );
}

function foldAt(buf: Uint8Array, off: number): number {
  return get32(buf, off) ^ get32(buf, off + 4) ^ get32(buf, off + 8) ^ get32(buf, off + 12);
}

/** Puts a fixed header before a transport message: `skb.data` is at the transport header. */
export function pushIp6Header(
  skb: SkBuff,
  saddr: Ipv6Addr,
  daddr: Ipv6Addr,
  nextHeader: number,
  hopLimit: number,
  trafficClass: number,
): void {
  const payloadLen = skb.len;
  skb.th = skb.data;
  skb.nh = skb.push(IPV6_HLEN);
  skb.protocol = ETH_P_IPV6;
  writeIpv6(skb.buf, skb.nh, {
    trafficClass,
    flowLabel: 0,
    payloadLen,
    nextHeader,
    hopLimit,
    saddr,
    daddr,
  });
}

/** Filled in anew for each lookup. */
const keys = { mark: 0, tos: 0, protocol: IPPROTO_TCP, sport: 0, dport: 0 };

/** What of a connection routing looks at. */
function keysOf(flow: Flow): typeof keys {
  keys.mark = flow.mark;
  keys.tos = flow.tos;
  keys.sport = flow.sport;
  keys.dport = flow.dport;
  return keys;
}

const INET_ECN_MASK = 3;

/** TCP over IPv6. Linux `ipv6_specific` */
export class TcpInet6 implements TcpInet {
  readonly family = 'inet6';
  readonly headerLength: number = IPV6_HLEN;
  readonly any: InetAddr = IPV6_ANY;
  readonly #ip6: Ipv6;

  constructor(ip6: Ipv6) {
    this.#ip6 = ip6;
  }

  checkConnect(flow: Flow): void {
    if (isMulticast6(flow.daddr as Ipv6Addr)) throw new KernelError('ENETUNREACH');
  }

  route(flow: Flow): void {
    const daddr = flow.daddr as Ipv6Addr;
    const scoped =
      flow.scopeId === 0 ? null : (this.#ip6.netns.devices.byIndex(flow.scopeId) ?? null);
    const source = sameIpv6(flow.saddr as Ipv6Addr, IPV6_ANY) ? null : (flow.saddr as Ipv6Addr);
    const found = this.#ip6.output.flow(daddr, flow.boundDev ?? scoped, source, keysOf(flow));
    if (typeof found === 'string') throw new KernelError(found);
    flow.dst = found;
    flow.saddr = found.source;
  }

  /** IPv6 has no options that are echoed. */
  echoOptions(): boolean {
    return true;
  }

  optionsLength(): number {
    return 0;
  }

  mtu(flow: Flow): number {
    const { dev, route } = flow.dst as Flow6;
    return this.#ip6.mtuTo(flow.daddr as Ipv6Addr, dev, route);
  }

  gso(flow: Flow): boolean {
    return (flow.dst as Flow6).dev.tso;
  }

  xmit(skb: SkBuff, flow: Flow): boolean {
    if ((flow.dst as Flow6).genid !== this.#ip6.fib.genid && !this.#reroute(flow)) {
      this.#ip6.netns.drop(skb, 'ip_outnoroutes');
      return false;
    }
    const via = flow.dst as Flow6;
    const hopLimit = flow.ttl < 0 ? this.#ip6.hopLimitOf(via) : flow.ttl;
    pushIp6Header(
      skb,
      flow.saddr as Ipv6Addr,
      flow.daddr as Ipv6Addr,
      IPPROTO_TCP,
      hopLimit,
      flow.tos,
    );
    skb.mark = flow.mark;
    return this.#ip6.output.send(skb, via);
  }

  #reroute(flow: Flow): boolean {
    try {
      this.route(flow);
      return true;
    } catch (e) {
      if (e instanceof KernelError) return false;
      throw e;
    }
  }

  isLocal(addr: InetAddr, dev: NetDevice | null): boolean {
    return this.#ip6.addrType(addr as Ipv6Addr, dev?.l3Master ?? null) === 'local';
  }

  same(a: InetAddr, b: InetAddr): boolean {
    return typeof a !== 'number' && typeof b !== 'number' && sameIpv6(a, b);
  }

  fold(addr: InetAddr): number {
    const a = addr as Ipv6Addr;
    return a.w0 ^ a.w1 ^ a.w2 ^ a.w3;
  }

  pseudoSum(saddr: InetAddr, daddr: InetAddr, len: number): number {
    return pseudoSum6(saddr as Ipv6Addr, daddr as Ipv6Addr, IPPROTO_TCP, len);
  }

  replyTos(skb: SkBuff): number {
    return trafficClass(skb) & ~INET_ECN_MASK;
  }

  saddrOf(skb: SkBuff): InetAddr {
    return getIpv6(skb.buf, saddrAt(skb));
  }

  daddrOf(skb: SkBuff): InetAddr {
    return getIpv6(skb.buf, daddrAt(skb));
  }

  foldSaddr(skb: SkBuff): number {
    return foldAt(skb.buf, saddrAt(skb));
  }

  foldDaddr(skb: SkBuff): number {
    return foldAt(skb.buf, daddrAt(skb));
  }

  matches(flow: Flow, skb: SkBuff): boolean {
    return (
      flow.inet === this &&
      sameAt(skb.buf, saddrAt(skb), flow.daddr as Ipv6Addr) &&
      sameAt(skb.buf, daddrAt(skb), flow.saddr as Ipv6Addr) &&
      connectionHears(flow.boundDev, skb, this.#ip6.netns.ipv4.conf.tcp_l3mdev_accept !== 0)
    );
  }

  pseudoSumOf(skb: SkBuff, len: number): number {
    return pseudoSum6(
      getIpv6(skb.buf, saddrAt(skb)),
      getIpv6(skb.buf, daddrAt(skb)),
      IPPROTO_TCP,
      len,
    );
  }

  unicast(skb: SkBuff): boolean {
    const daddr = getIpv6(skb.buf, daddrAt(skb));
    if (skb.pktType !== PACKET_HOST || isMulticast6(daddr)) return false;
    const scoped = isLinkLocal6(daddr) ? this.#ip6.receivingDevice(skb) : null;
    return this.#ip6.addrType(daddr, scoped) !== 'anycast';
  }
}
