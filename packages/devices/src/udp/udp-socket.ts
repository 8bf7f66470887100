import { put16 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { allocSkb, type SkBuff } from '@labwire/core/skb';
import { checksum, IPPROTO_UDP, UDP_HLEN, UdpOff } from '@labwire/core/wire';
import type { NetDevice } from '../link/net-device.ts';
import type { InetAddr } from '../rtnetlink/types.ts';
import { boundDevHears } from '../sock/bound-dev.ts';
import {
  type DatagramError,
  type DatagramFlow,
  type DatagramInet,
  meaningOf,
} from '../sock/datagram-inet.ts';
import { DatagramSocket } from '../sock/datagram-socket.ts';
import type { SockInfo } from '../sock/sock-diag.ts';
import type { SockAddr } from '../sock/socket.ts';
import type { UdpLayer } from './udp-layer.ts';

/** A UDP socket of either family. Linux net/ipv4/udp.c. */
export class UdpSocket extends DatagramSocket {
  readonly type = 'dgram';
  readonly protocol: number = IPPROTO_UDP;
  readonly #layer: UdpLayer;

  constructor(layer: UdpLayer, family: 'inet' | 'inet6') {
    super(layer.netns, family, layer);
    this.#layer = layer;
  }

  protected override checkPort(port: number): void {
    this.checkPrivilege(port);
  }

  protected override checkDestination(to: SockAddr | undefined): void {
    if (to?.port === 0) throw new KernelError('EINVAL');
  }

  protected hash(port: number): void {
    this.num = this.#layer.getPort(this, port);
  }

  protected unhash(): void {
    this.#layer.release(this);
  }

  override close(): void {
    super.close();
    this.num = 0;
  }

  protected transmit(data: Uint8Array, flow: DatagramFlow): void {
    const len = UDP_HLEN + data.length;
    this.checkLength(flow, len);
    const skb = allocSkb(len);
    const at = skb.put(len);
    const { buf } = skb;
    put16(buf, at + UdpOff.sport, flow.sport);
    put16(buf, at + UdpOff.dport, flow.dport);
    put16(buf, at + UdpOff.len, len);
    put16(buf, at + UdpOff.check, 0);
    buf.set(data, at + UDP_HLEN);
    const check = checksum(buf, at, len, flow.inet.pseudoSum(flow, len));
    put16(buf, at + UdpOff.check, check || 0xffff);
    flow.inet.xmit(skb, this, flow);
    this.#layer.mib(flow.inet.family).OutDatagrams++;
  }

  /** How well it fits a datagram: -1 not at all; the larger, the better. `compute_score()` */
  score(inet: DatagramInet, skb: SkBuff, sport: number): number {
    if (!this.hears(inet)) return -1;
    let score = this.family === inet.family ? 2 : 1;
    if (this.rcvSaddr !== undefined) {
      if (!sameFamily(this.rcvSaddr, inet) || !inet.isDaddr(skb, this.rcvSaddr)) return -1;
      score += 4;
    }
    if (this.daddr !== undefined) {
      if (!sameFamily(this.daddr, inet) || !inet.isSaddr(skb, this.daddr)) return -1;
      if (this.dport !== sport) return -1;
      score += 8;
    }
    const across = this.netns.ipv4.conf.udp_l3mdev_accept !== 0;
    if (!boundDevHears(this.boundDev, skb, across)) return -1;
    if (this.boundDev !== null) score += 4;
    return score;
  }

  /** Datagrams count as received when they are read. `udp_recvmsg()` */
  override recv(max: number): ReturnType<DatagramSocket['recv']> {
    const got = super.recv(max);
    if (got !== undefined) this.#layer.mib(familyOf(got.from?.addr)).InDatagrams++;
    return got;
  }

  /** Takes in a datagram; the packet stays the caller's. @returns whether there was room */
  deliver(skb: SkBuff, inet: DatagramInet, sport: number): boolean {
    return this.enqueue(skb, inet, skb.data + UDP_HLEN, sport);
  }

  /** An error about a datagram of its own, whose bytes from the UDP header on are `payload`. `__udp4_lib_err()` */
  error(error: DatagramError, payload: Uint8Array): void {
    const meaning = meaningOf(error);
    if (meaning === undefined) return;
    if (meaning.errno === 'EMSGSIZE' && this.pmtuDisc === 'dont') return;
    this.hearError(error, meaning.errno, meaning.fatal, payload);
  }

  /** Whether it is what a quoted datagram was sent by. */
  sent(inet: DatagramInet, skb: SkBuff, dport: number): boolean {
    if (!this.hears(inet)) return false;
    if (this.rcvSaddr !== undefined && !sameAs(inet, this.rcvSaddr, inet.saddrOf(skb)))
      return false;
    if (this.daddr === undefined) return true;
    return sameAs(inet, this.daddr, inet.daddrOf(skb)) && this.dport === dport;
  }

  /** Whether both cannot have one port. `inet_rcv_saddr_equal()`, `udp_lib_lport_inuse()` */
  conflicts(other: UdpSocket): boolean {
    if (this.reuseAddr && other.reuseAddr) return false;
    if (differ(this.boundDev, other.boundDev)) return false;
    if (this.reusePort && other.reusePort && this.uid === other.uid) return false;
    return this.#overlaps(other);
  }

  #overlaps(other: UdpSocket): boolean {
    const v4 = (s: UdpSocket) => s.family === 'inet' || s.#takesIpv4();
    const v6 = (s: UdpSocket) => s.family === 'inet6' && typeof s.rcvSaddr !== 'number';
    const a = this.rcvSaddr;
    const b = other.rcvSaddr;
    if (!(v4(this) && v4(other)) && !(v6(this) && v6(other))) return false;
    if (a === undefined || b === undefined) return true;
    return typeof a === typeof b && this.inet.same(a, b);
  }

  #takesIpv4(): boolean {
    return !this.v6only && (this.rcvSaddr === undefined || typeof this.rcvSaddr === 'number');
  }

  /** What sock_diag(7) tells of it. */
  describe(): SockInfo {
    return this.info('udp');
  }
}

function sameFamily(addr: InetAddr, inet: DatagramInet): boolean {
  return (typeof addr === 'number') === (inet.family === 'inet');
}

function sameAs(inet: DatagramInet, a: InetAddr, b: InetAddr): boolean {
  return sameFamily(a, inet) && inet.same(a, b);
}

function differ(a: NetDevice | null, b: NetDevice | null): boolean {
  return a !== null && b !== null && a !== b;
}

const familyOf = (addr: InetAddr | undefined): 'inet' | 'inet6' =>
  typeof addr === 'object' ? 'inet6' : 'inet';
