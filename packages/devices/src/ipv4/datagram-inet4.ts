import { IPV4_ANY, type Ipv4Addr, isMulticast4 } from '@labwire/core/addr';
import { get8, get32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import {
  ICMP_DEST_UNREACH,
  ICMP_PORT_UNREACH,
  IP_DF,
  IPPROTO_ICMP,
  Ipv4Off,
  pseudoSum4,
} from '@labwire/core/wire';
import { Flow4 } from '../fib/index.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { InetAddr } from '../rtnetlink/types.ts';
import type { BindKind, DatagramFlow, DatagramInet } from '../sock/datagram-inet.ts';
import type { Socket } from '../sock/socket.ts';
import { appendedSizes } from './fragment/fragment.ts';
import type { Ipv4 } from './ipv4.ts';
import { putOptions } from './options/index.ts';
import { RTCF_BROADCAST, RTCF_MULTICAST, type Rtable } from './rtable.ts';
import { Ipv4TxHeader } from './tx-header.ts';

const flow4 = new Flow4();
const header = new Ipv4TxHeader();

const source = (skb: SkBuff): Ipv4Addr => get32(skb.buf, skb.nh + Ipv4Off.saddr) as Ipv4Addr;
const destination = (skb: SkBuff): Ipv4Addr => get32(skb.buf, skb.nh + Ipv4Off.daddr) as Ipv4Addr;

/** UDP, ping and raw sockets over IPv4. */
export class DatagramInet4 implements DatagramInet {
  readonly family = 'inet';
  readonly any: InetAddr = IPV4_ANY;
  readonly headerLength = 20;
  readonly maxMessage: number = 65_535;
  readonly maxPacket: number = 65_535;
  readonly #ip: Ipv4;

  constructor(ip: Ipv4) {
    this.#ip = ip;
  }

  bindKind(sock: Socket, addr: InetAddr): BindKind {
    if (addr === IPV4_ANY) return 'any';
    const type = this.#ip.addrType(addr as number, sock.boundDev);
    if (type === 'multicast' || type === 'broadcast') return 'many';
    if (type !== 'local' && this.#ip.conf.ip_nonlocal_bind === 0) {
      throw new KernelError('EADDRNOTAVAIL');
    }
    return 'local';
  }

  route(sock: Socket, flow: DatagramFlow): void {
    const options = sock.ipOptions;
    const faddr = options !== null && options.srr !== 0 ? options.faddr : undefined;
    flow4.to(faddr ?? (flow.daddr as number));
    flow4.saddr = flow.saddr as number;
    flow4.oif = sock.boundDev?.ifindex ?? flow.scopeId;
    if (flow4.oif === 0 && isMulticast4(flow.daddr as Ipv4Addr)) {
      flow4.oif = sock.mcastDev?.ifindex ?? 0;
    }
    flow4.tos = sock.tos & 0xfc;
    flow4.mark = sock.mark;
    flow4.uid = sock.uid;
    flow4.protocol = flow.protocol;
    flow4.sport = flow.sport;
    flow4.dport = flow.dport;
    const err = this.#ip.routeOutput(flow4);
    if (err !== undefined) {
      if (err === 'ENETUNREACH' && sock.type === 'dgram') this.#ip.mib.OutNoRoutes++;
      throw new KernelError(err);
    }
    const rt = this.#ip.rt as Rtable;
    if ((rt.flags & RTCF_BROADCAST) !== 0 && !sock.broadcast) throw new KernelError('EACCES');
    flow.dst = rt;
    flow.saddr = flow4.saddr as Ipv4Addr;
    if (faddr === undefined) flow.daddr = flow4.daddr as Ipv4Addr;
    else if (options?.isStrict === true && rt.gateway !== 0) throw new KernelError('ENETUNREACH');
  }

  mtu(flow: DatagramFlow): number {
    return (flow.dst as Rtable).mtu(this.#ip.netns.sim, false);
  }

  deviceMtu(flow: DatagramFlow): number {
    return (flow.dst as Rtable).dev.mtu;
  }

  xmit(skb: SkBuff, sock: Socket, flow: DatagramFlow): void {
    const rt = flow.dst as Rtable;
    header.saddr = flow.saddr as number;
    header.daddr = flow.daddr as number;
    header.protocol = flow.protocol;
    const options = sock.ipOptions;
    if (options !== null) putOptions(this.#ip, header, options);
    header.tos = sock.tos;
    header.ttl = this.#ttl(sock, rt);
    const fixed = sock.pmtuDisc === 'do' || sock.pmtuDisc === 'probe';
    // what is cut here may be cut again on its way
    const hlen = this.headerLength + (options?.data.length ?? 0);
    const room = this.mtu(flow) - hlen;
    const whole = skb.len <= room;
    if (!whole) skb.fragSizes = appendedSizes(skb.len, room);
    const df = fixed || (sock.pmtuDisc === 'want' && whole && !rt.mtuLocked);
    header.fragOff = df ? IP_DF : 0;
    header.id = fixed ? 0 : this.#ip.ident.next(header.saddr, header.daddr, flow.protocol);
    skb.sk = sock;
    skb.mark = sock.mark;
    if (flow.protocol === IPPROTO_ICMP) this.#ip.icmp.mib.countOut(get8(skb.buf, skb.data));
    const sent = this.#ip.send(skb, rt, header);
    header.options = null;
    if (sent) return;
    this.#ip.mib.OutDiscards++;
    throw new KernelError('EPERM');
  }

  /** Writes the socket's options into the header, whose destination a source route changes. */
  /** `ip_select_ttl()` */
  #ttl(sock: Socket, rt: Rtable): number {
    if (rt.type === 'multicast') return sock.mcastTtl;
    if (sock.ttl >= 0) return sock.ttl;
    return rt.route?.metrics.hoplimit ?? this.#ip.conf.ip_default_ttl;
  }

  membership(group: InetAddr, dev: NetDevice | null, by: 1 | -1): NetDevice {
    const on = dev ?? this.#ip.membership.defaultDev(group as Ipv4Addr);
    if (on.inDev === null) {
      if (by === 1) throw new KernelError('ENODEV');
      return on;
    }
    if (by === 1) this.#ip.membership.join(on.inDev, group as Ipv4Addr);
    else this.#ip.membership.leave(on.inDev, group as Ipv4Addr);
    return on;
  }

  isMulticast(addr: InetAddr): boolean {
    return isMulticast4(addr as Ipv4Addr);
  }

  same(a: InetAddr, b: InetAddr): boolean {
    return a === b;
  }

  pseudoSum(flow: DatagramFlow, len: number): number {
    return pseudoSum4(flow.saddr as Ipv4Addr, flow.daddr as Ipv4Addr, flow.protocol, len);
  }

  saddrOf(skb: SkBuff): InetAddr {
    return source(skb);
  }

  daddrOf(skb: SkBuff): InetAddr {
    return destination(skb);
  }

  isSaddr(skb: SkBuff, addr: InetAddr): boolean {
    return source(skb) === addr;
  }

  isDaddr(skb: SkBuff, addr: InetAddr): boolean {
    return destination(skb) === addr;
  }

  ttlOf(skb: SkBuff): number {
    return get8(skb.buf, skb.nh + Ipv4Off.ttl);
  }

  tosOf(skb: SkBuff): number {
    return get8(skb.buf, skb.nh + Ipv4Off.tos);
  }

  pseudoSumOf(skb: SkBuff, protocol: number, len: number): number {
    return pseudoSum4(source(skb), destination(skb), protocol, len);
  }

  toMany(skb: SkBuff): boolean {
    return ((skb.dst as Rtable).flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0;
  }

  portUnreachable(skb: SkBuff): void {
    this.#ip.icmp.send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
  }
}
