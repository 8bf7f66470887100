import {
  getIpv6,
  IPV6_ANY,
  type Ipv6Addr,
  isLinkLocal6,
  isMulticast6,
  sameIpv6,
} from '@labwire/core/addr';
import { get8, get16 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import {
  ICMPV6_DEST_UNREACH,
  ICMPV6_PORT_UNREACH,
  IPV6_HLEN,
  Ipv6Off,
  pseudoSum6,
} from '@labwire/core/wire';
import type { NetDevice } from '../link/net-device.ts';
import type { InetAddr } from '../rtnetlink/types.ts';
import type { BindKind, DatagramFlow, DatagramInet } from '../sock/datagram-inet.ts';
import type { Socket } from '../sock/socket.ts';
import type { Flow6 } from './ip6-output.ts';
import type { Ipv6 } from './ipv6.ts';
import { pushIp6Header, sameAt } from './tcp-inet6.ts';

/** Filled in anew for each lookup. */
const keys = { mark: 0, tos: 0, protocol: 0, sport: 0, dport: 0 };

/** What of a datagram routing looks at. */
function keysOf(sock: Socket, flow: DatagramFlow): typeof keys {
  keys.mark = sock.mark;
  keys.tos = sock.tos;
  keys.protocol = flow.protocol;
  keys.sport = flow.sport;
  keys.dport = flow.dport;
  return keys;
}

/** UDP and ping sockets over IPv6. */
export class DatagramInet6 implements DatagramInet {
  readonly family = 'inet6';
  readonly any: InetAddr = IPV6_ANY;
  readonly headerLength: number = IPV6_HLEN;
  readonly maxMessage: number = 0x7fff_ffff - 8;
  readonly maxPacket: number = IPV6_HLEN + 65_535;
  readonly #ip6: Ipv6;

  constructor(ip6: Ipv6) {
    this.#ip6 = ip6;
  }

  bindKind(sock: Socket, addr: InetAddr, scopeId: number): BindKind {
    const a = addr as Ipv6Addr;
    if (sameIpv6(a, IPV6_ANY)) return 'any';
    if (isMulticast6(a)) return 'many';
    if (isLinkLocal6(a) && scopeId === 0 && sock.boundDev === null) throw new KernelError('EINVAL');
    const dev = isLinkLocal6(a)
      ? (this.#ip6.netns.devices.byIndex(scopeId) ?? sock.boundDev)
      : (sock.boundDev?.l3Master ?? null);
    if (isLinkLocal6(a) && scopeId !== 0) sock.boundDev = dev;
    if (this.#ip6.addrType(a, dev) !== 'local') throw new KernelError('EADDRNOTAVAIL');
    return 'local';
  }

  route(sock: Socket, flow: DatagramFlow): void {
    const daddr = flow.daddr as Ipv6Addr;
    const many = isMulticast6(daddr) ? sock.mcastDev : null;
    const scoped =
      flow.scopeId === 0 ? null : (this.#ip6.netns.devices.byIndex(flow.scopeId) ?? null);
    const source = sameIpv6(flow.saddr as Ipv6Addr, IPV6_ANY) ? null : (flow.saddr as Ipv6Addr);
    const found = this.#ip6.output.flow(
      daddr,
      sock.boundDev ?? scoped ?? many,
      source,
      keysOf(sock, flow),
    );
    if (typeof found === 'string') throw new KernelError(found);
    flow.dst = found;
    flow.saddr = found.source;
  }

  deviceMtu(flow: DatagramFlow): number {
    const { dev } = flow.dst as Flow6;
    return dev.mtu;
  }

  mtu(flow: DatagramFlow): number {
    const { dev, route } = flow.dst as Flow6;
    return this.#ip6.mtuTo(flow.daddr as Ipv6Addr, dev, route);
  }

  xmit(skb: SkBuff, sock: Socket, flow: DatagramFlow): void {
    const via = flow.dst as Flow6;
    const daddr = flow.daddr as Ipv6Addr;
    pushIp6Header(
      skb,
      flow.saddr as Ipv6Addr,
      daddr,
      flow.protocol,
      this.#hopLimit(sock, daddr, via),
      sock.tos,
    );
    skb.sk = sock;
    skb.mark = sock.mark;
    if (!this.#ip6.output.send(skb, via)) throw new KernelError('EPERM');
  }

  #hopLimit(sock: Socket, daddr: Ipv6Addr, via: Flow6): number {
    if (isMulticast6(daddr)) return sock.mcastTtl;
    return sock.ttl >= 0 ? sock.ttl : this.#ip6.hopLimitOf(via);
  }

  membership(group: InetAddr, dev: NetDevice | null, by: 1 | -1): NetDevice {
    const on = dev ?? this.#deviceFor(group as Ipv6Addr);
    const idev = this.#ip6.idev(on);
    if (idev === undefined) throw new KernelError('ENODEV');
    if (by === 1) this.#ip6.mcast.join(idev, group as Ipv6Addr);
    else this.#ip6.mcast.leave(idev, group as Ipv6Addr);
    return on;
  }

  #deviceFor(group: Ipv6Addr): NetDevice {
    const found = this.#ip6.output.flow(group, null, null);
    if (typeof found === 'string') throw new KernelError('ENODEV');
    return found.dev;
  }

  isMulticast(addr: InetAddr): boolean {
    return typeof addr !== 'number' && isMulticast6(addr);
  }

  same(a: InetAddr, b: InetAddr): boolean {
    return typeof a !== 'number' && typeof b !== 'number' && sameIpv6(a, b);
  }

  pseudoSum(flow: DatagramFlow, len: number): number {
    return pseudoSum6(flow.saddr as Ipv6Addr, flow.daddr as Ipv6Addr, flow.protocol, len);
  }

  saddrOf(skb: SkBuff): InetAddr {
    return getIpv6(skb.buf, skb.nh + Ipv6Off.saddr);
  }

  daddrOf(skb: SkBuff): InetAddr {
    return getIpv6(skb.buf, skb.nh + Ipv6Off.daddr);
  }

  isSaddr(skb: SkBuff, addr: InetAddr): boolean {
    return typeof addr !== 'number' && sameAt(skb.buf, skb.nh + Ipv6Off.saddr, addr);
  }

  isDaddr(skb: SkBuff, addr: InetAddr): boolean {
    return typeof addr !== 'number' && sameAt(skb.buf, skb.nh + Ipv6Off.daddr, addr);
  }

  ttlOf(skb: SkBuff): number {
    return get8(skb.buf, skb.nh + Ipv6Off.hopLimit);
  }

  tosOf(skb: SkBuff): number {
    return (get16(skb.buf, skb.nh) >>> 4) & 0xff;
  }

  pseudoSumOf(skb: SkBuff, protocol: number, len: number): number {
    return pseudoSum6(this.saddrOf(skb) as Ipv6Addr, this.daddrOf(skb) as Ipv6Addr, protocol, len);
  }

  toMany(skb: SkBuff): boolean {
    return get8(skb.buf, skb.nh + Ipv6Off.daddr) === 0xff;
  }

  portUnreachable(skb: SkBuff): void {
    this.#ip6.icmp.sendError(skb, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0);
  }
}
