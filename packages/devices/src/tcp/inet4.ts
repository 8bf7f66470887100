import type { Ipv4Addr } from '@labwire/core/addr';
import { IPV4_ANY } from '@labwire/core/addr';
import { get8, get32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { PACKET_HOST, type SkBuff } from '@labwire/core/skb';
import { IP_DF, IPPROTO_TCP, Ipv4Off, pseudoSum4 } from '@labwire/core/wire';
import { Flow4 } from '../fib/index.ts';
import type { Ipv4 } from '../ipv4/ipv4.ts';
import { echoOptions, type IpOptions, putOptions } from '../ipv4/options/index.ts';
import { RTCF_BROADCAST, RTCF_MULTICAST, type Rtable } from '../ipv4/rtable.ts';
import { Ipv4TxHeader } from '../ipv4/tx-header.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { InetAddr } from '../rtnetlink/types.ts';
import { connectionHears } from '../sock/bound-dev.ts';
import type { Flow, TcpInet } from './flow.ts';

const source = (skb: SkBuff): number => get32(skb.buf, skb.nh + Ipv4Off.saddr);
const destination = (skb: SkBuff): number => get32(skb.buf, skb.nh + Ipv4Off.daddr);

/** TCP over IPv4. Linux `ipv4_specific` */
export class TcpInet4 implements TcpInet {
  readonly family = 'inet';
  readonly headerLength = 20;
  readonly any: InetAddr = IPV4_ANY;
  readonly #ip: Ipv4;
  readonly #flow4: Flow4 = new Flow4();
  readonly #header: Ipv4TxHeader = new Ipv4TxHeader();

  constructor(ip: Ipv4) {
    this.#ip = ip;
    this.#header.protocol = IPPROTO_TCP;
  }

  route(flow: Flow, bare: boolean = false): void {
    const flow4 = this.#flow4;
    const options = flow.netOptions as IpOptions | null;
    const faddr = options !== null && options.srr !== 0 ? options.faddr : undefined;
    flow4.to(faddr ?? (flow.daddr as number));
    flow4.saddr = flow.saddr as number;
    flow4.oif = flow.boundDev?.ifindex ?? 0;
    flow4.tos = flow.tos;
    flow4.mark = flow.mark;
    flow4.protocol = IPPROTO_TCP;
    flow4.sport = flow.sport;
    flow4.dport = flow.dport;
    flow4.uid = flow.uid;
    const err = this.#ip.routeOutput(flow4);
    if (err !== undefined) {
      if (!bare) this.#ip.mib.OutNoRoutes++;
      throw new KernelError(err);
    }
    const rt = this.#ip.rt as Rtable;
    flow.dst = rt;
    flow.saddr = flow4.saddr as Ipv4Addr;
    if (faddr === undefined) flow.daddr = flow4.daddr as Ipv4Addr;
    else if (!bare && options?.isStrict === true && rt.gateway !== 0)
      throw new KernelError('EHOSTUNREACH');
  }

  echoOptions(flow: Flow, skb: SkBuff): boolean {
    const echo = echoOptions(this.#ip, skb);
    flow.netOptions = echo ?? null;
    return echo !== undefined;
  }

  optionsLength(flow: Flow): number {
    return (flow.netOptions as IpOptions | null)?.data.length ?? 0;
  }

  checkConnect(flow: Flow): void {
    if (((flow.dst as Rtable).flags & (RTCF_MULTICAST | RTCF_BROADCAST)) !== 0)
      throw new KernelError('ENETUNREACH');
  }

  mtu(flow: Flow): number {
    return (flow.dst as Rtable).mtu(this.#ip.netns.sim, false);
  }

  gso(flow: Flow): boolean {
    return (flow.dst as Rtable).dev.tso;
  }

  xmit(skb: SkBuff, flow: Flow, bare: boolean = false): boolean {
    let rt = flow.dst as Rtable;
    if (rt.genid !== this.#ip.fib.genid) {
      if (!this.#reroute(flow)) {
        this.#ip.netns.drop(skb, 'ip_outnoroutes');
        return false;
      }
      rt = flow.dst as Rtable;
    }
    const header = this.#header;
    header.saddr = flow.saddr as number;
    header.daddr = flow.daddr as number;
    const options = flow.netOptions as IpOptions | null;
    if (options !== null) putOptions(this.#ip, header, options);
    header.tos = flow.tos;
    header.ttl = flow.ttl < 0 ? this.#ip.conf.ip_default_ttl : flow.ttl;
    const segments = Math.max(1, skb.gsoSegs);
    const whole = bare || flow.ipId < 0 || !rt.mtuLocked;
    header.fragOff = whole ? IP_DF : 0;
    header.id = whole
      ? flow.nextId(segments)
      : this.#ip.ident.next(header.saddr, header.daddr, IPPROTO_TCP);
    const sent = this.#ip.send(skb, rt, header);
    if (!sent && bare) this.#ip.mib.OutDiscards++;
    header.options = null;
    return sent;
  }

  /** The tables have changed since the route was found. `__sk_dst_check()` */
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
    const { conf } = this.#ip;
    return conf.ip_nonlocal_bind !== 0 || this.#ip.addrType(addr as number, dev) === 'local';
  }

  same(a: InetAddr, b: InetAddr): boolean {
    return a === b;
  }

  fold(addr: InetAddr): number {
    return addr as number;
  }

  pseudoSum(saddr: InetAddr, daddr: InetAddr, len: number): number {
    return pseudoSum4(saddr as Ipv4Addr, daddr as Ipv4Addr, IPPROTO_TCP, len);
  }

  replyTos(skb: SkBuff): number {
    return get8(skb.buf, skb.nh + Ipv4Off.tos) & ~3;
  }

  saddrOf(skb: SkBuff): InetAddr {
    return source(skb) as Ipv4Addr;
  }

  daddrOf(skb: SkBuff): InetAddr {
    return destination(skb) as Ipv4Addr;
  }

  foldSaddr(skb: SkBuff): number {
    return source(skb);
  }

  foldDaddr(skb: SkBuff): number {
    return destination(skb);
  }

  matches(flow: Flow, skb: SkBuff): boolean {
    if (flow.inet !== this || flow.daddr !== source(skb) || flow.saddr !== destination(skb))
      return false;
    return connectionHears(flow.boundDev, skb, this.#ip.conf.tcp_l3mdev_accept !== 0);
  }

  pseudoSumOf(skb: SkBuff, len: number): number {
    return pseudoSum4(source(skb) as Ipv4Addr, destination(skb) as Ipv4Addr, IPPROTO_TCP, len);
  }

  unicast(skb: SkBuff): boolean {
    return (
      skb.pktType === PACKET_HOST &&
      this.#ip.addrType(destination(skb), skb.dev as NetDevice | null) === 'local'
    );
  }
}
